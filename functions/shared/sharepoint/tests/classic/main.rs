//! The classic adapter against a small host in this process, through the real client and the real codecs.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod claims;
mod crashes;
mod host;
mod lists;
mod pages;
mod people;
mod requests;
mod sign_in;
mod webs;
