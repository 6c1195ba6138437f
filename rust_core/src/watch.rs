//! A long call seen from another thread: how far it is, and that it should end.

use crate::error::{EngineError, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Shared by the thread that works and the one that waits for it. Nothing that is computed depends on it.
#[derive(Debug, Default)]
pub struct Watch {
    is_stopped: AtomicBool,
    done: AtomicUsize,
    all: AtomicUsize,
}

impl Watch {
    /// Asks the work to end at its next look.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// A look: how much of how much is done.
    ///
    /// # Errors
    /// `Interrupted` once `stop` has been called.
    pub fn look(&self, done: usize, all: usize) -> Result<()> {
        self.done.store(done, Ordering::Relaxed);
        self.all.store(all, Ordering::Relaxed);
        self.go_on()
    }

    /// A look without news.
    ///
    /// # Errors
    /// `Interrupted` once `stop` has been called.
    pub fn go_on(&self) -> Result<()> {
        if self.is_stopped.load(Ordering::Relaxed) { Err(EngineError::Interrupted) } else { Ok(()) }
    }

    /// Done and all; both 0 before there is news.
    pub fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_on_until_it_is_told_to_end() {
        let watch = Watch::default();
        assert_eq!(watch.progress(), (0, 0));
        assert_eq!(watch.look(3, 10), Ok(()));
        assert_eq!(watch.progress(), (3, 10));
        watch.stop();
        assert_eq!(watch.go_on(), Err(EngineError::Interrupted));
        assert_eq!(watch.look(4, 10), Err(EngineError::Interrupted));
    }
}
