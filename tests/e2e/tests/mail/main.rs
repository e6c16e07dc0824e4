//! The e-mail platform through the front door: our client against the simulated platform, which shares none of its code.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod events;
mod faults;
mod files;
mod imports;
mod pages;
mod sends;
mod sign_in;
mod subscribers;
mod world;
