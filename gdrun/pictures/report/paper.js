/* Paper: pictures as wide as it is, in light colours; all details folded out, those of sixty runs at most. */
const UNFOLDED = "details:not([open]):not(.told details:nth-of-type(n + 61))";
let folded = [];
addEventListener("beforeprint", () => {
  swatches(looks.light);
  for (const chart of charts) paint(chart, looks.light);
});
/* Bokeh takes in new colours when the listener before has returned. */
addEventListener("beforeprint", () => {
  for (const chart of charts) {
    for (const view of chart.view.child_views.filter((each) => each.model.visible)) {
      const image = new Image();
      image.src = view.export("png").canvas.toDataURL();
      chart.place.append(image);
    }
  }
  folded = [...document.querySelectorAll(UNFOLDED)];
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const image of document.querySelectorAll(".plot img")) image.remove();
  for (const each of folded) each.open = false;
  repaint();
});
