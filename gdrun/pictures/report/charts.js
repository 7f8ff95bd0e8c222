"use strict";
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

function repaint() {
  swatches(look());
  for (const chart of charts) paint(chart, look());
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
  const chart = { section, place, form: section.querySelector("form"), view, root: view.model, paths: new Map() };
  chart.moving = figures(chart).flatMap((figure) => figure.renderers).filter((each) => tag(each).moves);
  charts.push(chart);
  paint(chart, look());
  listen(chart);
}
