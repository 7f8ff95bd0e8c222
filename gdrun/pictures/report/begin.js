dark.addEventListener("change", repaint);
swatches(look());
Promise.all([...document.querySelectorAll(".chart-data")].map(embed)).then(() => {
  document.documentElement.dataset.ready = "yes";
});
