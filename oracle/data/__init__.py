"""Bars: from vendors' files to checked columns for the engine.

`sources` and `columns` read what vendors write, `quality` judges each bar, `adjustments` dates splits and dividends,
`importer` brings files into the `store`, `frame` hands columns to the engine, `series` reads the terse bars of strategy
tests, `demo` finds real prices to play with. Nothing here computes a signal or knows a strategy.

This package loads polars; the command line imports it only in commands that need bars.
"""
