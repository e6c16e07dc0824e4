//! Promises of the client, through its door: a platform in a few lines answers on `transport`'s back in this process.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod events;
mod pages;
mod released;
mod server;
mod sign_in;
mod writing;
