"""backtrader as a `BacktestEngine`: its `BackBroker` matches the orders and keeps cash, commission and positions.

What it cannot express, and what is done instead:

- splits and dividends: `set_cash` and `Position.set` before the open of their day, by what the driver books;
- a stop beside a market order to close would sell twice: it is cancelled when that order is sent, and sent anew when
  something is left;
- a limit exit beside stops: refused;
- an order on a symbol without a bar would be matched against the bar before: it is called back for that step.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from oracle.backtesting.driven_engine import Books, Costs, DrivenEngine, Grid
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    from oracle.core import native


class BacktraderEngine(DrivenEngine):
    """Runs a compiled strategy's decisions through backtrader (extra ``engines``)."""

    library = "backtrader"
    conventions = (
        "native,sequence=as_sent,cash=check_and_reject,protection=next_bar,slippage_bounds=within_bar"
        ",participation=by_order,fee_parts=apart"
    )

    def _trade(self, driver: native.Driver, grid: Grid, costs: Costs, capital: float) -> Books:
        bt = self._module
        cerebro = bt.Cerebro(stdstats=False, cheat_on_open=False)
        feed = _feed(bt)
        for column, symbol in enumerate(grid.symbols):
            if grid.present[:, column].any():
                cerebro.adddata(feed(grid, column), name=symbol)
        broker = cerebro.broker
        broker.set_cash(capital)
        broker.addcommissioninfo(_commission(bt, driver, costs))
        if costs.slippage:
            broker.set_slippage_perc(costs.slippage)
        if costs.participation is not None:
            broker.set_filler(bt.fillers.FixedBarPerc(perc=costs.participation * 100))
        books = Books([], [])
        cerebro.addstrategy(_strategy(bt), driver=driver, grid=grid, books=books)
        cerebro.run(runonce=False, preload=True)
        return books


def _feed(bt: Any) -> type:
    """Return a data feed of one column of a grid."""

    class GridFeed(bt.feed.DataBase):  # type: ignore[misc]  # backtrader has no types
        def __init__(self, grid: Grid, column: int) -> None:
            super().__init__()
            steps = grid.present[:, column].nonzero()[0]
            self._rows = [
                (int(grid.ts_ns[step]), *(float(getattr(grid, name)[step, column]) for name in LINES)) for step in steps
            ]
            self._next_row = 0

        def start(self) -> None:
            super().start()
            self._next_row = 0

        def _load(self) -> bool:
            if self._next_row == len(self._rows):
                return False
            ns, *values = self._rows[self._next_row]
            self._next_row += 1
            moment = datetime.fromtimestamp(ns // 1_000_000_000, UTC).replace(tzinfo=None)
            self.lines.datetime[0] = bt.date2num(moment)
            for name, value in zip(LINES, values, strict=True):
                getattr(self.lines, name)[0] = value
            self.lines.openinterest[0] = 0.0
            return True

    return GridFeed


LINES = ("open", "high", "low", "close", "volume")


def _commission(bt: Any, driver: native.Driver, costs: Costs) -> Any:
    """Return backtrader's own percentage scheme, or a scheme that counts shares as the settings do."""
    if costs.rate is not None:
        return bt.CommissionInfo(
            commission=costs.rate, commtype=bt.CommInfoBase.COMM_PERC, percabs=True, stocklike=True
        )

    class PerShare(bt.CommInfoBase):  # type: ignore[misc]  # backtrader has no types
        params = (("stocklike", True), ("commtype", bt.CommInfoBase.COMM_FIXED))

        def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
            return driver.fee(size > 0, abs(size), price)

    return PerShare()


def _strategy(bt: Any) -> type:
    """Return a strategy that sends what the driver asks for and tells it what the broker did."""
    kinds = {
        "MARKET": bt.Order.Market,
        "BRACKET": bt.Order.Market,
        "LIMIT": bt.Order.Limit,
        "STOP": bt.Order.Stop,
        "STOP_LIMIT": bt.Order.StopLimit,
    }

    class Driven(bt.Strategy):  # type: ignore[misc]  # backtrader has no types
        params = (("driver", None), ("grid", None), ("books", None))

        def __init__(self) -> None:
            self.step = -1
            self.live: dict[int, Any] = {}  # the driver's number -> backtrader's order
            self.aside: dict[int, dict[str, Any]] = {}  # to be sent later
            self.numbers: dict[int, int] = {}  # backtrader's reference -> the driver's number
            self.feeds = {symbol: self.getdatabyname(symbol) for symbol in self.cerebro.datasbyname}

        def prenext(self) -> None:
            self.next()

        def notify_order(self, order: Any) -> None:
            number = self.numbers.get(order.ref)
            if number is None:
                return
            for bit in order.executed.iterpending():
                self.p.driver.fill(number, abs(bit.size), bit.price, bit.closedcomm + bit.openedcomm)
            if order.status in (order.Margin, order.Rejected):
                self.p.driver.reject(number)
            if not order.alive():
                self.live.pop(number, None)
                del self.numbers[order.ref]

        def next(self) -> None:
            self.step += 1
            driver, books = self.p.driver, self.p.books
            if self.step:
                driver.close()
            books.cash.append(self.broker.get_cash())
            books.equity.append(self.broker.get_value())
            driver.decide()
            before = driver.cash
            if driver.open():
                self.book_actions(driver.cash - before)
            self.send()

        def book_actions(self, cash: float) -> None:
            """Carry over what the driver booked before the open: dividends, splits, a delisting."""
            if cash:
                self.broker.set_cash(self.broker.get_cash() + cash)
            for place, symbol in enumerate(self.p.driver.symbols):
                feed = self.feeds.get(symbol)
                if feed is None or not self.broker.getposition(feed).size:
                    continue
                position, shares = self.broker.getposition(feed), self.p.driver.position(place)
                if position.size != shares:
                    position.set(shares, position.price * position.size / shares if shares else 0.0)

        def send(self) -> None:
            """Call back and send orders for the next step."""
            recalled, orders = self.p.driver.outgoing()
            for number in (*recalled, *(order["id"] for order in orders)):
                self.call_back(number)
                self.aside.pop(number, None)
            aside, self.aside = self.aside, {}
            waiting = [*aside.values(), *orders]
            for order in waiting:
                if order["role"] == "exit":
                    self.clear_the_way(order)
            for order in waiting:
                if self.must_wait(order):
                    self.aside[order["id"]] = order
                else:
                    # One that only stood aside has been checked before: its cash would count twice.
                    is_back = order["id"] in aside and order["role"] in ("stop", "target")
                    self.submit(order, check=not is_back)
            self.call_back_stale()

        def call_back(self, number: int) -> None:
            order = self.live.pop(number, None)
            if order is not None:
                del self.numbers[order.ref]
                self.broker.cancel(order)

        def clear_the_way(self, order: dict[str, Any]) -> None:
            """Call back stops and targets beside a market order to close: they would sell the same shares."""
            for child in self.p.driver.working(order["symbol"]):
                if child["role"] not in ("stop", "target"):
                    continue
                if order["type"] != "MARKET":
                    raise UsageError("backtrader: a limit exit beside stops cannot be expressed; expected exit: market")
                if child["id"] in self.live:
                    self.call_back(child["id"])
                    self.aside[child["id"]] = child

        def must_wait(self, order: dict[str, Any]) -> bool:
            if order["role"] in ("stop", "target"):
                working = self.p.driver.working(order["symbol"])
                return self.lacks_bar(order["symbol"]) or any(other["role"] == "exit" for other in working)
            return self.lacks_bar(order["symbol"])

        def lacks_bar(self, symbol: int) -> bool:
            """Whether a symbol has no bar in the step to come."""
            step = self.step + 1
            return step < len(self.p.grid.ts_ns) and not self.p.grid.present[step, symbol]

        def call_back_stale(self) -> None:
            """Call back what would be matched against the bar before."""
            for place in range(len(self.p.driver.symbols)):
                if self.lacks_bar(place):
                    for order in self.p.driver.working(place):
                        if order["id"] in self.live:
                            self.call_back(order["id"])
                            self.aside[order["id"]] = order

        def submit(self, order: dict[str, Any], *, check: bool) -> None:
            stop, limit = order["stop_price"], order["limit_price"]
            sibling = next((o for o in self.siblings(order) if o is not None), None)
            sent = (self.buy if order["is_buy"] else self.sell)(
                data=self.feeds[self.p.driver.symbols[order["symbol"]]],
                size=order["quantity"],
                exectype=kinds[order["type"]],
                price=limit if stop is None else stop,
                plimit=None if stop is None else limit,
                oco=sibling,
                _checksubmit=check,
            )
            self.live[order["id"]], self.numbers[sent.ref] = sent, order["id"]

        def siblings(self, order: dict[str, Any]) -> list[Any]:
            """Return the working order on the other side of the same lot, if any."""
            if order["role"] not in ("stop", "target"):
                return []
            working = self.p.driver.working(order["symbol"])
            return [
                self.live.get(other["id"])
                for other in working
                if other["parent"] == order["parent"] and other["id"] != order["id"] and other["role"] != "entry"
            ]

    return Driven
