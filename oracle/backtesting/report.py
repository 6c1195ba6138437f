"""The tear sheet: one HTML file with everything a reader needs to believe or doubt a backtest, offline.

The page is a template beside this file; the numbers travel in it as JSON, the charts are drawn by the plotly.js that
the plotly package carries. Nothing here computes a metric.
"""

from __future__ import annotations

import html
import importlib.util
import json
import math
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from oracle.backtesting import trust
from oracle.backtesting.metrics import BY_NAME, METRICS
from oracle.core.errors import RunError

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.result import BacktestRun

ROLLING_SESSIONS = 126
SYMBOLS_SHOWN = 40
TRADES_SHOWN = 500
HEADLINE = ("total_return", "annual_return", "sharpe", "sortino", "max_drawdown", "calmar", "win_rate", "profit_factor")


def render(run: BacktestRun) -> str:
    """Return the tear sheet of a result as one self-contained HTML page.

    Raises
    ------
    RunError : the plotly package, which carries the chart library, is not installed
    """
    page = Template((files("oracle.backtesting") / "tear_sheet" / "page.html").read_text(encoding="utf-8"))
    folder = files("oracle.backtesting") / "tear_sheet"
    ahead = trust.fan(run)
    return page.substitute(
        title=html.escape(run.strategy),
        subtitle=html.escape(_subtitle(run)),
        style=(folder / "sheet.css").read_text(encoding="utf-8"),
        library=_chart_library(),
        script=(folder / "sheet.js").read_text(encoding="utf-8"),
        data=_embed({**_data(run), "fan": trust.fan_data(ahead)}),
        headline="".join(_card(run, name) for name in HEADLINE),
        metrics=_metric_rows(run),
        notes=_notes(run),
        facts=trust.facts(run),
        intervals=trust.interval_rows(trust.intervals(run)),
        odds=trust.odds(ahead),
        verdicts=_verdict_rows(run),
        trades=_trade_rows(run),
        provenance=_provenance(run),
    )


@cache
def _chart_library() -> str:
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise RunError("the tear sheet needs the plotly package; install oracle with its dependencies")
    script = Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"
    return script.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _embed(document: dict[str, Any]) -> str:
    """Return JSON that no text inside it can break out of."""
    return json.dumps(document, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _subtitle(run: BacktestRun) -> str:
    if run.start is None or run.end is None:
        return "no bars in the period"
    return (
        f"{run.start:%d %b %Y} to {run.end:%d %b %Y} · "
        f"${run.initial_capital:,.0f} grew to ${run.final_equity:,.2f} · {run.trade_count:,} trades"
        if run.final_equity >= run.initial_capital
        else f"{run.start:%d %b %Y} to {run.end:%d %b %Y} · "
        f"${run.initial_capital:,.0f} shrank to ${run.final_equity:,.2f} · {run.trade_count:,} trades"
    )


def _column(frame: pl.DataFrame, name: str, digits: int) -> list[float | None]:
    return [
        None if value is None or not math.isfinite(value) else round(value, digits) for value in frame[name].to_list()
    ]


def _stamps(frame: pl.DataFrame, name: str = "timestamp") -> list[str]:
    return [stamp.isoformat() if stamp is not None else "" for stamp in frame[name].to_list()]


def _data(run: BacktestRun) -> dict[str, Any]:
    """Return what the charts draw."""
    equity = run.equity
    months = run.by_month()
    years = run.by_year()
    return {
        "time": _stamps(equity),
        "equity": _column(equity, "equity", 2),
        "benchmark": _column(equity, "benchmark", 2),
        "drawdown": _column(equity, "drawdown", 5),
        "exposure": _column(equity, "gross_exposure", 4),
        "rolling": _rolling_sharpe(run),
        "months": {
            "year": months["year"].to_list(),
            "month": months["month"].to_list(),
            "value": _column(months, "return", 5),
        },
        "years": {
            "year": years["year"].to_list(),
            "value": _column(years, "return", 5),
            "benchmark": _column(years, "benchmark_return", 5),
        },
        "symbols": _symbols(run),
    }


def _rolling_sharpe(run: BacktestRun) -> dict[str, Any]:
    import polars as pl

    window = run._session_returns().select(
        "timestamp",
        value=pl.col("return").rolling_mean(ROLLING_SESSIONS)
        / pl.col("return").rolling_std(ROLLING_SESSIONS)
        * math.sqrt(252.0),
    )
    known = window.filter(pl.col("value").is_finite())
    return {"time": _stamps(known), "value": _column(known, "value", 3)}


def _symbols(run: BacktestRun) -> list[dict[str, Any]]:
    """Return closes and fills of the symbols that mattered most, by absolute profit."""
    import polars as pl

    order = (
        run.trades.group_by("symbol")
        .agg(pl.col("pnl").sum())
        .sort(pl.col("pnl").abs(), "symbol", descending=[True, False])
        .head(SYMBOLS_SHOWN)
    )
    shown = []
    for symbol, pnl in order.iter_rows():
        prices = run.prices.filter(pl.col("symbol") == symbol)
        fills = run.fills.filter(pl.col("symbol") == symbol)
        shown.append(
            {
                "symbol": symbol,
                "pnl": round(pnl, 2),
                "time": _stamps(prices),
                "close": _column(prices, "close", 4),
                "fills": {
                    "time": _stamps(fills, "filled_at"),
                    "side": fills["side"].to_list(),
                    "price": _column(fills, "price", 4),
                    "quantity": _column(fills, "quantity", 6),
                    "reason": fills["reason"].to_list(),
                },
            }
        )
    return shown


def _card(run: BacktestRun, name: str) -> str:
    metric, value = BY_NAME[name], run.metrics.get(name)
    tone = "" if value is None or metric.form == "usd" else (" good" if value > 0 else " bad" if value < 0 else "")
    tone = tone if name not in {"win_rate", "profit_factor"} else ""
    return (
        f'<div class="card" title="{html.escape(metric.definition)}"><span>{html.escape(metric.label)}</span>'
        f'<b class="{tone.strip()}">{html.escape(metric.write(value))}</b></div>'
    )


def _metric_rows(run: BacktestRun) -> str:
    return "".join(
        f'<tr title="{html.escape(metric.definition)}"><td>{html.escape(metric.label)}</td>'
        f"<td>{html.escape(metric.write(run.metrics.get(metric.name)))}</td></tr>"
        for metric in METRICS
    )


def _notes(run: BacktestRun) -> str:
    items = [f"Waived: the run had no <b>{html.escape(name)}</b>, so its limits did not apply." for name in run.waived]
    items += [html.escape(note[:1].upper() + note[1:]) + "." for note in run.notes]
    return f"<ul class='notes'>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""


def _verdict_rows(run: BacktestRun) -> str:
    """Return one row per code and action: how often, for what, and between which days."""
    import polars as pl

    found = run.verdicts.filter(pl.col("action") != "APPROVE")
    if found.is_empty():
        return "<tr><td colspan='6' class='quiet'>No order met a limit.</td></tr>"
    table = (
        found.group_by("code", "action", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("symbol").n_unique().alias("symbols"),
            pl.col("timestamp").min().alias("first"),
            pl.col("timestamp").max().alias("last"),
            pl.col("reason").first().alias("reason"),
        )
        .sort("count", "code", descending=[True, False])
    )
    return "".join(
        f"<tr><td><code>{html.escape(row['code'])}</code></td><td>{html.escape(row['action'])}</td>"
        f"<td>{row['count']:,}</td><td>{row['symbols']}</td><td>{row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}</td>"
        f"<td class='wide'>{html.escape(row['reason'])}</td></tr>"
        for row in table.iter_rows(named=True)
    )


def _trade_rows(run: BacktestRun) -> str:
    if run.trades.is_empty():
        return "<tr><td colspan='9' class='quiet'>No trades.</td></tr>"
    rows = []
    for trade in run.trades.tail(TRADES_SHOWN).reverse().iter_rows(named=True):
        tone = "good" if trade["pnl"] > 0 else "bad" if trade["pnl"] < 0 else ""
        closed = trade["exit_time"] is not None
        rows.append(
            f"<tr><td>{html.escape(trade['symbol'])}</td><td>{html.escape(trade['direction'])}</td>"
            f"<td>{trade['quantity']:,.6g}</td><td>{trade['entry_time']:%Y-%m-%d}</td><td>{trade['entry_price']:,.2f}</td>"
            f"<td>{format(trade['exit_time'], '%Y-%m-%d') if closed else 'open'}</td>"
            f"<td>{format(trade['exit_price'], ',.2f') if closed else '–'}</td>"
            f"<td class='{tone}'>{trade['pnl']:,.2f}</td><td>{html.escape(trade['reason'])}</td></tr>"
        )
    return "".join(rows)


def _provenance(run: BacktestRun) -> str:
    parts = {"plan": run.plan_hash, "policy": run.policy_hash or "no limits", "run": run.run_id}
    return " · ".join(f"{name} <code>{html.escape(value[:16])}</code>" for name, value in parts.items())
