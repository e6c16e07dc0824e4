//! Answers that come instead of a page: the way to a sign-in, the way to an error.

use http::StatusCode;
use transport::Answer;
use url::Url;

use super::html::{MOST_BYTES, Piece, pieces};

/// Whether an answer is, or leads to, a sign-in page instead of the page that was asked for.
pub(super) fn wants_sign_in(answer: &Answer) -> bool {
    if answer.is_redirect() {
        return answer.location().is_some_and(is_sign_in_address);
    }
    answer.status == StatusCode::OK && answer.is_html() && asks_for_a_password(&answer.body)
}

/// Whether a claims host refuses a call because nobody is signed in: 403, and where to sign in (MS-OFBA, from memory).
/// 403 alone is a no to somebody whom it knows.
pub(super) fn is_sign_in_required(answer: &Answer) -> bool {
    answer.status == StatusCode::FORBIDDEN && answer.headers.contains_key("x-forms_based_auth_required")
}

/// The addresses of sign-in pages: 2007's own, and those a claims host or an online one would send to.
fn is_sign_in_address(location: &str) -> bool {
    let location = location.to_ascii_lowercase();
    let path = location.split(['?', '#']).next().unwrap_or_default();
    ["/_layouts/login.aspx", "/_layouts/authenticate.aspx", "/_login/default.aspx", "/_forms/default.aspx"]
        .iter()
        .any(|end| path.ends_with(end))
        || location.contains("wa=wsignin1.0")
}

fn asks_for_a_password(page: &[u8]) -> bool {
    let is_box = |piece| matches!(piece, Piece::Start(tag) if tag.name == "input" && tag.kind() == "password");
    page.len() <= MOST_BYTES && pieces(&String::from_utf8_lossy(page)).any(is_box)
}

/// Whether a redirect leads to SharePoint's page of errors or refusals.
pub(super) fn is_error_page(location: &Url) -> bool {
    let path = location.path().to_ascii_lowercase();
    path.contains("/_layouts/") && (path.ends_with("/error.aspx") || path.ends_with("/accessdenied.aspx"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_to_a_sign_in_page_is_known_by_its_path() {
        assert!(is_sign_in_address("/sites/x/_layouts/Login.aspx?ReturnUrl=%2f"));
        assert!(is_sign_in_address("https://sts.test.example/?wa=wsignin1.0&x=1"));
        assert!(!is_sign_in_address("https://x/sites/login.aspx/_layouts/permsetup.aspx?next=/_layouts/login.aspx"));
    }
}
