"""Ranking: one score out of five parts of an out-of-sample curve, and thresholds that a strategy passes or not."""
