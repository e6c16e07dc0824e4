//! Runs every function as `template.yaml` wires it: in one process on the memory back, or built on an emulator of AWS.
//!
//! Nothing is wired here: routes, queues, batch sizes, dead letters and schedules are read from the template, and each
//! function gets the same event JSON as on Lambda. Start at [`Host`] and [`Cloud`]; [`story`] is the demo.

mod cloud;
mod gateway;
mod host;
mod instance;
mod location;
mod runtime_api;
mod scene;
pub mod story;
mod wiring;

pub use cloud::{Account, AwsCall, Binary, Cloud, Machine, Recorder};
pub use host::{Host, Running};
pub use instance::{Instance, heard};
pub use runtime_api::{Answered, Runtime};
pub use scene::Scene;
pub use wiring::{Route, Schedule, Source, Wiring, WiringError};
