"""The catalogue is complete: every function has its documents, every indicator its golden file, every code its page."""

from __future__ import annotations

import json
import re

import pytest
from market import ROOT

from oracle import indicators as ta
from oracle.core import native
from oracle.core.diagnostics import SOURCE_CODES
from oracle.signals import catalog

GOLDEN = ROOT / "tests" / "golden" / "indicators"
TIME_SERIES = [function for function in catalog.functions() if function.kind == "time_series"]

#: The names that the language promises, families apart.
PROMISED = """
sma ema wma dema tema trima kama hma vwma rma t3
rsi stoch stochrsi macd ppo apo roc mom cci willr mfi cmo ultosc trix tsi awesome
atr natr true_range bbands keltner donchian supertrend psar adx plus_di minus_di aroon vortex
obv ad adosc cmf vwap
stddev variance zscore skew kurtosis correl beta linreg linreg_slope linreg_r2 median quantile percent_rank mad
highest lowest argmax argmin lag diff change_ratio cumsum
cross_above cross_below bars_since count held_for within rising falling
rank percentile cs_zscore demean winsorize cs_quantile bucket top bottom breadth
day_of_week month is_month_end sessions_to_month_end
if clip abs log exp sqrt sign min max coalesce is_missing
"""


def test_the_promised_functions_are_there_once() -> None:
    names = [function.name for function in catalog.functions()]
    assert len(names) == len(set(names))
    assert set(PROMISED.split()) - set(names) == set()
    assert len(names) >= 80


def test_every_time_series_function_has_a_golden_file_and_every_file_a_function() -> None:
    files = {path.name.partition(".")[0] for path in GOLDEN.glob("*.csv")}
    assert files == {function.name for function in TIME_SERIES}


@pytest.mark.parametrize("function", catalog.functions(), ids=lambda function: function.name)
def test_a_function_is_documented(function: catalog.Function) -> None:
    assert function.summary.endswith("."), "the summary is a sentence"
    for field in ("formula", "edge_cases", "source"):
        assert getattr(function, field).strip(), f"{field} is empty"
    assert all(parameter.doc.strip() and parameter.accepts.strip() for parameter in function.parameters)
    assert all(output.unit.strip() for output in function.outputs)
    assert len({output.name for output in function.outputs}) == len(function.outputs)
    assert function.version >= 1


@pytest.mark.parametrize("function", TIME_SERIES, ids=lambda function: function.name)
def test_a_docstring_has_its_headings(function: catalog.Function) -> None:
    text = str(getattr(ta, function.name).__doc__)
    assert text.startswith(function.summary)
    places = [text.find(heading) for heading in ("Returns\n-------", "Raises\n------", "Edge cases: ", "Source: ")]
    assert -1 not in places
    assert places == sorted(places)
    if function.reads or function.parameters:
        assert "Parameters\n----------" in text
    (golden,) = re.findall(r"^Checked by: (\S+)$", text, re.MULTILINE)
    assert (ROOT / golden).is_file()


def test_every_code_has_a_page_of_its_own() -> None:
    pages = json.loads(native.codes())
    manual = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    ids = [page["id"] for section in ("language", "verdicts") for page in pages[section]]
    ids += [code.code for code in SOURCE_CODES]
    assert len(ids) == len(set(ids)) > 40
    assert [code for code in ids if not re.search(rf"\b{code}\b", manual)] == []
