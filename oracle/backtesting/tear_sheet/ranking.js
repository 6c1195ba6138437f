(function () {
  const shades = ["#1f5eff", "#0a8a55", "#c47f17", "#8a4fd3", "#c9372c", "#1793a8", "#68707d"];

  function drawPoints() {
    const names = data.strategies.map((each) => each.name);
    const traces = data.parts.map((part, at) => ({ type: "bar", orientation: "h", y: names, x: data.strategies.map((each) => each.points[at]),
      name: part, marker: { color: shades[at % shades.length] }, hovertemplate: "%{x:.1f}" }));
    Plotly.react("points", traces, layout({ barmode: "stack", legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", traceorder: "normal" }, bargap: 0.35, hovermode: "y unified", xaxis: { range: [0, 100] },
      yaxis: { autorange: "reversed", type: "category" } }), plain);
  }

  function drawCurves() {
    const traces = data.strategies.map((each, at) => ({ x: each.time, y: each.equity, name: each.name, mode: "lines",
      line: { color: shades[at % shades.length], width: 1.5 }, hovertemplate: "%{y:.1f}" }));
    Plotly.react("curves", traces, layout({ xaxis: { type: "date" } }), plain);
  }

  drawInTheme(() => { drawPoints(); drawCurves(); });
})();
