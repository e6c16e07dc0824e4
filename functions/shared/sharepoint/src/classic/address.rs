//! Addresses on the host, built from segments so that nothing in a name can become a path.

use percent_encoding::percent_decode_str;
use url::Url;

/// The address of something below a web. Segments are escaped; `.` and `..` are left out.
pub(super) fn below<'a>(web: &Url, segments: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = web.clone();
    // An address that cannot have a path (`mailto:`) stays as it is; the guard refuses it.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The web of an address that a person wrote down: without query, fragment and a slash at the end.
pub(super) fn web(mut url: Url) -> Url {
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

/// The host of a web: its address without a path.
pub(super) fn root(web: &Url) -> Url {
    let mut url = web.clone();
    url.set_path("/");
    url
}

/// Whether two addresses have the same path. SharePoint's paths are case-insensitive, and hosts have several names
/// (alternate access mappings), so only the path counts.
pub(super) fn same_path(one: &Url, other: &Url) -> bool {
    path(one) == path(other)
}

/// The path as it is compared: decoded, in lower case, without a slash at the end.
pub(super) fn path(url: &Url) -> String {
    percent_decode_str(url.path().trim_end_matches('/')).decode_utf8_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_below_a_web_is_escaped() {
        let web = web("https://crm.test.example/sites/harbour/?x=1#y".parse().unwrap());
        let page = below(&web, "General Information/../50%.aspx".split('/'));
        assert_eq!(page.as_str(), "https://crm.test.example/sites/harbour/General%20Information/50%25.aspx");
    }

    #[test]
    fn paths_are_compared_without_case_and_host() {
        let same = |one: &str, other: &str| same_path(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://a.example/Sites/H%C3%A4fen/", "http://b.example/sites/h\u{e4}fen"));
        assert!(!same("https://a.example/sites/harbour", "https://a.example/sites"));
    }
}
