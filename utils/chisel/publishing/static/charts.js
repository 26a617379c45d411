// Draws the charts that chisel.core.plotting wrote as data, and lets them follow the page's light or dark theme.
(function () {
  "use strict";

  const COLOURS = { light: "#3d444d", dark: "#ced6dd" };
  const LEAST_PLOT_HEIGHT = 310; // pixels: room for an axis title of about 40 letters
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };

  function theme() {
    return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
  }

  function inColour(layout, colour) {
    const changed = Object.assign({}, layout, { font: Object.assign({}, layout.font, { color: colour }) });
    changed.hoverlabel = { font: { color: "#ffffff" } };
    changed.sliders = (layout.sliders || []).map((slider) =>
      Object.assign({}, slider, {
        font: Object.assign({}, slider.font, { color: colour }),
        currentvalue: Object.assign({}, slider.currentvalue, { font: { color: colour } }),
      })
    );
    return changed;
  }

  // A legend of many rows, as on a phone, eats into the plot: give back the height that it took.
  function leaveRoom(chart) {
    const full = chart._fullLayout;
    const missing = LEAST_PLOT_HEIGHT - full._size.h;
    return missing > 1 ? Plotly.relayout(chart, { height: full.height + missing }) : chart;
  }

  function draw(script) {
    const chart = document.getElementById(script.dataset.for);
    const figure = JSON.parse(script.textContent);
    chart.replaceChildren();
    const layout = inColour(figure.layout, COLOURS[theme()]);
    return Plotly.newPlot(chart, { data: figure.data, layout, frames: figure.frames || [], config: CONFIG }).then(leaveRoom);
  }

  function recolour(name) {
    document.querySelectorAll(".chisel-chart.js-plotly-plot").forEach((chart) => {
      const change = { "font.color": COLOURS[name] };
      (chart.layout.sliders || []).forEach((_, i) => {
        change[`sliders[${i}].font.color`] = COLOURS[name];
        change[`sliders[${i}].currentvalue.font.color`] = COLOURS[name];
      });
      Plotly.relayout(chart, change);
    });
  }

  function start() {
    document.querySelectorAll("script.chisel-chart-data").forEach(draw);
    new MutationObserver(() => recolour(theme())).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
    window.addEventListener("beforeprint", () => recolour("light"));
    window.addEventListener("afterprint", () => recolour(theme()));
  }

  // Deferred scripts run before DOMContentLoaded, but a page may also load this one late.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
