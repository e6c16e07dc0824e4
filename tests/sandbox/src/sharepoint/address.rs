//! Addresses and paths.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What must not stand raw in the path of an address.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|');

/// A path as it stands in an address.
pub(crate) fn encode(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// A path as people read it. What is not UTF-8 is replaced.
pub(crate) fn decode(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// The path of an address on this host, decoded; `None` for another host. What has no scheme is a path already, and
/// SharePoint takes it as it stands: a percent sign in it is one.
pub(crate) fn path_on(base: &str, address: &str) -> Option<String> {
    let address = address.trim();
    if !address.contains("://") {
        return Some(address.trim_end_matches('/').to_owned());
    }
    let (head, path) = (address.get(..base.len())?, address.get(base.len()..)?);
    let here = head.eq_ignore_ascii_case(base) && (path.is_empty() || path.starts_with('/'));
    let path = path.split(['?', '#']).next().unwrap_or("");
    here.then(|| decode(path).trim_end_matches('/').to_owned())
}

/// The parameters of a query or a posted form.
pub(crate) fn parameters(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The first value of a parameter, in any case of its name.
pub(crate) fn parameter<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
