//! The only files that know PyO3: convert, call, map errors. No arithmetic and no decision.

mod arrays;
mod bars;
mod catalog;
mod driver;
mod error;
mod indicator;
mod metrics;
mod plan;
mod run;
mod simulate;
mod sweep;
mod watched;

use pyo3::prelude::*;

/// The compiled part of oracle; `oracle.core.native` is its only importer.
#[pymodule(gil_used = true)]
mod _engine {
    #[pymodule_export]
    use super::bars::are_sound;
    #[pymodule_export]
    use super::catalog::catalog;
    #[pymodule_export]
    use super::driver::Driver;
    #[pymodule_export]
    use super::indicator::indicator;
    #[pymodule_export]
    use super::metrics::metrics;
    #[pymodule_export]
    use super::plan::{Plan, codes, compile, conventions_of, coverage, policy_hash, sessions, signals};
    #[pymodule_export]
    use super::run::Run;
    #[pymodule_export]
    use super::simulate::simulate;
    #[pymodule_export]
    use super::sweep::Sweep;
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
