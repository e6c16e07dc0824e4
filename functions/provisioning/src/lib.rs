//! A site for a CRM record: a press is verified, a site is built, CRM is told.
//!
//! Never acts on what a press says of itself: the request record in CRM is the proof (architecture, rule 2). Never
//! reports a half-made site as ready. Start at [`press::answer`] and [`build::deliver`].

pub mod build;
mod deps;
pub mod press;
pub mod request_site;
pub mod site;
pub mod status;
pub mod sweep;
pub mod template;

pub use deps::Deps;
