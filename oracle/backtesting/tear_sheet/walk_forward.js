(function () {
  function drawEquity() {
    const line = (y, name, shade, axis, extra) => ({
      x: data.time, y, name, yaxis: axis, mode: "lines", line: { color: shade, width: 1.6 }, ...extra });
    const traces = [
      line(data.equity, "Fitted", colour("accent"), "y", { text: data.window.map((at) => at === null ? "" : "window " + at), hovertemplate: "$%{y:,.0f} %{text}" }),
      line(data.fixed, "Defaults, never fitted", colour("good"), "y", { line: { color: colour("good"), width: 1.2 }, hovertemplate: "$%{y:,.0f}" }),
      line(data.drawdown, "Drawdown", colour("bad"), "y2",
        { fill: "tozeroy", line: { color: colour("bad"), width: 1 }, hovertemplate: "%{y:.1%}", showlegend: false }),
    ];
    if (data.benchmark.some((value) => value !== null)) {
      traces.push(line(data.benchmark, "Benchmark", colour("quiet"), "y",
        { line: { color: colour("quiet"), width: 1.2, dash: "dot" }, hovertemplate: "$%{y:,.0f}" }));
    }
    const bands = data.bands.filter((band, at) => at % 2 === 0).map((band) => ({
      type: "rect", xref: "x", yref: "paper", x0: band.start, x1: band.end, y0: 0, y1: 1, layer: "below",
      fillcolor: colour("quiet"), opacity: 0.09, line: { width: 0 } }));
    Plotly.react("equity", traces, layout({
      shapes: bands,
      xaxis: { anchor: "y2", type: "date", showgrid: false },
      yaxis: { domain: [0.3, 1], type: document.getElementById("log").checked ? "log" : "linear", tickprefix: "$", tickformat: ",.4~s" },
      yaxis2: { domain: [0, 0.25], tickformat: ",.3~p", title: { text: "drawdown", font: { size: 11 } } },
    }), plain);
  }

  function drawDecay() {
    const bars = (y, name, shade) => ({ type: "bar", x: data.bands.map((band) => band.number), y, name, marker: { color: shade },
      customdata: data.bands.map((band) => band.start + " to " + band.end), hovertemplate: data.form === "percent" ? "%{y:.1%}" : "%{y:.2f}" });
    const traces = [bars(data.before, "Training", colour("quiet")), bars(data.after, "Test", colour("accent"))];
    Plotly.react("decay", traces, layout({ barmode: "group", bargap: 0.3, xaxis: { title: { text: "window", font: { size: 11 } }, showgrid: false },
      yaxis: data.form === "percent" ? { tickformat: ",.3~p" } : {} }), plain);
  }

  function drawParams() {
    const names = data.params.map((param) => param.name);
    if (!names.length) { document.getElementById("params").textContent = "The strategy has no params."; return; }
    const gap = 0.3 / names.length, height = (1 - gap * (names.length - 1)) / names.length;
    const axes = {}, titles = [];
    const traces = data.params.map((param, at) => {
      const suffix = at ? String(at + 1) : "", bottom = 1 - height * (at + 1) - gap * at;
      axes["yaxis" + suffix] = { domain: [Math.max(0, bottom), bottom + height], type: "category", categoryorder: "array", categoryarray: param.tried,
        range: [-0.6, param.tried.length - 0.4], nticks: 8 };
      titles.push({ text: param.name, xref: "paper", yref: "paper", x: 0, xanchor: "left", y: bottom + height, yanchor: "bottom", showarrow: false, font: { size: 12, color: colour("quiet") } });
      return { x: data.bands.map((band) => band.number), y: param.chosen, yaxis: "y" + suffix, name: param.name, mode: "lines+markers",
        line: { shape: "hv", color: colour("accent"), width: 1.3 }, marker: { size: 5, color: data.fitted.map((is) => colour(is ? "accent" : "bad")) },
        hovertemplate: "%{y}" };
    });
    Plotly.react("params", traces, layout({ showlegend: false, annotations: titles, margin: { l: 8, r: 8, t: 24, b: 8 },
      xaxis: { range: [0.3, data.bands.length + 0.7], anchor: "y" + (names.length > 1 ? String(names.length) : ""), title: { text: "window", font: { size: 11 } } }, ...axes }), plain);
  }

  document.getElementById("log").addEventListener("change", drawEquity);
  drawInTheme(() => { drawEquity(); drawDecay(); drawParams(); drawMonths("months", data.months); });
})();
