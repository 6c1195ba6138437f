"""The compiled module. `oracle.core.native` is its only importer; `mypy.stubtest` compares this page with the binary."""

import numpy as np
import numpy.typing as npt

__version__: str

def catalog() -> str: ...
def indicator(
    name: str,
    numbers: list[float],
    inputs: list[npt.NDArray[np.float64]],
    block: int | None = None,
) -> list[npt.NDArray[np.float64]]: ...
def metrics(
    equity: npt.NDArray[np.float64],
    gross_exposure: npt.NDArray[np.float64],
    benchmark: npt.NDArray[np.float64],
    traded_usd: float,
    trade_pnl: npt.NDArray[np.float64],
) -> str: ...
