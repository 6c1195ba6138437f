"""The tear sheet: one HTML file with everything a reader needs to believe or doubt a backtest, offline.

The page is a template in `tear_sheet/`, filled as all reports are (`page.py`). Nothing here computes a metric.
"""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

from oracle.backtesting import page, trust
from oracle.backtesting.metrics import METRICS
from oracle.backtesting.tables import closing_rows

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun

ROLLING_SESSIONS, YEAR_SESSIONS = 126, 252
SYMBOLS_SHOWN = 40
TRADES_SHOWN = 500
HEADLINE = ("total_return", "annual_return", "sharpe", "sortino", "max_drawdown", "calmar", "win_rate", "profit_factor")


def render(run: BacktestRun) -> str:
    """Return the tear sheet of a result as one self-contained HTML page.

    Raises
    ------
    RunError : the plotly package, which carries the chart library, is not installed
    """
    ahead = trust.fan(run)
    return page.fill(
        "sheet",
        {**_data(run), "fan": trust.fan_data(ahead)},
        title=html.escape(run.strategy),
        subtitle=html.escape(_subtitle(run)),
        headline="".join(page.card(name, run.metrics.get(name)) for name in HEADLINE),
        metrics=_metric_rows(run),
        notes=_notes(run),
        facts=trust.facts(run.evidence),
        intervals=trust.interval_rows(trust.intervals(run)),
        odds=trust.odds(ahead),
        verdicts=_verdict_rows(run),
        trades=_trade_rows(run),
        clock=_clock(run),
        rolling=f"{ROLLING_SESSIONS}",
        provenance=_provenance(run),
    )


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


def _data(run: BacktestRun) -> dict[str, Any]:
    """Return what the charts draw."""
    equity = run.equity
    years = run.by_year()
    closes = closing_rows(equity)
    return {
        "time": page.stamps(equity),
        "clock": page.clock(equity),
        "equity": page.column(equity, "equity", 2),
        # Known at the closes of sessions alone.
        "benchmark": {"time": page.stamps(closes), "value": page.column(closes, "benchmark", 2)},
        "drawdown": page.column(equity, "drawdown", 5),
        "exposure": page.column(equity, "gross_exposure", 4),
        "rolling": _rolling_sharpe(run),
        "months": page.months(run.by_month()),
        "years": {
            "year": years["year"].to_list(),
            "value": page.column(years, "return", 5),
            "benchmark": page.column(years, "benchmark_return", 5),
        },
        "symbols": _symbols(run),
    }


def _clock(run: BacktestRun) -> str:
    """Return what a heading says of the times under it; nothing for daily bars."""
    import polars as pl

    return f", {page.CLOCK}" if isinstance(run.equity.schema["timestamp"], pl.Datetime) else ""


def _rolling_sharpe(run: BacktestRun) -> dict[str, Any]:
    import polars as pl

    window = run._session_returns().select(
        "timestamp",
        value=pl.col("return").rolling_mean(ROLLING_SESSIONS)
        / pl.col("return").rolling_std(ROLLING_SESSIONS)
        * math.sqrt(252.0),
    )
    known = window.filter(pl.col("value").is_finite())
    return {"time": page.stamps(known), "value": page.column(known, "value", 3)}


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
                "time": page.stamps(prices),
                "close": page.column(prices, "close", 4),
                "fills": {
                    "time": page.stamps(fills, "filled_at"),
                    "side": fills["side"].to_list(),
                    "price": page.column(fills, "price", 4),
                    "quantity": page.column(fills, "quantity", 6),
                    "reason": fills["reason"].to_list(),
                },
            }
        )
    return shown


def _metric_rows(run: BacktestRun) -> str:
    return "".join(
        f'<tr title="{html.escape(metric.definition)}"><td>{html.escape(metric.label)}</td>'
        f"<td>{html.escape(metric.write(run.metrics.get(metric.name)))}</td></tr>"
        for metric in METRICS
    )


def _notes(run: BacktestRun) -> str:
    items = [f"Waived: the run had no <b>{html.escape(name)}</b>, so its limits did not apply." for name in run.waived]
    sessions = run.evidence.sessions
    if 0 < sessions < YEAR_SESSIONS // 4:
        items.append(f"Annual figures and ratios are extrapolated from {sessions} sessions.")
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
            f"<td>{trade['quantity']:,.6g}</td><td>{page.moment(trade['entry_time'])}</td><td>{trade['entry_price']:,.2f}</td>"
            f"<td>{page.moment(trade['exit_time']) if closed else 'open'}</td>"
            f"<td>{format(trade['exit_price'], ',.2f') if closed else '–'}</td>"
            f"<td class='{tone}'>{trade['pnl']:,.2f}</td><td>{html.escape(trade['reason'])}</td></tr>"
        )
    return "".join(rows)


def _provenance(run: BacktestRun) -> str:
    parts = {"plan": run.plan_hash, "policy": run.policy_hash or "no limits", "run": run.run_id}
    return " · ".join(f"{name} <code>{html.escape(value[:16])}</code>" for name, value in parts.items())
