"""Sweeps: one strategy under many values of its params, resumable, and judged as the choice among many that it is.

`space` says which values there are, `condition` which of them make sense, `methods` and `tpe` which are tried; `runner`
has the engine run them, `journal` keeps every row as it comes, and `result` is what a reader gets.
"""
