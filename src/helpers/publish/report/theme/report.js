// Tables that the reader searches, filters and sorts.
"use strict";
for (const node of document.querySelectorAll("table.sortable")) {
  const told = JSON.parse(node.dataset.told);
  const heads = [...node.querySelectorAll("thead th")].map((one) => one.textContent);
  const box = node.closest(".wide");
  const table = new DataTable(node, {
    paging: false,
    order: [],
    autoWidth: false,
    columnControl: [],
    layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
    language: {
      zeroRecords: told.none,
      emptyTable: told.none,
      aria: { orderable: ` ${told.sort}`, orderableReverse: ` ${told.sort}`, orderableRemove: ` ${told.sort}` },
    },
  });
  const bar = document.createElement("div");
  bar.className = "bar";
  const field = (text, control) => {
    const label = document.createElement("label");
    label.append(text, control);
    bar.append(label);
  };
  const search = document.createElement("input");
  search.type = "search";
  search.addEventListener("input", () => table.search(search.value).draw());
  field(told.search, search);
  for (const place of told.filters) {
    const choice = document.createElement("select");
    choice.dataset.column = place;
    choice.append(new Option(told.all, ""));
    const values = new Set(table.column(place).nodes().toArray().map((one) => one.textContent));
    for (const value of values) choice.append(new Option(value, value));
    choice.addEventListener("change", () =>
      table.column(place).search(choice.value, { exact: choice.value !== "" }).draw()
    );
    field(heads[place], choice);
  }
  const count = document.createElement("output");
  const tell = () => {
    const shown = table.rows({ search: "applied" }).count();
    const all = table.rows().count();
    const info = told.info.replace("_TOTAL_", shown);
    count.textContent = shown === all ? info : `${info} ${told.filtered.replace("_MAX_", all)}`;
  };
  table.on("draw", tell);
  tell();
  bar.append(count);
  box.before(bar);
}
// A link to a source or figure inside something folded opens it.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target && target.closest("details"); one; one = one.parentElement.closest("details")) {
    one.open = true;
  }
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", reveal);
if (location.hash) reveal();
document.documentElement.dataset.ready = "yes";
