//! Columns for a plan's nodes on a panel of bars.
