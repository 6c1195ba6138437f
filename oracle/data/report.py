"""What an import did, for a person (`text`) and for a machine (`as_json`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass

from oracle.data.manifest import manifest_hash
from oracle.data.quality import CODES, Finding, Severity
from oracle.data.store import Entry

# A terminal shows this many findings of a code; the JSON and the quarantine have all.
_SHOWN_PER_CODE = 20


@dataclass(frozen=True)
class FileReport:
    """One file: how many rows it had, and how many of them were good and bad."""

    path: str
    sha256: str
    timeframe: str
    rows: int
    good: int
    bad: int
    extra_columns: tuple[str, ...]


@dataclass(frozen=True)
class SeriesReport:
    """One symbol after the import, and what the import changed in it, in bars."""

    symbol: str
    timeframe: str
    first: str
    last: str
    bars: int
    added: int
    unchanged: int
    revised: int
    kept_old: int
    splits: int
    dividends: int
    missing_sessions: int
    adjusted_only: bool


@dataclass(frozen=True)
class ImportReport:
    """All that an import did and found; `manifest_hash` names the store's content after it.

    `changed` says whether bars or actions of the store are others than before, `quarantine` where rows set aside are.
    """

    store: str
    changed: bool
    manifest_hash: str
    files: tuple[FileReport, ...]
    series: tuple[SeriesReport, ...]
    findings: tuple[Finding, ...]
    quarantine: str

    @property
    def counts(self) -> dict[str, int]:
        """Findings by code."""
        return dict(sorted(Counter(finding.code for finding in self.findings).items()))

    @property
    def is_clean(self) -> bool:
        """Whether a person has nothing to look at: no bad bar and no warning."""
        return all(finding.severity is Severity.INFO for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """The report as JSON values; every finding is in it."""
        return {
            "store": self.store,
            "changed": self.changed,
            "manifest_hash": self.manifest_hash,
            "quarantine": self.quarantine,
            "files": [asdict(file) for file in self.files],
            "series": [asdict(item) for item in self.series],
            "counts": self.counts,
            "findings": [
                {
                    "code": finding.code,
                    "severity": str(finding.severity),
                    "file": finding.file,
                    "row": finding.row,
                    "symbol": finding.symbol,
                    "timestamp": None if finding.ts is None else finding.ts.isoformat(),
                    "problem": finding.problem,
                }
                for finding in self.findings
            ],
        }

    def text(self) -> str:
        """The report for a terminal: files, symbols, findings a line each (`file:row: CODE symbol date: problem`)."""
        lines = []
        for file in self.files:
            extra = f"; columns not read: {', '.join(file.extra_columns)}" if file.extra_columns else ""
            lines.append(f"{file.path}: {file.rows:,} rows of {file.timeframe}, {file.bad:,} set aside{extra}")
        lines += series_table(self.series).splitlines()
        seen: Counter[str] = Counter()
        for finding in self.findings:
            seen[finding.code] += 1
            if seen[finding.code] <= _SHOWN_PER_CODE:
                lines.append(finding_line(finding))
        for code, count in self.counts.items():
            hidden = f" ({count - _SHOWN_PER_CODE:,} not shown)" if count > _SHOWN_PER_CODE else ""
            lines.append(f"{code}  {count:,} x {CODES[code][1]}{hidden}")
        bad = sum(file.bad for file in self.files)
        if bad:
            lines.append(f"{bad:,} row{'' if bad == 1 else 's'} set aside in {self.quarantine}")
        state = "changed" if self.changed else "unchanged"
        lines.append(f"{self.store} {state}; data manifest {self.manifest_hash[:16]}")
        return "\n".join(printable(line) for line in lines)


def finding_line(finding: Finding) -> str:
    """One finding as an unwrapped line."""
    place = finding.file if finding.row is None else f"{finding.file}:{finding.row}"
    about = " ".join(part for part in (finding.symbol, None if finding.ts is None else _when(finding)) if part)
    return printable(f"{place}: {finding.code} {about + ': ' if about else ''}{finding.problem}")


def printable(line: str) -> str:
    """The line with control characters spelled out: no cell or name of a file may break it or steer the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in line)


def _when(finding: Finding) -> str:
    assert finding.ts is not None
    midnight = finding.ts.hour == finding.ts.minute == finding.ts.second == 0
    return finding.ts.date().isoformat() if midnight else finding.ts.isoformat(timespec="seconds")


def series_table(series: Sequence[SeriesReport]) -> str:
    """Symbols of an import as a table of plain text."""
    head = [
        "symbol",
        "timeframe",
        "first",
        "last",
        "bars",
        "added",
        "revised",
        "kept",
        "splits",
        "dividends",
        "missing",
        "prices",
    ]
    rows = [
        [
            item.symbol,
            item.timeframe,
            item.first,
            item.last,
            *_counts(item.bars, item.added, item.revised, item.kept_old),
            *_counts(item.splits, item.dividends, item.missing_sessions),
            _kind(item.adjusted_only),
        ]
        for item in series
    ]
    return text_table(head, rows, right=range(4, 11))


def entries_table(entries: Sequence[Entry]) -> str:
    """What a store holds, as a table of plain text."""
    head = ["symbol", "timeframe", "first", "last", "bars", "actions", "prices", "content"]
    rows = [
        [
            entry.symbol,
            entry.timeframe,
            entry.first,
            entry.last,
            *_counts(entry.bars, entry.actions),
            _kind(entry.adjusted_only),
            entry.sha256[:12],
        ]
        for entry in entries
    ]
    return text_table(head, rows, right=range(4, 6))


def entries_as_json(entries: Sequence[Entry]) -> dict[str, object]:
    """What a store holds, as JSON values."""
    return {
        "manifest_hash": manifest_hash(entry.line for entry in entries),
        "series": [asdict(entry) for entry in entries],
    }


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Container[int]) -> str:
    """Columns two spaces apart, as wide as their widest cell: never cut, whatever the terminal."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, *rows)
    )


def _counts(*counts: int) -> list[str]:
    return [f"{count:,}" for count in counts]


def _kind(adjusted_only: bool) -> str:
    return "adjusted only" if adjusted_only else "raw"
