// A field above each long list of reports: what does not hold the words typed is hidden. Without
// scripts the list is whole, and the browser's own search does the same.
(function () {
  "use strict";

  function plain(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  }
  document.querySelectorAll("[data-filter]").forEach(function (list, number) {
    var entries = Array.from(list.querySelectorAll("tbody tr, li"));
    var texts = entries.map(function (entry) { return plain(entry.textContent); });
    var form = document.createElement("form"), label = document.createElement("label");
    var field = document.createElement("input"), said = document.createElement("p");
    form.className = "report-search";
    form.setAttribute("role", "search");
    label.textContent = list.dataset.filter;
    label.htmlFor = field.id = "filter-" + number;
    field.type = "search";
    field.autocomplete = "off";
    said.setAttribute("role", "status");
    form.append(label, field, said);
    list.parentNode.insertBefore(form, list);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    field.addEventListener("input", function () {
      var words = plain(field.value).split(/\s+/).filter(Boolean), shown = 0;
      entries.forEach(function (entry, place) {
        var here = words.every(function (word) { return texts[place].includes(word); });
        entry.hidden = !here;
        shown += here;
      });
      said.textContent = words.length
        ? list.dataset.found.replace("{shown}", shown).replace("{of}", entries.length) : "";
    });
  });
})();
