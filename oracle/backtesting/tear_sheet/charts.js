// What the charts of all reports share.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const plain = { displaylogo: false, responsive: true, displayModeBar: false };
const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();

function layout(extra) {
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line"), automargin: true };
  const base = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "inherit", size: 12, color: colour("ink") },
    margin: { l: 8, r: 8, t: 8, b: 8 }, dragmode: "zoom", hovermode: "x unified", showlegend: true,
    hoverlabel: { bgcolor: colour("panel"), bordercolor: colour("line"), font: { color: colour("ink") } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    xaxis: { ...axis }, yaxis: { ...axis },
  };
  for (const [key, value] of Object.entries(extra)) {
    base[key] = key.includes("axis") ? { ...axis, ...value } : value;
  }
  return base;
}

function drawMonths(id, table) {
  const years = [...new Set(table.year)];
  const grid = years.map(() => Array(12).fill(null));
  table.year.forEach((year, at) => { grid[years.indexOf(year)][table.month[at] - 1] = table.value[at]; });
  const bound = Math.max(0.01, ...table.value.filter((v) => v !== null).map(Math.abs)) * 0.8;
  Plotly.react(id, [{
    type: "heatmap", x: months, y: years.map(String), z: grid, zmin: -bound, zmax: bound, showscale: false, xgap: 2, ygap: 2,
    colorscale: [[0, colour("bad")], [0.5, colour("panel")], [1, colour("good")]],
    text: grid.map((row) => row.map((v) => (v === null ? "" : (v * 100).toFixed(1).replace("-0.0", "0.0")))), texttemplate: "%{text}",
    textfont: { size: 10 }, hovertemplate: "%{x} %{y}: %{z:.2%}<extra></extra>", hoverongaps: false,
    // A few years stay rows of a table and do not fill the panel.
  }], layout({ hovermode: "closest", xaxis: { side: "top", showgrid: false },
    yaxis: { range: [Math.max(6, years.length) - 0.5, -0.5], type: "category", showgrid: false } }), plain);
}

// A time axis. Of few sessions of bars within the day it has a place for each bar and none for nights.
function timeAxis(clock, times, extra) {
  const title = clock.title ? { title: { text: clock.title, font: { size: 11 } } } : {};
  const bars = { type: "category", categoryorder: "array", categoryarray: times, tickmode: "array", tickvals: clock.ticks, ticktext: clock.labels, tickangle: 0 };
  return { ...(clock.ticks ? bars : { type: "date" }), ...title, ...extra };
}

// Draws now, and again when the reader switches between light and dark.
function drawInTheme(draw) {
  document.getElementById("theme").addEventListener("click", () => { root.classList.toggle("dark"); draw(); });
  if (window.matchMedia("(prefers-color-scheme: dark)").matches) root.classList.add("dark");
  draw();
}

