//! Laws of the cascade.
