"""Walk-forward: params fitted on one window, frozen, traded on the next, again and again.

    windows.py     where each window begins and ends, purge and embargo
    grid.py        which values of the params are tried
    objective.py   which of them wins
    attempts.py    what was tried, as the trial ledger counts it
    fit.py         the search, behind one Protocol, and the plain one
    walk.py        the whole, step by step
    traded.py      one window: its choice and its backtests
    stitch.py      one out-of-sample curve from the test windows, and its metrics
    stability.py   how steady the params are, and what decays from training to test
    result.py      what comes back: frames, JSON, files
    summary.py     the result as text
    report.py      the result as a page

Each window is an ordinary backtest: indicators begin at the first stored bar, and trading alone is confined.
"""
