"""The page on data lists every finding as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

from oracle.data.quality import CODES


def test_the_page_lists_every_finding() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text()
    rows = re.findall(r"^\| (Q\d{3}) \| (\w+) \| (.+) \|$", page, flags=re.M)
    assert rows == [(code, str(severity), text) for code, (severity, text) in sorted(CODES.items())]
