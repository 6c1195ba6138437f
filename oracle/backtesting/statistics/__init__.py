"""How far a backtest can be trusted: chance, the number of attempts, and the spread of what might have come instead.

Arrays and numbers in, numbers out: nothing here runs a backtest, reads a file or knows a strategy.

- `moments`, `frequency`: what the rest is computed from, and per period against per year
- `probabilistic_sharpe`, `track_record`: how sure a Sharpe ratio is, and how long a record would make it sure
- `deflated_sharpe`: the same after many attempts
- `overfitting`: whether choosing the best of many is worth anything
- `block_length`, `stationary_bootstrap`, `path_metrics`, `intervals`, `fan`: what else could have come of such returns
"""
