//! The only door to `quick-xml`.
//!
//! It reads events and unescapes; what it lets through although XML or we forbid it is refused in
//! [`crate::tokens`] (facts of quick-xml 0.42: a missing end, a second root, control characters, unread
//! attributes, any name and a declaration at any place all pass).

pub(crate) use quick_xml::{
    Reader, XmlVersion,
    events::{BytesDecl, BytesRef, BytesStart, Event, attributes::AttrError},
};
