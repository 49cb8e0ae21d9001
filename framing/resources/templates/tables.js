"use strict";
// Sorting and filtering of tables. Only cells are moved and hidden; nothing is read but the page itself.
const NUMBER = /^[<>≤≥≈~]?\s*[+\-−]?(?:\d[\d,]*)?\.?\d+(?:e[+\-]?\d+)?\s*%?(?:[\s(,;].*)?$/;
const MISSING = new Set(["", "–", "—", "-"]);
const FEW = 12;

const text = (row, column) => (row.cells[column] ? row.cells[column].textContent.trim() : "");
const number = (shown) => {
  const digits = shown.replace(/^[<>≤≥≈~]\s*/, "").replace(/−/g, "-").replace(/,/g, "");
  return parseFloat(digits);
};

// Every shown value is a number, alone or before a remark such as an interval.
const isNumeric = (rows, column) => {
  const shown = rows.map((row) => text(row, column)).filter((value) => !MISSING.has(value));
  return shown.length > 0 && shown.every((value) => NUMBER.test(value));
};

const order = (rows, column, down) => {
  const numeric = isNumeric(rows, column);
  const compare = numeric ? (a, b) => number(a) - number(b) : (a, b) => a.localeCompare(b, "en", { numeric: true });
  return [...rows].sort((one, other) => {
    const a = text(one, column), b = text(other, column);
    const gone = MISSING.has(a) - MISSING.has(b);
    return gone || (down ? compare(b, a) : compare(a, b));
  });
};

const regroup = (body) => {
  let last = null;
  for (const row of body.rows) {
    if (row.hidden) continue;
    row.classList.toggle("fr-same", last !== null && text(row, 0) === last);
    last = text(row, 0);
  }
};

const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

const sortable = (table, body, rows) => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fr-sort";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const way = NEXT[head.getAttribute("aria-sort")];
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", way);
      body.append(...(way === "none" ? rows : order(rows, column, way === "descending")));
      regroup(body);
    });
  });
};

let filters = 0;
const filterable = (table, body, rows) => {
  const box = document.createElement("div"), label = document.createElement("label");
  const input = document.createElement("input"), count = document.createElement("span");
  const name = table.caption ? table.caption.textContent : "";
  box.className = "fr-filter";
  input.type = "search";
  input.id = "fr-filter-" + (filters += 1);
  input.autocomplete = "off";
  input.setAttribute("aria-label", "Filter rows: " + name);
  label.htmlFor = input.id;
  label.textContent = "Filter rows";
  count.setAttribute("role", "status");
  box.append(label, input, count);
  table.closest(".fr-table").before(box);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLocaleLowerCase("en");
    let kept = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLocaleLowerCase("en").includes(wanted);
      kept += !row.hidden;
    }
    count.textContent = wanted ? kept + " of " + rows.length + " rows" : "";
    regroup(body);
  });
};

for (const table of document.querySelectorAll(".fr-table > table")) {
  const body = table.tBodies[0];
  if (!table.tHead || !body || table.tHead.rows.length !== 1) continue;
  const rows = [...body.rows];
  if (rows.length > 1) sortable(table, body, rows);
  if (rows.length > FEW) filterable(table, body, rows);
}
