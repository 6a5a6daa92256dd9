// Tabs, the menu on phones, and charts that follow the width. Every page is whole without it.
(function () {
  "use strict";

  function resizeCharts(within) {
    if (!window.Plotly) return;
    within.querySelectorAll(".js-plotly-plot").forEach(function (chart) {
      if (chart.offsetParent === null) return;
      if (chart.layout && chart.layout.width) {
        window.Plotly.relayout(chart, { width: null, autosize: true });
      }
      window.Plotly.Plots.resize(chart);
    });
  }

  function makeTabs(tabset) {
    var panels = Array.prototype.filter.call(tabset.children, function (child) {
      return child.classList.contains("tab-panel");
    });
    var list = document.createElement("div");
    list.className = "tab-list";
    list.setAttribute("role", "tablist");
    var tabs = panels.map(function (panel) {
      var title = panel.querySelector(".tab-title");
      var tab = document.createElement("button");
      tab.type = "button";
      tab.id = title.id + "-tab";
      tab.textContent = title.textContent.trim();
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      panel.tabIndex = 0;
      list.appendChild(tab);
      return tab;
    });

    function select(chosen, focus) {
      tabs.forEach(function (tab, index) {
        tab.setAttribute("aria-selected", String(index === chosen));
        tab.tabIndex = index === chosen ? 0 : -1;
        panels[index].hidden = index !== chosen;
      });
      if (focus) tabs[chosen].focus();
      resizeCharts(panels[chosen]);
    }

    tabs.forEach(function (tab, index) {
      tab.addEventListener("click", function () { select(index, false); });
      tab.addEventListener("keydown", function (event) {
        var last = tabs.length - 1;
        var next = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        select(next, true);
      });
    });
    tabset.insertBefore(list, tabset.firstChild);
    tabset.classList.add("ready");
    select(0, false);

    // A link may point into a tab that is not showing.
    function reveal() {
      var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      panels.forEach(function (panel, index) {
        if (target && panel.contains(target) && panel.hidden) {
          select(index, false);
          target.scrollIntoView();
        }
      });
    }
    window.addEventListener("hashchange", reveal);
    reveal();
  }

  document.querySelectorAll(".tabset").forEach(makeTabs);

  var wide = window.matchMedia("(min-width: 60rem)");
  function fitMenu() {
    document.querySelectorAll(".menu").forEach(function (menu) { menu.open = wide.matches; });
  }
  wide.addEventListener("change", fitMenu);
  fitMenu();

  window.addEventListener("resize", function () { resizeCharts(document); });
  window.addEventListener("load", function () { resizeCharts(document); });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details.callout").forEach(function (callout) { callout.open = true; });
  });
})();
