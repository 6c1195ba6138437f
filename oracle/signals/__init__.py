"""What can be computed from bars, as the engine's catalogue says. Never a list of its own."""
