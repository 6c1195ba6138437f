"""What can be wrong with data as a whole: a file, a frame, a store. A single bad bar is a finding, not an error."""

from __future__ import annotations

from oracle.core.errors import DataError


class BarsError(DataError):
    """Bars that cannot be used at all, with a stable code and a sentence that names the remedy.

    Codes: D201 a file cannot be read; D202 a column is missing; D203 two columns claim one role; D204 no symbol is
    named; D205 a frame holds values that no bar has; D206 a frame repeats a bar; D207 the store is damaged or lacks
    what was asked for; D208 a package is absent; D209 the spacing of bars is unknown; D210 bars of a strategy test.

    Parameters
    ----------
    code : one of the above
    problem : a sentence for people
    path : the file or folder at fault
    offset : character offset within a text (D210)
    """

    def __init__(self, code: str, problem: str, *, path: str | None = None, offset: int | None = None) -> None:
        super().__init__(problem if path is None else f"{path}: {problem}", code=code)
        self.problem = problem
        self.path = path
        self.offset = offset
