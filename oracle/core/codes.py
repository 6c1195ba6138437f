"""Every code that an exception or a failed command carries, what it means, and what to do about it.

The closed list behind `docs/errors.md`. Codes of findings in files (S, E, W), of verdicts and of bars (Q) are listed
where they are found: `oracle.core.diagnostics`, the engine, `oracle.data.quality`. Nothing is raised here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One kind of failure: its stable code, the exception that carries it, its meaning, the remedy."""

    code: str
    exception: str
    meaning: str
    remedy: str


ERROR_CODES: tuple[ErrorCode, ...] = (
    ErrorCode(
        "C101",
        "EngineError",
        "The engine was given settings, limits or a plan in a form that it does not know.",
        "From the command line this is a defect of oracle. Calling the engine yourself: read the message.",
    ),
    ErrorCode(
        "D001",
        "DataError",
        "A saved result is not there, or was written in another format.",
        "Save the result again with this version.",
    ),
    ErrorCode(
        "D101",
        "DataError",
        "Columns do not fit together: different lengths, more than one dimension, or no numbers.",
        "Give columns of one length, as numbers.",
    ),
    ErrorCode(
        "D102",
        "DataError",
        "A value is one that no bar, action or result has; the message says at which index.",
        "Correct the value, or let `oracle data import` set the bar aside.",
    ),
    ErrorCode(
        "D103",
        "RunError",
        "The run lacks an input that a limit, a fee or the benchmark needs.",
        "Import it (VIX is a symbol), declare it (`universe.sectors`), or waive it: `--waive vix,sector`.",
    ),
    ErrorCode(
        "D201",
        "BarsError, UsageError",
        "A file is not there or cannot be read as CSV or Parquet.",
        "Check the path, the ending (.csv, .csv.gz, .parquet) and the content.",
    ),
    ErrorCode("D202", "BarsError", "A column that bars need is missing.", "See the table of columns in data.md."),
    ErrorCode("D203", "BarsError", "Two columns claim the same role.", "Keep one of them."),
    ErrorCode(
        "D204",
        "BarsError, UsageError",
        "It is not known which symbol the bars are of.",
        "Add a symbol column, name the file after the symbol, or pass `--symbol` with a single file.",
    ),
    ErrorCode(
        "D205",
        "BarsError",
        "A frame holds what no bar has, or is empty; the message names the row.",
        "`oracle data import` sets bad bars aside; a frame in memory must be sound.",
    ),
    ErrorCode("D206", "BarsError", "A frame has two bars of one symbol at one time.", "Keep one of them."),
    ErrorCode(
        "D207",
        "BarsError",
        "The store is damaged, or lacks what was asked for.",
        "`oracle data list` shows what it holds; `oracle data import` fills it.",
    ),
    ErrorCode(
        "D208",
        "BarsError",
        "The package with the demo prices is absent.",
        "Install the extra `demo`; the message has the command.",
    ),
    ErrorCode(
        "D209",
        "BarsError",
        "The spacing of the bars is no timeframe that oracle knows.",
        "Use bars of 1, 5, 15, 30 or 60 minutes, or of a day.",
    ),
    ErrorCode(
        "D210",
        "BarsError",
        "The bars of a strategy test do not fit together.",
        "Give every field as many values as `close`, all above 0.",
    ),
    ErrorCode(
        "D301",
        "DataError",
        "The trial ledger cannot be read or written. Backtests go on, and say that the number of trials is unknown.",
        "Make the file `data.trials` of the settings writable. A damaged one can be moved away; its count is lost.",
    ),
    ErrorCode(
        "D302",
        "DataError",
        "A folder holds the journal of another sweep, or the journal cannot be opened.",
        "Name another folder by `--out`, or take the old one away.",
    ),
    ErrorCode(
        "I101",
        "KeyboardInterrupt",
        "A long call was interrupted by Ctrl-C. Nothing is left half-written.",
        "Start it again.",
    ),
    ErrorCode(
        "N001",
        "EngineError",
        "The compiled engine is not there.",
        "Build it: `make demo`, or `maturin develop --release`.",
    ),
    ErrorCode("R001", "RunError", "A run or a report cannot go on; the message says why.", "Follow the message."),
    ErrorCode(
        "R101",
        "RangeError",
        "An argument or setting is out of its range, or the period holds no bar.",
        "The message has the range.",
    ),
    ErrorCode(
        "S000",
        "ConfigError",
        "Files were refused; the exception carries their findings, and the code of the first error where there is one.",
        "Correct the findings.",
    ),
    ErrorCode(
        "U001",
        "UsageError",
        "The command or call makes no sense as given.",
        "`--help` shows how it is called.",
    ),
    ErrorCode(
        "X000",
        "OracleError",
        "The base of all exceptions; no failure carries this code.",
        "Catch `OracleError` to catch everything that oracle raises on purpose.",
    ),
)
