//! The only files that know PyO3: convert, call, map errors.
