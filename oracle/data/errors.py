"""What can be wrong with data as a whole: a file, a frame, a store. A single bad bar is a finding, not an error."""

from __future__ import annotations

from oracle.core.errors import DataError


class BarsError(DataError):
    """Bars that cannot be used at all, with a stable code and a sentence that names the remedy.

    Codes D201 to D210 stand with their remedies in `oracle.core.codes`.

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
