//! Sending: from a send record in CRM to mails that left, each person once, and a receipt that adds up.
//!
//! Never holds more than a page of people and what is on its way to the bucket, never tells the platform to mail on a
//! guess, and never mails somebody whose opt-out it could know. Three functions: [`poll`] takes send records, [`stage`] reads,
//! sifts and writes down the people, [`dispatch`] brings them to the platform and releases. What they leave to each other is
//! one row, [`send::Send`], whose life is [`send::SendState`]. Start there.

mod address;
mod consent;
mod deps;
mod desk;
pub mod dispatch;
pub mod poll;
pub mod receipt;
pub mod send;
mod slots;
pub mod stage;

pub use address::{Address, NotAnAddress};
pub use deps::{Deps, Patience};
