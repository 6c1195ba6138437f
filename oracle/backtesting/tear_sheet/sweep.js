(function () {
  const format = { percent: ".1%", usd: "$,.0f", count: ",.0f" }[data.metric.form] || ".2f";
  const count = data.score.length;
  const pick = (id) => data.params.findIndex((param) => param.name === document.getElementById(id).value);

  // The values on two axes, the other params as in the best combination; without a best, the first that ran.
  function slice(x, y, values) {
    const rest = data.best || data.codes.map((codes) => codes[0]);
    const grid = data.params[y].values.map(() => Array(data.params[x].values.length).fill(null));
    for (let row = 0; row < count; row++) {
      if (data.codes.every((codes, at) => at === x || at === y || codes[row] === rest[at])) {
        grid[data.codes[y][row]][data.codes[x][row]] = data.feasible[row] ? values[row] : null;
      }
    }
    return grid;
  }

  function drawHeat(id, x, y, values, range) {
    const across = data.params[x].values, down = data.params[y].values;
    const traces = [{
      type: "heatmap", x: across, y: down, z: slice(x, y, values), zmin: range[0], zmax: range[1], hoverongaps: false,
      colorscale: [[0, colour("bad")], [0.5, colour("panel")], [1, colour("good")]], colorbar: { thickness: 10, outlinewidth: 0, tickformat: format },
      hovertemplate: `${data.params[x].name} %{x}, ${data.params[y].name} %{y}: %{z:${format}}<extra></extra>`,
    }];
    if (data.best) {
      traces.push({ x: [across[data.best[x]]], y: [down[data.best[y]]], mode: "markers", hoverinfo: "skip", showlegend: false,
        marker: { symbol: "circle-open", size: 14, color: colour("ink"), line: { width: 2 } } });
    }
    Plotly.react(id, traces, layout({ hovermode: "closest", showlegend: false, plot_bgcolor: colour("line"),
      xaxis: { type: "category", range: [-0.5, across.length - 0.5], title: { text: data.params[x].name }, showgrid: false },
      yaxis: { type: "category", range: [-0.5, down.length - 0.5], title: { text: data.params[y].name }, showgrid: false } }), plain);
  }

  function drawLine(x) {
    const grid = slice(x, x, data.score).map((row, at) => row[at]), around = slice(x, x, data.plateau).map((row, at) => row[at]);
    const trace = (name, y, dash) => ({ x: data.params[x].values, y, name, mode: "lines+markers", line: { width: 1.5, dash, color: colour(dash ? "quiet" : "accent") }, hovertemplate: `%{y:${format}}` });
    const shape = layout({ xaxis: { type: "category", title: { text: data.params[x].name } }, yaxis: { tickformat: format } });
    Plotly.react("heat", [trace(data.metric.name, grid)], shape, plain);
    Plotly.react("plateau", [trace("Plateau", around, "dot")], layout({ xaxis: { type: "category", title: { text: data.params[x].name } }, yaxis: { tickformat: format } }), plain);
  }

  function drawSlices() {
    const x = pick("x"), y = pick("y"), others = data.params.filter((_, at) => at !== x && at !== y);
    const rest = data.best || data.codes.map((codes) => codes[0]);
    document.getElementById("fixed").textContent = others.length === 0 ? "" : "The others as in the best combination: " +
      others.map((param) => `${param.name} ${param.values[rest[data.params.indexOf(param)]]}`).join(", ");
    if (x === y) return drawLine(x);
    const known = data.score.filter((value, row) => value !== null && data.feasible[row]);
    const range = [Math.min(...known), Math.max(...known)];
    drawHeat("heat", x, y, data.score, range);
    drawHeat("plateau", x, y, data.plateau, range);
  }

  function drawLines() {
    const rows = [...Array(count).keys()].filter((row) => data.score[row] !== null);
    const of = (values) => rows.map((row) => values[row]);
    const params = data.params.map((param, at) => ({ label: param.name, values: of(data.codes[at]), tickvals: param.values.map((_, code) => code).filter((code) => param.values.length <= 12 || code % Math.ceil(param.values.length / 12) === 0),
      ticktext: param.values.filter((_, code) => param.values.length <= 12 || code % Math.ceil(param.values.length / 12) === 0) }));
    const others = data.others.filter((each) => each.name !== data.metric.name)
      .map((each) => ({ label: each.name, values: of(each.values), tickformat: each.form === "percent" ? ".2~p" : ",.4~r" }));
    Plotly.react("lines", [{ type: "parcoords", dimensions: [...params, ...others, { label: data.metric.name, values: of(data.score), tickformat: format }],
      line: { color: of(data.score), colorscale: [[0, colour("bad")], [0.5, colour("quiet")], [1, colour("good")]] }, labelfont: { color: colour("ink") }, tickfont: { color: colour("quiet") }, rangefont: { color: "rgba(0,0,0,0)" } }],
      layout({ margin: { l: 60, r: 60, t: 40, b: 16 } }), plain);
  }

  function drawSpread() {
    const known = data.score.filter((value) => value !== null);
    const best = data.best ? Math.max(...data.score.filter((value, row) => value !== null && data.feasible[row])) : null;
    const named = best === null ? [] : [{ x: best, y: 1, yref: "paper", yanchor: "bottom", text: "best", showarrow: false, font: { size: 11, color: colour("good") } }];
    const lines = best === null ? [] : [{ type: "line", x0: best, x1: best, yref: "paper", y0: 0, y1: 1, line: { color: colour("good"), width: 2 } }];
    Plotly.react("spread", [{ type: "histogram", x: known, marker: { color: colour("accent") }, hovertemplate: "%{y} at %{x}<extra></extra>" }],
      layout({ hovermode: "closest", showlegend: false, bargap: 0.05, shapes: lines, annotations: named, margin: { l: 8, r: 8, t: 24, b: 8 }, yaxis: { title: { text: "combinations", font: { size: 11 } }, ...(known.length <= 10 ? { dtick: 1 } : {}) }, xaxis: { tickformat: format, title: { text: data.metric.name } } }), plain);
  }

  if (data.params.length < 2) document.getElementById("axes").hidden = true;
  document.getElementById("y").selectedIndex = Math.min(1, data.params.length - 1);
  for (const id of ["x", "y"]) document.getElementById(id).addEventListener("change", drawSlices);
  drawInTheme(() => { drawSlices(); drawLines(); drawSpread(); });
})();
