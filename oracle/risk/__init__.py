"""Risk limits: read from YAML, handed to the engine, which alone judges by them.

`limits` is the file as a typed value, `policy` what the engine takes. No limit has a default, and nothing is decided
here.
"""
