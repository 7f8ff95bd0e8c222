/* The slider: every path up to a step, by the same clock, and the loss there.

A source has the points of many paths one after the other, each from step 0 on. */
function pathsOf(source) {
  const { x, y, step, loss } = source.data, paths = [];
  const part = (column, begin, end) => Array.prototype.slice.call(column, begin, end); // Bokeh's arrays slice badly
  let begin = 0;
  for (let i = 1; i <= step.length; i += 1) {
    if (i < step.length && step[i] > step[i - 1]) continue;
    const [own, also, at] = [x, y, step].map((column) => part(column, begin, i));
    paths.push({ x: own, y: also, step: at, loss: loss && part(loss, begin, i) });
    begin = i;
  }
  return paths;
}

function until({ x, y, step, loss }, at) {
  let low = 1, high = step.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (step[middle - 1] <= at) low = middle;
    else high = middle - 1;
  }
  const way = { x: x.slice(0, low), y: y.slice(0, low), loss: loss?.[low - 1] };
  if (low < step.length && step[low - 1] < at) {
    const share = (at - step[low - 1]) / (step[low] - step[low - 1]);
    const between = (all) => all[low - 1] + share * (all[low] - all[low - 1]);
    way.x.push(between(x));
    way.y.push(between(y));
    if (loss) way.loss = between(loss);
  }
  return way;
}

function go(chart, step) {
  chart.form.elements.at.value = step;
  const found = new Map();
  for (const renderer of chart.moving) {
    const { moves, along, key } = tag(renderer), { data_source: source } = renderer;
    if (!found.has(along)) {
      if (!chart.paths.has(along)) chart.paths.set(along, pathsOf(along));
      found.set(along, chart.paths.get(along).map((path) => until(path, step)));
      tell(chart, key, found.get(along));
    }
    const ways = moves === "whole" ? chart.paths.get(along) : found.get(along);
    if (moves === "head") {
      source.data = { ...source.data, x: ways.map(({ x }) => x.at(-1)), y: ways.map(({ y }) => y.at(-1)) };
    } else if (moves === "way" || source.data.xs.length === 0) {
      source.data = { ...source.data, xs: ways.map(({ x }) => x), ys: ways.map(({ y }) => y) };
    }
  }
}

/* The median of the losses, beside the candidate. */
function tell(chart, key, ways) {
  const losses = ways.map(({ loss }) => loss).filter((loss) => loss !== undefined).sort((a, b) => a - b);
  if (losses.length === 0) return;
  chart.form.querySelector(`output[data-key="${key}"]`).value = Number(losses[Math.floor(losses.length / 2)].toPrecision(4));
}
