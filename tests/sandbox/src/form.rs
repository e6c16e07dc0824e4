//! What browsers send.

/// The first value of a name in a query or a posted form.
pub(crate) fn value(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
