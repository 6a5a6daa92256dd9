// Each number of the ledger can be asked where it comes from. The page is whole without this: it
// makes buttons of numbers, and shows what the page's data say of one in a panel beside it.
(function () {
  "use strict";

  var element = document.getElementById("numbers");
  if (!element) return;
  var data = JSON.parse(element.textContent);
  var PARTS = 4, INTERVAL = 4, ORIGIN = 5;
  var WHOSE = 0, QUESTION = 1, METHOD = 2, WORKED_OUT = 3, WAVES = 4, FILES = 5, PEOPLE = 6, RULE = 7;
  var panel = null, opener = null;
  // What the page's language says for words of this script, where it is not English.
  var translated = JSON.parse((document.getElementById("script-words") || { textContent: "{}" }).textContent);
  function inLanguage(words) { return translated[words] || words; }

  function word(place, field) { return data.strings[data.numbers[place][field]]; }

  function shared(place, field) { return data.strings[data.origins[data.numbers[place][ORIGIN]][field]]; }

  function id(place) {
    var parts = [];
    for (var part = 0; part < PARTS; part++) parts.push(word(place, part));
    return parts.join(".");
  }

  // One tab stop for each table and each text: arrows lead from number to number.
  function button(group, content, places) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "number-asked";
    made.setAttribute("aria-haspopup", "dialog");
    made.setAttribute("aria-expanded", "false");
    made.tabIndex = group.length ? -1 : 0;
    made.dataset.places = places.join(" ");
    while (content.firstChild) made.appendChild(content.firstChild);
    content.appendChild(made);
    group.push(made);
  }

  var groups = [];
  Object.keys(data.tables).forEach(function (label) {
    var place = document.getElementById(label);
    var body = place && place.querySelector("tbody");
    if (!body) return;
    var group = [];
    data.tables[label].forEach(function (cells, r) {
      cells.forEach(function (places, c) {
        var cell = places !== null && body.rows[r] && body.rows[r].cells[c];
        if (cell && !cell.querySelector("a, button")) button(group, cell, [].concat(places));
      });
    });
    groups.push(group);
  });
  // A button is a thing of its own to the browser, which would put it on the next line without the
  // bracket before it or the sign after it.
  function joined(number) {
    var before = number.previousSibling, after = number.nextSibling, whole = document.createElement("span");
    var opens = before && before.nodeType === 3 ? /[^\s\p{L}\p{N}]*$/u.exec(before.data)[0] : "";
    var closes = after && after.nodeType === 3 ? /^[^\s\p{L}\p{N}]*/u.exec(after.data)[0] : "";
    if (!opens && !closes) return;
    whole.style.whiteSpace = "nowrap";
    number.replaceWith(whole);
    if (opens) before.data = before.data.slice(0, -opens.length);
    if (closes) after.data = after.data.slice(closes.length);
    whole.append(opens, number, closes);
  }
  var texts = new Map();
  document.querySelectorAll(".number[data-of]").forEach(function (number) {
    var place = data.texts[number.dataset.of];
    if (place === undefined || number.closest("a, button, summary")) return;
    var text = number.closest("p, li, td, dd, h2, h3, h4") || number.parentNode;
    if (!texts.has(text)) texts.set(text, []);
    button(texts.get(text), number, [place]);
    joined(number);
  });
  texts.forEach(function (group) { groups.push(group); });

  function line(list, name, text) {
    if (!text) return;
    var term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = inLanguage(name);
    said.textContent = text;
    // Methods are told in the words of the ledger, which are English.
    if (name === "Method" && document.documentElement.lang.slice(0, 2) !== "en") said.lang = "en";
    list.append(term, said);
  }

  function told(place, shown) {
    var list = document.createElement("dl");
    line(list, "Value", shown);
    line(list, "95% interval", word(place, INTERVAL));
    line(list, "Of", shared(place, WHOSE) + (shared(place, PEOPLE) ? ", " + shared(place, PEOPLE) : ""));
    line(list, "Question", shared(place, QUESTION));
    line(list, "When", shared(place, WAVES));
    line(list, "Method", shared(place, METHOD));
    line(list, "Worked out by", shared(place, WORKED_OUT));
    line(list, "From", shared(place, FILES));
    line(list, "Release", shared(place, RULE));
    line(list, "Id", id(place));
    return list;
  }

  function close(back) {
    if (!panel) return;
    panel.remove();
    panel = null;
    opener.setAttribute("aria-expanded", "false");
    if (back) opener.focus();
  }

  function open(asked) {
    close(false);
    opener = asked;
    opener.setAttribute("aria-expanded", "true");
    panel = document.createElement("div");
    panel.className = "number-panel";
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-labelledby", "number-panel-title");
    panel.tabIndex = -1;
    var title = document.createElement("p");
    title.id = "number-panel-title";
    title.textContent = inLanguage("Where this number comes from");
    var end = document.createElement("button");
    end.type = "button";
    end.className = "number-close";
    end.textContent = inLanguage("Close");
    panel.append(title, end);
    var places = asked.dataset.places.split(" ").map(Number);
    places.forEach(function (place) {
      panel.appendChild(told(place, places.length === 1 ? asked.textContent.trim() : ""));
    });
    // Within the page's main part, where what is read belongs.
    (document.querySelector("main") || document.body).appendChild(panel);
    var box = asked.getBoundingClientRect(), frame = document.documentElement;
    var left = Math.max(8, Math.min(box.left, frame.clientWidth - panel.offsetWidth - 8));
    var below = box.bottom + 6;
    var top = below + panel.offsetHeight < frame.clientHeight ? below : Math.max(8, box.top - panel.offsetHeight - 6);
    // It belongs to its place on the page, and scrolls with it.
    var origin = (panel.offsetParent || document.body).getBoundingClientRect();
    panel.style.left = left - origin.left + "px";
    panel.style.top = top - origin.top + "px";
    panel.focus({ preventScroll: true });
  }

  document.addEventListener("click", function (event) {
    var asked = event.target.closest(".number-asked");
    if (asked) {
      if (panel && asked === opener) close(true);
      else open(asked);
    } else if (event.target.closest(".number-close")) close(true);
    else if (panel && !panel.contains(event.target)) close(false);
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && panel) {
      event.preventDefault();
      close(true);
      return;
    }
    if (panel && event.key === "Tab" && panel.contains(event.target)) {
      // The panel has one button: to go on from it is to go on from the number.
      var end = panel.querySelector(".number-close");
      if (event.target === end || event.shiftKey) close(true);
      return;
    }
    var asked = event.target.closest && event.target.closest(".number-asked");
    var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!asked || (!step && event.key !== "Home" && event.key !== "End")) return;
    var group = groups.find(function (each) { return each.indexOf(asked) >= 0; });
    var next = event.key === "Home" ? 0 : event.key === "End" ? group.length - 1 : group.indexOf(asked) + step;
    if (!group[next]) return;
    event.preventDefault();
    asked.tabIndex = -1;
    group[next].tabIndex = 0;
    group[next].focus();
  });

  window.addEventListener("resize", function () { close(false); });
})();
