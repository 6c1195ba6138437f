"""Strategies from file to plan: spec, loading, compilation, the compiled plan. Nothing here reads prices."""
