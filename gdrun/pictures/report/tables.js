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

/* What a link of the table leads to is folded out. */
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target?.tagName === "DETAILS") target.open = true;
}

addEventListener("hashchange", unfold);
unfold();

for (const section of document.querySelectorAll(".runs")) {
  section.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  section.querySelector("input").addEventListener("input", ({ target }) => filter(section, target.value));
  for (const button of section.querySelectorAll("th button")) {
    button.addEventListener("click", () => sort(button.closest("table"), button.parentElement));
  }
}
