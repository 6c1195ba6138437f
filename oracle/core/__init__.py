"""The foundation: positions and diagnostics, units, errors, configuration. Nothing here knows the rooms above it."""
