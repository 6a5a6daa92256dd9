// Search over a report's pages: nothing is asked of a server. Without scripts there is no search
// field, and the page's own is in the browser.
(function () {
  "use strict";

  var MOST = 12, AROUND = 70;
  var sections = window.reportSections, own = document.currentScript.dataset.root || "";
  var place = document.querySelector("nav.sidebar, #quarto-sidebar");
  if (!sections || !place) return;
  var translated = JSON.parse((document.getElementById("script-words") || { textContent: "{}" }).textContent);
  function inLanguage(words) { return translated[words] || words; }

  var form = document.createElement("form");
  form.className = "report-search";
  form.setAttribute("role", "search");
  var label = document.createElement("label"), field = document.createElement("input");
  var said = document.createElement("p"), list = document.createElement("ul");
  label.textContent = inLanguage("Search this report");
  label.htmlFor = field.id = "report-search";
  field.type = "search";
  field.autocomplete = "off";
  said.setAttribute("role", "status");
  form.append(label, field, said, list);
  place.insertBefore(form, place.firstChild);

  function plain(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  }
  var read = sections.map(function (section) {
    return { page: section[0], anchor: section[1], title: section[2], text: section[3], inTitle: plain(section[2]), inText: plain(section[3]) };
  });

  // Every word has to begin a word of the section; what is in its title counts more.
  function score(section, words) {
    var sum = 0;
    for (var n = 0; n < words.length; n++) {
      var begins = new RegExp("(^|[^\\p{L}\\p{N}])" + words[n].replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "u");
      var title = begins.test(section.inTitle), text = begins.test(section.inText);
      if (!title && !text) return 0;
      sum += (title ? 5 : 0) + (text ? 1 : 0);
    }
    return sum;
  }

  function around(section, words) {
    var at = section.inText.indexOf(words[0]);
    if (at < 0) return section.text.slice(0, 2 * AROUND) + (section.text.length > 2 * AROUND ? " …" : "");
    var from = Math.max(0, at - AROUND), to = Math.min(section.text.length, at + AROUND);
    // No word is cut at the beginning, unless it is the whole of it.
    if (from) from = section.text.indexOf(" ", from) + 1 || from;
    return (from ? "… " : "") + section.text.slice(Math.min(from, at), to).trim() + (to < section.text.length ? " …" : "");
  }

  function search() {
    var words = plain(field.value).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    said.textContent = "";
    if (!words.length || words.join("").length < 2) return;
    var found = read.map(function (section) { return [score(section, words), section]; })
      .filter(function (each) { return each[0]; })
      .sort(function (a, b) { return b[0] - a[0]; });
    var told = !found.length ? "Nothing found." : found.length === 1 ? "One section found." : found.length > MOST ? "{number} sections found, the first {most} shown." : "{number} sections found.";
    said.textContent = inLanguage(told).replace("{number}", found.length).replace("{most}", MOST);
    found.slice(0, MOST).forEach(function (each) {
      var entry = document.createElement("li"), link = document.createElement("a"), text = document.createElement("span");
      link.href = own + each[1].page + (each[1].anchor ? "#" + encodeURIComponent(each[1].anchor) : "");
      link.textContent = each[1].title;
      text.textContent = around(each[1], words);
      entry.append(link, text);
      list.appendChild(entry);
    });
  }

  field.addEventListener("input", search);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  field.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { field.value = ""; search(); }
  });
})();
