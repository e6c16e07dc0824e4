//! Fault histories: the real functions, clients and codecs on the memory back and the in-process back, with everything
//! that can go wrong going wrong.
//!
//! An invocation is a future that is polled by hand; its process dies where it is dropped. Every effect yields before and
//! after itself, so "not done" and "done, and nobody heard of it" are both met. What goes wrong is a [`Script`]: a seed
//! makes one, and the line that it prints makes the same history again. Safety is looked at whenever something may have
//! changed; then things heal, and the work has to be done within [`Flow::healed_within`] minutes, with the same end as if
//! nothing had gone wrong. Never uses the machine's clock, its random numbers or the order of a hash table.
//!
//! Start at [`Run`]; what a flow promises is a [`Flow`]: [`provisioning`], [`sending`].

mod explore;
mod flow;
mod generate;
mod planted;
mod process;
pub mod provisioning;
mod random;
mod run;
mod script;
pub mod sending;
mod series;
mod stores;
mod subject;
mod system;
mod watch;
mod wire;

pub use explore::{Explored, explore};
pub use flow::{Flow, Held, News, Settled, Violation};
pub use generate::Extent;
pub use planted::Planted;
pub use random::Random;
pub use run::{Report, Requests, Run};
pub use script::{CallFault, Event, Invoked, Moment, NotAScript, Script, StoreFault, When};
pub use series::{Failed, Series, Summary};
pub use subject::{Beginning, Subject};
pub use system::System;
