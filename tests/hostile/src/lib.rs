//! Documents that are built to hurt, and every reader of the product that could meet one (A6, A18).
//!
//! Never holds a document that somebody real has sent: all are invented, by code where size or bytes matter. Parsers
//! that come later are held against the same documents. Start at [`xml_documents`], [`html_pages`] and [`Reader`].

mod document;
mod html;
pub mod readers;
mod xml;

pub use document::Document;
pub use html::html_pages;
pub use readers::{Reader, Reading};
pub use xml::xml_documents;
