"""The demo prices: AAPL, FB, GOOG, IBM, MSFT, daily 2000-03-01 to 2013-03-01, from a package anyone can install.

Raw and adjusted closes are both in it. AAPL shows why both are needed: for its splits of 2000, 2005 and 2014 its fully
adjusted closes lie under $5 on 1,293 days, although it never traded under $13.
"""

from __future__ import annotations

import hashlib
import importlib.resources
from pathlib import Path
from typing import Final

import polars as pl

from oracle.data.errors import BarsError
from oracle.data.sources import Source, read_source

# Sectors of the Global Industry Classification Standard since 2018-09-28; until then all five were technology.
DEMO_SECTORS: Final[dict[str, str]] = {
    "AAPL": "technology",
    "FB": "communication",
    "GOOG": "communication",
    "IBM": "technology",
    "MSFT": "technology",
}
_INSTALL = "install the demo extra: pip install --upgrade 'oracle[demo]' (or pip install --upgrade bokeh_sampledata)"


def demo_path() -> Path:
    """The gzipped CSV of the demo prices in the installed package.

    Raises
    ------
    BarsError (D208) : the package is absent, or is a version without the file
    """
    try:
        folder = importlib.resources.files("bokeh_sampledata")
    except ModuleNotFoundError:
        raise BarsError("D208", f"the demo prices are in the package bokeh_sampledata; {_INSTALL}") from None
    path = Path(str(folder / "_data" / "stocks.csv.gz"))
    if not path.is_file():
        raise BarsError("D208", f"bokeh_sampledata is installed without its stocks.csv.gz; {_INSTALL}", path=str(path))
    return path


def demo_source() -> Source:
    """The demo prices as an import source."""
    return read_source(demo_path())


def demo_bars() -> pl.DataFrame:
    """Load the demo prices in the import format.

    Returns
    -------
    DataFrame of 12,154 rows: symbol, date, raw open, high, low, close (USD), volume (shares), adjusted_close (USD)
    """
    frame = pl.read_csv(demo_path(), try_parse_dates=True)
    return frame.rename(
        {
            "Ticker": "symbol",
            "Date": "date",
            "Open": "open",
            "High": "high",
            "Low": "low",
            "Close": "close",
            "Volume": "volume",
            "Adj Close": "adjusted_close",
        }
    ).cast({"volume": pl.Float64})


def demo_sha256() -> str:
    """SHA-256 of the file that the demo prices come from."""
    return hashlib.sha256(demo_path().read_bytes()).hexdigest()
