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
