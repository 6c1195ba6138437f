"""A walk-forward as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.backtesting.metrics import BY_NAME, METRICS
from oracle.backtesting.walk_forward.stability import share

if TYPE_CHECKING:
    from oracle.backtesting.walk_forward.result import WalkForward
    from oracle.backtesting.walk_forward.traded import WindowResult


def write(result: WalkForward) -> str:
    """Return the stitched metrics beside the defaults, the decay, the params, and a line for each window."""
    first, last = result.windows[0].window, result.windows[-1].window
    lines = [
        f"{result.strategy}  out of sample {first.part.start} to {last.part.end}, {len(result.windows)} windows "
        f"({result.scheme})",
        f"  ${result.capital:,.2f} -> ${result.final_equity:,.2f}; {result.combinations:,} combinations a window, "
        f"best {BY_NAME[result.objective.metric].label} with {result.objective.minimum_trades} round trips or more",
        f"  {'':<15}{'fitted':>12}{'defaults':>12}",
    ]
    for metric in METRICS:
        fitted, fixed = result.metrics.get(metric.name), result.fixed.metrics.get(metric.name)
        lines.append(f"  {metric.label:<15}{metric.write(fitted):>12}{metric.write(fixed):>12}")
    lines.append(f"  {'Trades':<15}{result.trade_count:>12,}{result.fixed.trades.height:>12,}")
    lines.append(
        f"  {'Positive months':<15}{result.stitched.positive_months:>12.1%}{result.fixed.positive_months:>12.1%}"
    )
    lines += ["", f"  {'median':<15}{'training':>12}{'test':>12}{'kept':>12}"]
    for each in result.decays:
        metric = BY_NAME[each.metric]
        cells = f"{metric.write(each.in_sample):>12}{metric.write(each.out_of_sample):>12}{share(each.ratio):>12}"
        lines.append(f"  {metric.label:<15}{cells}")
    lines.append(f"  Walk-forward efficiency {share(result.efficiency)} (annual return in tests over that in training)")
    lines.append(f"  Evidence: {result.evidence.summary()}")
    for param in result.params:
        chosen = ", ".join(f"{each.value} x {each.count}" for each in param.values if each.count)
        turnover = "" if param.turnover is None else f"; changed at {param.turnover:.0%} of the seams"
        lines.append(f"  {param.name}: {chosen}{turnover}")
    return "\n".join([*lines, "", *_table(result), *(f"  Note: {note}" for note in result.notes)])


def _table(result: WalkForward) -> list[str]:
    metric = BY_NAME[result.objective.metric]
    names = list(result.grid)
    widths = [max(len(name), *(len(each.params[name]) for each in result.windows)) for name in names]
    heads = "".join(f"  {name:>{width}}" for name, width in zip(names, widths, strict=True))
    head = f"  {'':>3}  {'test':<24}{'training':>10}{'test':>9}{'trades':>8}{heads}  plan"

    def line(each: WindowResult) -> str:
        cells = "".join(f"  {each.params[name]:>{width}}" for name, width in zip(names, widths, strict=True))
        before, after = (metric.write(run.metrics[metric.name]) for run in (each.train, each.test))
        dates = f"{each.window.test.start} {each.window.test.end}"
        star = "" if each.is_fitted else "  defaults"
        return (
            f"  {each.window.number:>3}  {dates:<24}{before:>10}{after:>9}{each.test.trade_count:>8,}{cells}"
            f"  {each.test.plan_hash[:8]}{star}"
        )

    return [head, *(line(each) for each in result.windows)]
