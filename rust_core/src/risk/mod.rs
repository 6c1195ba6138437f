//! The risk cascade: kill switch, circuit breakers, day-trading guard, position limits, portfolio limits, autonomy.
