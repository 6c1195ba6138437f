"""The shipped strategies as classes: each compiles the YAML file of its name."""
