//! Work without the interpreter lock: Ctrl-C ends it, and a callback hears how far it is.

use super::error::to_py;
use crate::error::Result;
use crate::watch::Watch;
use pyo3::prelude::*;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Bars below which work is over before anyone could press a key; a thread of its own would cost more than it.
const FEW_BARS: usize = 2_000_000;
/// How long a pressed key waits at most to be seen.
const PATIENCE: Duration = Duration::from_millis(50);

/// The result of `work` over `bars` bars. `progress` is called with done and all, from the calling thread.
///
/// # Errors
/// Those of the work, as Python exceptions; `KeyboardInterrupt`, and what the callback raises.
pub fn watched<T: Send>(
    py: Python<'_>,
    bars: usize,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Watch) -> Result<T> + Send,
) -> PyResult<T> {
    let watch = Watch::default();
    if bars < FEW_BARS {
        return py.detach(|| work(&watch)).map_err(|error| to_py(py, &error));
    }
    let progress = progress.map(|callback| callback.clone().unbind());
    let look = |py: Python<'_>| {
        py.check_signals()?;
        match (&progress, watch.progress()) {
            (Some(callback), (done, all)) if all > 0 => callback.call1(py, (done, all)).map(drop),
            _ => Ok(()),
        }
    };
    let mut raised: Option<PyErr> = None;
    let result = py.detach(|| {
        thread::scope(|scope| {
            let (sender, receiver) = channel();
            let watch = &watch;
            scope.spawn(move || sender.send(work(watch)));
            loop {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(result) => return Some(result),
                    // The worker has panicked; the scope passes it on.
                    Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) if raised.is_none() => {
                        if let Err(error) = Python::attach(look) {
                            watch.stop();
                            raised = Some(error);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
            }
        })
    });
    match (raised, result) {
        (Some(error), _) => Err(error),
        (None, Some(result)) => result.map_err(|error| to_py(py, &error)),
        (None, None) => Err(to_py(py, &crate::error::EngineError::Interrupted)),
    }
}
