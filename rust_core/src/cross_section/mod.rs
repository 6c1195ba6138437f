//! cross_section
