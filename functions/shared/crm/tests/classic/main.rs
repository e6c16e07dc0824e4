//! The classic adapter against a small CRM of its own, in process. Its replies are invented, in the shapes of the WSDL.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod live_id;
mod odd_answers;
mod port;
mod records;
mod samples;
mod server;
mod sign_in;
