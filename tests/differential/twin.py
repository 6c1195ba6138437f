"""A slow twin of one kind of backtest, in plain Python and Decimal, written from the meaning of a strategy file.

One strategy: long while a quick average is over a slow one; market orders at the next open; slippage and commission in
basis points; one position per symbol, whole shares, equal slots. It shares no code with the engine and keeps no
columns: every average is summed anew, over prices restated to the day on which it is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

MICRO = Decimal("0.000001")
ONE = Decimal(1)
#: Floats that differ by no more than this part of themselves are equal in a comparison.
SAME = 1e-12


@dataclass(frozen=True)
class Bar:
    """One raw daily bar, and the corporate action that takes effect at its open."""

    day: date
    open: Decimal
    close: Decimal
    split: Decimal = ONE
    dividend: Decimal = Decimal(0)


@dataclass(frozen=True)
class Rules:
    """What varies between the twins."""

    fast: int
    slow: int
    slots: int
    min_hold: int
    slippage_bps: Decimal
    commission_bps: Decimal
    buffer: Decimal = Decimal("0.01")


@dataclass(frozen=True)
class Fill:
    """One execution."""

    day: date
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass
class Account:
    """Cash and shares, and when each position was opened (the number of its session)."""

    cash: Decimal
    shares: dict[str, Decimal] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    marks: dict[str, Decimal] = field(default_factory=dict)

    def equity(self) -> Decimal:
        return self.cash + sum((q * self.marks[symbol] for symbol, q in self.shares.items()), Decimal(0))


@dataclass(frozen=True)
class Result:
    """What happened: fills in order, equity and cash at every close, and cash moved by dividends and split parts."""

    fills: list[Fill]
    equity: dict[date, tuple[Decimal, Decimal]]
    other_cash: list[tuple[date, str, str, Decimal]]


def to_micro(amount: Decimal) -> Decimal:
    """Round to a millionth, half to even."""
    return amount.quantize(MICRO, ROUND_HALF_EVEN)


def run(history: dict[str, list[Bar]], rules: Rules, capital: Decimal) -> Result:
    """Run the strategy over all sessions of all symbols."""
    account, result = Account(capital), Result([], {}, [])
    sessions = sorted({bar.day for bars in history.values() for bar in bars})
    position = dict.fromkeys(history, -1)
    orders: list[tuple[str, str, Decimal]] = []
    for number, day in enumerate(sessions):
        today = {}
        for symbol, bars in history.items():
            following = position[symbol] + 1
            if following < len(bars) and bars[following].day == day:
                position[symbol] = following
                today[symbol] = bars[following]
        orders = act_on_corporate_actions(account, today, orders, result)
        fill_at_the_open(account, today, orders, rules, number, result)
        account.marks.update({symbol: bar.close for symbol, bar in today.items()})
        result.equity[day] = (account.equity(), account.cash)
        known = {symbol: history[symbol][: position[symbol] + 1] for symbol in today}
        orders = decide(account, known, rules, number)
    return result


def act_on_corporate_actions(
    account: Account, today: dict[str, Bar], orders: list[tuple[str, str, Decimal]], result: Result
) -> list[tuple[str, str, Decimal]]:
    """Restate shares, marks and orders by splits, pay what is left over of a share, then pay dividends."""
    for symbol, bar in sorted(today.items()):
        if bar.split != ONE and symbol in account.marks:
            account.marks[symbol] = to_micro(account.marks[symbol] / bar.split)
            if symbol in account.shares:
                exact = to_micro(account.shares[symbol] * bar.split)
                whole = exact.to_integral_value(ROUND_DOWN)
                account.shares[symbol] = whole
                if exact != whole:
                    pay(account, bar.day, symbol, "cash_in_lieu", (exact - whole) * account.marks[symbol], result)
            orders = [
                (s, side, (q * bar.split).to_integral_value(ROUND_DOWN) if s == symbol else q) for s, side, q in orders
            ]
        if bar.dividend and account.shares.get(symbol):
            pay(account, bar.day, symbol, "dividend", account.shares[symbol] * bar.dividend, result)
    return orders


def pay(account: Account, day: date, symbol: str, kind: str, amount: Decimal, result: Result) -> None:
    exact = to_micro(amount)
    account.cash += exact
    result.other_cash.append((day, kind, symbol, exact))


def fill_at_the_open(
    account: Account,
    today: dict[str, Bar],
    orders: list[tuple[str, str, Decimal]],
    rules: Rules,
    number: int,
    result: Result,
) -> None:
    """Sells first, then buys by symbol; a purchase that the cash does not cover is cut to what it covers."""
    for symbol, side, wanted in sorted(orders, key=lambda order: (order[1] != "SELL", order[0])):
        bar = today[symbol]
        sign = ONE if side == "BUY" else -ONE
        price = bar.open + sign * to_micro(bar.open * rules.slippage_bps / 10_000)
        quantity = wanted
        while side == "BUY" and quantity * price + fee(quantity, price, rules) > account.cash:
            quantity -= 1
        if quantity <= 0:
            continue
        cost = fee(quantity, price, rules)
        account.cash -= sign * quantity * price + cost
        if side == "BUY":
            account.shares[symbol], account.opened[symbol] = quantity, number
        else:
            del account.shares[symbol], account.opened[symbol]
        result.fills.append(Fill(bar.day, symbol, side, quantity, price, cost))


def fee(quantity: Decimal, price: Decimal, rules: Rules) -> Decimal:
    return to_micro(quantity * price * rules.commission_bps / 10_000)


def decide(account: Account, known: dict[str, list[Bar]], rules: Rules, number: int) -> list[tuple[str, str, Decimal]]:
    """Orders for the next open, from what is known at this close."""
    sells, buys = [], []
    for symbol in sorted(known):
        fast, slow = average(known[symbol], rules.fast), average(known[symbol], rules.slow)
        if fast is None or slow is None:
            continue
        if symbol in account.shares:
            if is_less(fast, slow) and number + 1 - account.opened[symbol] >= rules.min_hold:
                sells.append((symbol, "SELL", account.shares[symbol]))
        elif is_less(slow, fast):
            buys.append(symbol)
    # Sells book first at the open, so that what leaves makes room for what comes.
    free = rules.slots - (len(account.shares) - len(sells))
    slot = account.equity() / rules.slots
    orders = []
    for symbol in buys[: max(free, 0)]:
        reference = account.marks[symbol] * (1 + rules.buffer)
        each = reference * (1 + rules.commission_bps / 10_000)
        orders.append((symbol, "BUY", (slot / each).to_integral_value(ROUND_DOWN)))
    return [*sells, *[order for order in orders if order[2] > 0]]


def is_less(a: float, b: float) -> bool:
    return a < b and abs(a - b) > SAME * max(abs(a), abs(b))


def average(bars: list[Bar], length: int) -> float | None:
    """The mean of the last closes, each restated to the last bar's day; None while there are too few."""
    if len(bars) < length:
        return None
    factor, values = 1.0, []
    for index in range(len(bars) - 1, len(bars) - length - 1, -1):
        values.append(float(bars[index].close) * factor)
        if index > 0:
            bar, before = bars[index], float(bars[index - 1].close) / float(bars[index].split)
            factor *= (1.0 - float(bar.dividend) / before) / float(bar.split)
    return math.fsum(values) / length
