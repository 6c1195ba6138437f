"""The notebook runs from top to bottom on the interpreter that runs the tests, and shows what it says."""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebooks" / "indicators_and_backtest.ipynb"


def kernel_of_this_interpreter(folder: Path) -> str:
    """Write a kernel specification that starts this interpreter with this checkout on its path; return its name."""
    kernel = folder / "kernels" / "oracle-tests"
    kernel.mkdir(parents=True)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "oracle tests",
        "language": "python",
        "env": {"PYTHONPATH": path, "IPYTHONDIR": str(folder / "ipython")},
    }
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return kernel.name


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # The notebook's machinery warns of its own future; oracle's warnings stay errors inside the kernel's cells.
        warnings.simplefilter("ignore")
        patch.setenv("JUPYTER_PATH", str(folder))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        patch.setenv("SA_DATA__TRIALS", str(folder / "trials.sqlite"))
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=60,
            kernel_name=kernel_of_this_interpreter(folder),
            resources={"metadata": {"path": str(folder)}},
        )
        return client.execute()


def outputs(notebook: Any) -> list[str]:
    """What the cells show as text or pictures."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            shown.append(output.get("text", "") or data.get("image/svg+xml", "") or data.get("text/plain", ""))
    return shown


def test_the_notebook_shows_tables_charts_and_results(executed: Any) -> None:
    shown = outputs(executed)
    assert not [
        output for cell in executed.cells for output in cell.get("outputs", []) if output["output_type"] == "error"
    ]
    assert any("sma_200" in text and "2013-03-01" in text for text in shown)
    assert sum(text.startswith("<svg") for text in shown) == 2
    assert any("E303" in text and "did you mean `8%`?" in text for text in shown)
    assert any("Waived: vix" in text and "Sharpe" in text for text in shown)
    assert any("POSITION_MAX" in text for text in shown)


def test_nothing_warned(executed: Any) -> None:
    streams = [o for cell in executed.cells for o in cell.get("outputs", []) if o["output_type"] == "stream"]
    assert [o["text"] for o in streams if o["name"] == "stderr"] == []


def test_the_notebook_is_kept_without_outputs() -> None:
    kept = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
