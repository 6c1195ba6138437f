(function () {
  function drawEquity() {
    const line = (y, name, shade, axis, extra) => ({
      x: data.time, y, name, yaxis: axis, mode: "lines", line: { color: shade, width: 1.6 }, ...extra });
    const traces = [
      line(data.equity, "Strategy", colour("accent"), "y", { hovertemplate: "$%{y:,.0f}" }),
      line(data.drawdown, "Drawdown", colour("bad"), "y2",
        { fill: "tozeroy", line: { color: colour("bad"), width: 1 }, hovertemplate: "%{y:.1%}", showlegend: false }),
      line(data.exposure, "Exposure", colour("quiet"), "y3",
        { fill: "tozeroy", line: { color: colour("quiet"), width: 1, shape: "hv" }, hovertemplate: "%{y:.0%}", showlegend: false }),
    ];
    if (data.benchmark.value.some((value) => value !== null)) {
      traces.splice(1, 0, line(data.benchmark.value, "Benchmark", colour("quiet"), "y",
        { x: data.benchmark.time, line: { color: colour("quiet"), width: 1.2, dash: "dot" }, hovertemplate: "$%{y:,.0f}" }));
    }
    const days = (new Date(data.time[data.time.length - 1]) - new Date(data.time[0])) / 86400000;
    const back = (step, count, label, length) => (length < days ? [{ step, count, label, stepmode: "backward" }] : []);
    const buttons = [...back("year", 1, "1y", 366), ...back("year", 5, "5y", 1827), { step: "all", label: "all" }];
    Plotly.react("equity", traces, layout({
      xaxis: timeAxis(data.clock, data.time, { anchor: "y3", rangeselector: { x: 1, xanchor: "right", y: 1.02, yanchor: "bottom", bgcolor: colour("panel"), activecolor: colour("line"),
        visible: buttons.length > 1 && !data.clock.ticks, buttons } }),
      yaxis: { domain: [0.42, 1], type: document.getElementById("log").checked ? "log" : "linear", tickprefix: "$", tickformat: ",.4~s" },
      yaxis2: { domain: [0.2, 0.38], tickformat: ",.3~p", title: { text: "drawdown", font: { size: 11 } } },
      yaxis3: { domain: [0, 0.16], tickformat: ",.3~p", rangemode: "tozero", title: { text: "exposure", font: { size: 11 } } },
    }), plain);
  }

  function drawYears() {
    const bars = (y, name, shade) => ({ type: "bar", x: data.years.year.map(String), y, name, marker: { color: shade }, hovertemplate: "%{y:.1%}" });
    const traces = [bars(data.years.value, "Strategy", colour("accent"))];
    if (data.years.benchmark.some((value) => value !== null)) traces.push(bars(data.years.benchmark, "Benchmark", colour("line")));
    Plotly.react("years", traces, layout({ barmode: "group", bargap: 0.25, xaxis: { type: "category" }, yaxis: { tickformat: ",.3~p" } }), plain);
  }

  function drawRolling() {
    if (!data.rolling.time.length) { document.getElementById("rolling").textContent = "Too few sessions."; return; }
    Plotly.react("rolling", [{ x: data.rolling.time, y: data.rolling.value, mode: "lines", name: "Sharpe",
      line: { color: colour("accent"), width: 1.4 }, hovertemplate: "%{y:.2f}" }], layout({ showlegend: false, xaxis: { type: "date" } }), plain);
  }

  function drawFan() {
    if (!data.fan["50"]) { document.getElementById("fan").textContent = "Too few sessions."; return; }
    const ahead = data.fan["50"].map((_, at) => at);
    const edge = (percent, name, extra) => ({ x: ahead, y: data.fan[percent], name, mode: "lines",
      line: { color: colour("accent"), width: 0 }, hovertemplate: "$%{y:,.0f}", showlegend: false, ...extra });
    const shade = (share) => colour("accent") + share;
    Plotly.react("fan", [
      edge("5", "5%"), edge("95", "95%", { fill: "tonexty", fillcolor: shade("22") }),
      edge("25", "25%"), edge("75", "75%", { fill: "tonexty", fillcolor: shade("44") }),
      edge("50", "Half", { line: { color: colour("accent"), width: 1.8 } }),
      { x: [0, ahead.length - 1], y: [data.fan["50"][0], data.fan["50"][0]], mode: "lines", hoverinfo: "skip", showlegend: false,
        line: { color: colour("quiet"), width: 1, dash: "dot" } },
    ], layout({ xaxis: { title: { text: "sessions from the end of the record", font: { size: 11 } } }, yaxis: { tickprefix: "$", tickformat: ",.4~s" } }), plain);
  }

  function drawPrice() {
    const chosen = data.symbols[Number(document.getElementById("symbol").value)];
    if (!chosen) { document.getElementById("price").textContent = "No trades."; return; }
    const marks = (side, symbol, shade) => {
      const at = chosen.fills.side.map((s, i) => (s === side ? i : -1)).filter((i) => i >= 0);
      return { x: at.map((i) => chosen.fills.time[i]), y: at.map((i) => chosen.fills.price[i]), mode: "markers",
        name: side === "BUY" ? "Buy" : "Sell", marker: { symbol, size: 9, color: shade, line: { width: 1, color: colour("panel") } },
        text: at.map((i) => chosen.fills.quantity[i].toLocaleString() + " shares, " + chosen.fills.reason[i]),
        hovertemplate: "%{text} at $%{y:,.2f}<extra></extra>" };
    };
    Plotly.react("price", [
      { x: chosen.time, y: chosen.close, mode: "lines", name: chosen.symbol + ", raw close", line: { color: colour("quiet"), width: 1.2 }, hovertemplate: "$%{y:,.2f}<extra></extra>" },
      marks("BUY", "triangle-up", colour("good")), marks("SELL", "triangle-down", colour("bad")),
    ], layout({ hovermode: "closest", xaxis: timeAxis(data.clock, data.time), yaxis: { tickprefix: "$" } }), plain);
  }

  function draw() {
    drawEquity(); drawFan(); drawMonths("months", data.months); drawYears(); drawRolling(); drawPrice();
  }

  const choice = document.getElementById("symbol");
  data.symbols.forEach((entry, at) => {
    const label = entry.symbol + " (" + (entry.pnl < 0 ? "-" : "+") + "$" + Math.abs(entry.pnl).toLocaleString() + ")";
    choice.append(new Option(label, String(at)));
  });
  choice.addEventListener("change", drawPrice);
  document.getElementById("log").addEventListener("change", drawEquity);
  drawInTheme(draw);
})();
