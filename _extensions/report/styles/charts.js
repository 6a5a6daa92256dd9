// Charts to explore: plotly.js is loaded when a reader asks for one, and never before; the page names
// it in a template, which loads nothing by itself. Without a script the drawing says all there is.
(function () {
  "use strict";

  var library = document.getElementById("plotly");
  var loading = null;
  var translated = JSON.parse((document.getElementById("script-words") || { textContent: "{}" }).textContent);
  function inLanguage(words) { return translated[words] || words; }

  function plotly() {
    if (window.Plotly) return Promise.resolve();
    loading = loading || new Promise(function (done, failed) {
      var script = document.importNode(library.content, true).firstElementChild;
      script.onload = done;
      script.onerror = failed;
      document.head.appendChild(script);
    });
    return loading;
  }

  // Every point of the chart in order, for the arrow keys.
  function points(plot) {
    var found = [];
    plot.data.forEach(function (trace, curve) {
      (trace.x || []).forEach(function (_, place) {
        if (trace.hoverinfo !== "skip" && trace.y[place] !== null) found.push({ curveNumber: curve, pointNumber: place });
      });
    });
    return found;
  }

  function words(plot, at) {
    var trace = plot.data[at.curveNumber];
    var text = trace.text && trace.text[at.pointNumber];
    var said = text && /[a-z]/i.test(text) ? text : [trace.y[at.pointNumber], trace.name, text || trace.x[at.pointNumber]].filter(Boolean).join(": ");
    return String(said).replace(/<br>/g, ", ");
  }

  function draw(chart, spec, label) {
    var plot = document.createElement("div");
    plot.className = "chart-plot";
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", label + " " + inLanguage("Use the arrow keys to go from point to point."));
    var said = document.createElement("p");
    said.className = "chart-said";
    said.setAttribute("aria-live", "polite");
    chart.insertBefore(plot, chart.querySelector(".chart-explore"));
    chart.insertBefore(said, plot.nextSibling);
    return window.Plotly.newPlot(plot, spec.data, spec.layout, { displayModeBar: false, responsive: true }).then(function () {
      var all = points(plot);
      var place = -1;
      plot.addEventListener("keydown", function (event) {
        var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step || !all.length) return;
        event.preventDefault();
        place = place < 0 && step < 0 ? all.length - 1 : (place + step + all.length) % all.length;
        window.Plotly.Fx.hover(plot, [all[place]]);
        said.textContent = words(plot, all[place]);
      });
      return plot;
    });
  }

  if (!library) return;
  document.querySelectorAll(".chart > .chart-data").forEach(function (data) {
    var chart = data.parentNode;
    var label = chart.querySelector(".chart-drawing").getAttribute("aria-label") || "";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "chart-explore";
    button.textContent = inLanguage("Explore this chart");
    chart.appendChild(button);
    var plot = null;
    var on = false;
    button.addEventListener("click", function () {
      on = !on;
      plotly().then(function () {
        chart.classList.toggle("explored", on);
        button.textContent = inLanguage(on ? "Show the drawing" : "Explore this chart");
        if (!plot && on) return draw(chart, JSON.parse(data.textContent), label.split(". ")[0] + ".").then(function (made) { plot = made; });
        if (plot) {
          plot.hidden = !on;
          chart.querySelector(".chart-said").hidden = !on;
          if (on) window.Plotly.Plots.resize(plot);
        }
      });
    });
  });
})();
