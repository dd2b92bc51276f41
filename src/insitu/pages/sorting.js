// Tables of the class "sorts": a click on a head sorts by it, words in the field above keep the rows that have them all.
"use strict";
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells], rows = [...body.rows];
  const value = (row, at) => {
    const cell = row.cells[at], found = parseFloat(cell.dataset.value ?? cell.textContent.replaceAll(",", "").replace("\u2212", "-"));
    return heads[at].classList.contains("number") ? found : cell.textContent;
  };
  const compared = (a, b) => typeof a === "string" ? a.localeCompare(b) : a - b;
  const sort = (at, down) => {
    const known = row => !Number.isNaN(value(row, at));
    rows.sort((a, b) => known(b) - known(a) || (known(a) ? (down ? -1 : 1) * compared(value(a, at), value(b, at)) : 0));
    body.append(...rows);
    heads.forEach((head, i) => i === at ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(at, now ? now === "ascending" : head.classList.contains("number"));
    });
    head.append(button);
  });
  const field = document.createElement("input"), label = document.createElement("label"), count = document.createElement("output");
  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    rows.forEach(row => { row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word)); });
    count.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} rows`;
  };
  field.type = "search";
  field.addEventListener("input", filter);
  label.append("Rows with ", field);
  const above = document.createElement("p");
  above.className = "filter";
  above.append(label, " ", count);
  table.closest(".scroll").before(above);
  filter();
}
