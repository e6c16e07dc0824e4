//! Runs every function as `template.yaml` wires it, in one process, on the memory back.
//!
//! Nothing is wired here: routes, queues, batch sizes, dead letters and schedules are read from the template, and each
//! function gets the same event JSON as on Lambda. Start at [`Host`]; [`story`] is the demo.

mod gateway;
mod host;
mod instance;
pub mod story;
mod wiring;

pub use host::{Host, Running};
pub use instance::Instance;
pub use wiring::{Route, Schedule, Source, Wiring, WiringError};
