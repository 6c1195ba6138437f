//! Whether this processor has what the build assumes: an illegal instruction kills a process without a word.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// Refuses to be imported where a wide instruction set of the build is absent.
///
/// # Errors
/// `ImportError` that names what is absent and what to do.
pub fn check() -> PyResult<()> {
    let absent = absent();
    if absent.is_empty() {
        return Ok(());
    }
    Err(PyImportError::new_err(format!(
        "this engine was built for a processor with {}, which this one lacks; build it here (`make demo`), or build it \
         with RUSTFLAGS=\"-C target-cpu=x86-64-v2\" where it comes from",
        absent.join(", ")
    )))
}

#[cfg(target_arch = "x86_64")]
fn absent() -> Vec<&'static str> {
    let has = [
        ("sse4.2", cfg!(target_feature = "sse4.2"), is_x86_feature_detected!("sse4.2")),
        ("avx", cfg!(target_feature = "avx"), is_x86_feature_detected!("avx")),
        ("avx2", cfg!(target_feature = "avx2"), is_x86_feature_detected!("avx2")),
        ("bmi2", cfg!(target_feature = "bmi2"), is_x86_feature_detected!("bmi2")),
        ("fma", cfg!(target_feature = "fma"), is_x86_feature_detected!("fma")),
        ("avx512f", cfg!(target_feature = "avx512f"), is_x86_feature_detected!("avx512f")),
        ("avx512vl", cfg!(target_feature = "avx512vl"), is_x86_feature_detected!("avx512vl")),
    ];
    has.into_iter().filter(|(_, is_assumed, is_there)| *is_assumed && !is_there).map(|(name, ..)| name).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn absent() -> Vec<&'static str> {
    Vec::new()
}
