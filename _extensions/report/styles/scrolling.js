// What scrolls sideways is a stop of the tabulator, and only where it does: on pages of both renderers.
(function () {
  "use strict";

  function tabStops() {
    document.querySelectorAll(".table-scroll, .cell-output-display").forEach(function (region) {
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
      else region.removeAttribute("tabindex");
    });
  }
  window.addEventListener("resize", tabStops);
  window.addEventListener("load", tabStops);
  tabStops();
})();
