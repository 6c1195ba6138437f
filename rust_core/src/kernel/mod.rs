//! The trading kernel: orders, lots, cash and positions as one deterministic machine, (state, event) → (state, effects).
//!
//! A backtest drives it with simulated fills, a live engine with real ones. It reads no clock, draws no random number,
//! does no I/O and knows nothing of bars: whatever it must know arrives in an [`Event`].

pub mod account;
pub mod accrual;
mod children;
pub mod corporate;
pub mod effect;
pub mod event;
mod fills;
pub mod history;
pub mod ledger;
pub mod lot;
pub mod order;
pub mod protection;
pub mod ratio;
pub mod router;
pub mod sizing;
pub mod state;

pub use account::MonthVolume;
pub use accrual::Accrual;
pub use effect::{Ask, Effects, Trade};
pub use event::{Event, FillReport, Moment};
pub use history::History;
pub use order::{Order, OrderId, OrderStatus, OrderType, Progress, Reason, Role};
pub use ratio::Ratio;
pub use state::{Refusal, State};
