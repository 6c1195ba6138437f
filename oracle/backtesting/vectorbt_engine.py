"""vectorbt as a `BacktestEngine`: `Portfolio.from_order_func` executes the orders and keeps cash, fees and positions.

vectorbt has prices and sizes, no order types: whether a limit or a stop is reached, and at what, is asked of its own
`get_stop_price_nb`. What it cannot express, and what is done instead:

- splits and dividends: `last_cash` and `last_position` of the simulation are moved before the open of their day;
- a commission counted per share: `fixed_fees` of what the volume lets fill;
- a stop beside a market order to close would sell twice: it is asked only after that order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from oracle.backtesting.driven_engine import Books, Costs, DrivenEngine, Grid
from oracle.backtesting.verify import CENT
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    from oracle.core import native

#: Roles in the order in which orders of one symbol are tried.
CLOSING = ("exit", "stop", "target", "entry")
#: The smallest part of a share that fills, where orders are not of whole shares.
SHARES_MIN = 1e-6


class VectorBTEngine(DrivenEngine):
    """Runs a compiled strategy's decisions through vectorbt (extra ``engines``)."""

    library = "vectorbt"
    conventions = "native,protection=next_bar,cash=cut_after_fee,participation=by_order,fee_parts=apart"

    def _trade(self, driver: native.Driver, grid: Grid, costs: Costs, capital: float) -> Books:
        import pandas as pd

        vbt = self._module
        nb, enums = vbt.portfolio.nb, vbt.portfolio.enums
        close = pd.DataFrame(grid.close, columns=grid.symbols)
        market = Market(driver, grid, costs, nb, enums, Books([capital], [capital]))
        market.decide()
        vbt.Portfolio.from_order_func(
            close,
            market.next_order,
            flexible=True,
            use_numba=False,
            # They divide by a position that a split has moved under them, and nobody reads them.
            fill_pos_record=False,
            init_cash=capital,
            cash_sharing=True,
            group_by=True,
            pre_segment_func_nb=market.begin,
            post_order_func_nb=market.note,
            post_segment_func_nb=market.end,
            max_orders=len(grid.ts_ns) * max(len(grid.symbols), 1) * 4,
        )
        return market.books


@dataclass
class Market:
    """One run's orders and what vectorbt makes of them; its methods are the callbacks of the simulation."""

    driver: native.Driver
    grid: Grid
    costs: Costs
    nb: Any
    enums: Any
    books: Books
    live: dict[int, dict[str, Any]] = field(default_factory=dict)
    queue: list[tuple[int, float, bool]] = field(default_factory=list)
    #: Stop-limit orders whose stop was passed before: limit orders since.
    passed: set[int] = field(default_factory=set)
    sent: int = 0
    cash_booked: float = 0.0

    def __post_init__(self) -> None:
        self.lot = self.driver.lot

    def decide(self) -> None:
        """Take the decisions of a close; open the next bar and take its orders."""
        self.driver.decide()
        before = self.driver.cash
        self.driver.open()
        self.cash_booked = self.driver.cash - before
        self.take_outgoing()

    def take_outgoing(self) -> None:
        """Bring the working orders up to date."""
        recalled, orders = self.driver.outgoing()
        for number in recalled:
            self.live.pop(number, None)
        for order in orders:
            self.live.pop(order["id"], None)
            self.live[order["id"]] = order

    def begin(self, c: Any) -> tuple[()]:
        """Carry over what the driver booked before the open, and line up what this bar reaches."""
        if c.i:
            c.last_cash[0] += self.cash_booked
            c.last_free_cash[0] += self.cash_booked
            self.refuse_debt(c)
            for column in range(len(self.grid.symbols)):
                c.last_position[column] = self.driver.position(column)
            self.queue = self.reached(c.i)
        return ()

    def refuse_debt(self, c: Any) -> None:
        """Refuse cash below zero, which a dividend on a short or interest can bring; round away what rounding did."""
        if c.last_cash[0] <= -CENT:
            day = datetime.fromtimestamp(int(self.grid.ts_ns[c.i]) // 1_000_000_000, UTC).date()
            raise UsageError(
                f"vectorbt lends nothing: dividends on shorts, borrow fees or interest take cash to"
                f" {c.last_cash[0]:.2f} USD on {day}; expected fewer shorts, or a smaller part of equity in them"
            )
        c.last_cash[0] = max(c.last_cash[0], 0.0)

    def reached(self, step: int) -> list[tuple[int, float, bool]]:
        """Return (number, price, takes) of the orders that a bar reaches, in the order in which they are tried.

        vectorbt has no queue of orders. At the open first; there sales first; there closing orders first; then by
        priority and symbol, what takes before what waits for a price, a decided exit before stops before targets.
        """
        found = []
        for order in self.live.values():
            price, takes = self.price(order, step)
            if not math.isnan(price):
                at_open = price == self.grid.open[step, order["symbol"]]
                rank = math.inf if math.isnan(order["priority"]) else -order["priority"]
                of_symbol = (order["symbol"], not takes, CLOSING.index(order["role"]), order["id"])
                key = (not at_open, order["is_buy"], order["role"] == "entry", rank, of_symbol)
                found.append((key, (order["id"], price, takes)))
        return [order for _, order in sorted(found)]

    def price(self, order: dict[str, Any], step: int) -> tuple[float, bool]:
        """Return what an order is reached at in a bar, NaN for not at all, and whether it takes liquidity."""
        at_open = float(self.grid.open[step, order["symbol"]])
        if math.isnan(at_open):
            return math.nan, False
        stop, limit = order["stop_price"], order["limit_price"]
        if stop is None and limit is None:
            return at_open, True
        if stop is None or order["id"] in self.passed:
            return self.touched(order, step, limit, is_stop=False), False
        price = self.touched(order, step, stop, is_stop=True)
        if limit is None or math.isnan(price):
            return price, True
        if price <= limit if order["is_buy"] else price >= limit:
            return price, False
        self.passed.add(order["id"])
        # An open beyond the limit leaves the rest of the bar to come back to it.
        return self.touched(order, step, limit, is_stop=False) if price == at_open else math.nan, False

    def touched(self, order: dict[str, Any], step: int, level: float, *, is_stop: bool) -> float:
        """Return what vectorbt fills a level at: the open where that has passed it, NaN where no price reaches it."""
        bar = [float(getattr(self.grid, name)[step, order["symbol"]]) for name in ("open", "low", "high")]
        # A purchase waits for a limit below and a stop above, a sale the other way round.
        return float(self.nb.get_stop_price_nb(1.0, level, 0.0, *bar, order["is_buy"] != is_stop))

    def next_order(self, c: Any) -> tuple[int, Any]:
        """Return the next order of the bar; column -1 for none."""
        while self.queue:
            self.sent, price, takes = self.queue.pop(0)
            order = self.live.get(self.sent)
            if order is None:
                continue
            sign = 1.0 if order["is_buy"] else -1.0
            symbol, quantity = order["symbol"], order["quantity"]
            slippage = self.costs.slippage if takes else 0.0
            fixed = 0.0
            capacity, lot = self.capacity(c.i, symbol), self.lot_of(order)
            if capacity < lot:
                continue
            if self.costs.rate is None:
                part = min(quantity, capacity)
                fixed = self.driver.fee(order["is_buy"], part, price * (1.0 + sign * slippage))
            return symbol, self.nb.order_nb(
                size=sign * quantity,
                price=price,
                fees=self.costs.rate or 0.0,
                fixed_fees=fixed,
                slippage=slippage,
                # Without it, a purchase that cash cuts to nothing would be charged its fixed fee.
                min_size=lot,
                max_size=capacity,
                size_granularity=lot if lot >= 1.0 else math.nan,
                direction=self.enums.Direction.Both,
            )
        return -1, self.nb.order_nothing_nb()

    def lot_of(self, order: dict[str, Any]) -> float:
        """Return what an order fills multiples of, in shares: round lots are of entries alone."""
        if self.lot < 1.0 or not float(order["quantity"]).is_integer():
            return SHARES_MIN
        return self.lot if order["role"] == "entry" else 1.0

    def capacity(self, step: int, symbol: int) -> float:
        if self.costs.participation is None:
            return math.inf
        most = float(self.grid.volume[step, symbol] * self.costs.participation)
        return most if self.lot < 1.0 else most // 1

    def note(self, c: Any) -> None:
        """Tell the driver what became of the order."""
        result, order = c.order_result, self.live[self.sent]
        if result.status != self.enums.OrderStatus.Filled:
            self.driver.reject(self.sent)
            self.live.pop(self.sent, None)
        else:
            self.driver.fill(self.sent, result.size, result.price, result.fees)
            left = order["quantity"] - result.size
            if left > 0:
                self.leave(order, left, c)
            else:
                self.live.pop(self.sent, None)
        # What is born in this bar waits for the next: the queue holds numbers of before.
        self.take_outgoing()

    def leave(self, order: dict[str, Any], left: float, c: Any) -> None:
        """Keep what the volume left of an order; what cash left of a purchase is refused."""
        is_cut = order["is_buy"] and order["role"] == "entry" and c.order_result.size < self.capacity(c.i, c.col)
        if is_cut:
            self.driver.reject(order["id"])
            self.live.pop(order["id"], None)
        else:
            self.live[order["id"]] = {**order, "quantity": left}

    def end(self, c: Any) -> None:
        """Close the bar: note the books, and decide."""
        if c.i:
            self.driver.close()
            self.books.cash.append(float(c.last_cash[0]))
            self.books.equity.append(float(c.last_value[0]))
            if c.i + 1 < len(self.grid.ts_ns):
                self.decide()
            else:
                self.driver.decide()
