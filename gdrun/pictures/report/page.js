"use strict";
(() => {
  const looks = JSON.parse(document.getElementById("looks").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [];

  const look = () => (dark.matches ? looks.dark : looks.light);
  const colour = (of, paint) => (typeof paint === "number" ? of.palette[paint % of.palette.length] : of[paint]);
  const tag = (renderer) => renderer.tags[0] || {};
  const figures = (chart) => chart.root.children.filter((child) => child.renderers);

  /* Colours: the text of a chart, what is drawn by the tags of its renderers, and the boxes of its legend. */
  function paint(chart, of) {
    for (const figure of figures(chart)) {
      figure.setv({ background_fill_color: of.paper, border_fill_color: of.paper });
      for (const axis of [...figure.below, ...figure.left]) {
        axis.setv({ axis_label_text_color: of.ink, major_label_text_color: of.ink, axis_line_color: of.ink,
          major_tick_line_color: of.ink, minor_tick_line_color: of.faint });
      }
      for (const grid of figure.center.filter((each) => "grid_line_color" in each.attributes)) grid.grid_line_color = of.faint;
      for (const renderer of figure.renderers) dye(renderer, of);
    }
  }

  function dye(renderer, of) {
    if (renderer.fill_renderer) {
      const fill = renderer.fill_renderer.data_source, count = fill.data.fill_color.length, last = of.ground.length - 1;
      const ground = Array.from({ length: count }, (_, i) => of.ground[Math.round((i * last) / Math.max(1, count - 1))]);
      fill.data = { ...fill.data, fill_color: ground };
      return;
    }
    const { paint } = tag(renderer);
    if (paint === undefined) return;
    for (const name of ["line_color", "fill_color"]) {
      if (name in renderer.glyph.attributes) renderer.glyph[name] = { value: colour(of, paint) };
    }
  }

  function swatches(of) {
    for (const box of document.querySelectorAll(".swatch")) {
      const { paint } = box.dataset;
      box.style.background = colour(of, /^\d+$/.test(paint) ? Number(paint) : paint);
    }
  }

  /* What is shown: candidates and parts of the data by their boxes. */
  function choose(chart) {
    const off = (name) => new Set([...chart.form.querySelectorAll(`input[name=${name}]:not(:checked)`)].map((box) => box.value));
    const keys = off("key"), parts = off("part");
    for (const figure of figures(chart)) {
      for (const renderer of figure.renderers) {
        const { key, part } = tag(renderer);
        if (!renderer.fill_renderer) renderer.visible = !keys.has(key) && !parts.has(part);
      }
    }
  }

  function turn(chart, select) {
    const across = figures(chart)[0].x_range, end = across.tags[0][select.value];
    across.setv({ start: 0, end, reset_start: 0, reset_end: end });
    for (const figure of figures(chart)) {
      figure.below[0].axis_label = select.selectedOptions[0].textContent;
      for (const renderer of figure.renderers) {
        if ("x" in renderer.glyph.attributes) renderer.glyph.x = { field: select.value };
      }
    }
  }

  function scale(chart, kind) {
    for (const figure of figures(chart)) {
      if (figure.name.startsWith("loss-")) figure.visible = figure.name === `loss-${kind}`;
    }
  }

  /* The slider: every path up to a step, by the same clock, and the loss there. */
  function go(chart, step) {
    chart.form.elements.at.value = step;
    const losses = new Map();
    for (const figure of figures(chart)) {
      const ways = new Map();
      for (const renderer of figure.renderers) {
        const { moves, run, key } = tag(renderer);
        if (moves === "whole") {
          ways.set(run, until(renderer.data_source.data, step));
          losses.set(key, [...(losses.get(key) || []), ways.get(run).loss.at(-1)]);
        } else if (moves === "way") {
          renderer.data_source.data = ways.get(run);
        } else if (moves === "head") {
          const { x, y } = ways.get(run);
          renderer.data_source.data = { x: x.slice(-1), y: y.slice(-1) };
        }
      }
    }
    for (const [key, found] of losses) {
      const middle = found.sort((a, b) => a - b)[Math.floor(found.length / 2)];
      chart.form.querySelector(`output[data-key="${key}"]`).value = Number(middle.toPrecision(4));
    }
  }

  function until({ x, y, step, loss }, at) {
    let count = step.length;
    while (count > 1 && step[count - 1] > at) count -= 1;
    const way = { x: [...x.slice(0, count)], y: [...y.slice(0, count)], loss: [...loss.slice(0, count)] };
    if (count < step.length && step[count - 1] < at) {
      const share = (at - step[count - 1]) / (step[count] - step[count - 1]);
      for (const [name, all] of [["x", x], ["y", y], ["loss", loss]]) {
        way[name].push(all[count - 1] + share * (all[count] - all[count - 1]));
      }
    }
    way.step = way.x.map((_, i) => (i < count ? step[i] : at));
    return way;
  }

  function listen(chart) {
    chart.form.addEventListener("submit", (event) => event.preventDefault());
    const does = {
      axis: (target) => turn(chart, target),
      scale: (target) => scale(chart, target.value),
      step: (target) => go(chart, Number(target.value)),
      key: () => choose(chart),
      part: () => choose(chart),
    };
    for (const event of ["input", "change"]) {
      chart.form.addEventListener(event, ({ target }) => does[target.name]?.(target));
    }
    if (chart.form.elements.step) go(chart, Number(chart.form.elements.step.value));
  }

  async function embed(data) {
    const section = document.getElementById(data.dataset.chart);
    const place = document.getElementById(`${data.dataset.chart}-plot`);
    const views = await Bokeh.embed.embed_item(JSON.parse(data.textContent), place.id);
    const view = [...views][0];
    const chart = { section, place, form: section.querySelector("form"), view, root: view.model };
    charts.push(chart);
    paint(chart, look());
    listen(chart);
  }

  /* Tables. */
  function sort(table, heading) {
    const headings = [...heading.parentElement.children], column = headings.indexOf(heading);
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const each of headings) each.setAttribute("aria-sort", each === heading ? (up ? "ascending" : "descending") : "none");
    const value = (row) => row.children[column].dataset.value ?? row.children[column].textContent;
    const body = table.tBodies[0], rows = [...body.rows].map((row) => [value(row), row]);
    rows.sort(([a], [b]) => {
      if (!a || !b) return !a - !b; // what is empty comes last, either way
      const numbers = [Number(a), Number(b)];
      const order = numbers.some(Number.isNaN) ? a.localeCompare(b) : numbers[0] - numbers[1];
      return up ? order : -order;
    });
    body.append(...rows.map(([, row]) => row));
  }

  function filter(section, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean), rows = [...section.querySelectorAll("tbody tr")];
    for (const row of rows) {
      const content = [...row.children].map((cell) => cell.textContent.toLowerCase()).join(" ");
      row.classList.toggle("hidden", !words.every((word) => content.includes(word)));
    }
    const shown = rows.filter((row) => !row.classList.contains("hidden")).length;
    section.querySelector("output").value = `${shown} of ${rows.length}`;
  }

  for (const section of document.querySelectorAll(".runs")) {
    section.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    section.querySelector("input").addEventListener("input", ({ target }) => filter(section, target.value));
    for (const button of section.querySelectorAll("th button")) {
      button.addEventListener("click", () => sort(button.closest("table"), button.parentElement));
    }
  }

  /* Paper: pictures as wide as it is, in light colours; everything folded out. */
  let folded = [];
  addEventListener("beforeprint", () => {
    swatches(looks.light);
    for (const chart of charts) {
      paint(chart, looks.light);
      for (const view of chart.view.child_views.filter((each) => each.model.visible)) {
        const image = new Image();
        image.src = view.export("png").canvas.toDataURL();
        chart.place.append(image);
      }
    }
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const image of document.querySelectorAll(".plot img")) image.remove();
    for (const each of folded) each.open = false;
    repaint();
  });

  function repaint() {
    swatches(look());
    for (const chart of charts) paint(chart, look());
  }

  dark.addEventListener("change", repaint);
  swatches(look());
  Promise.all([...document.querySelectorAll(".chart-data")].map(embed)).then(() => {
    document.documentElement.dataset.ready = "yes";
  });
})();
