//! Faults of provisioning: a press ends in the same site, whatever goes wrong on the way.
//!
//! Every history runs the real functions and clients against the simulators on a virtual clock. A process dies where
//! its future is dropped: every effect yields before and after itself, so "not done" and "done, but never told" are
//! both met. Afterwards the world heals: only time passes, and what came out must be what the uninterrupted run makes.
//! Start at [`history::History`].

#![expect(clippy::print_stdout, reason = "a history that fails is told by the last line before, shown only then")]

mod calls;
mod crashes;
mod deliveries;
pub(crate) mod history;

pub(crate) use history::step;
