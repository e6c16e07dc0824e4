//! What SharePoint says when it refuses.
//!
//! 2007 gives a code where later products do, gives another one, or gives none at all (contract, section 2): the code
//! decides when there is one, and the words when there is none.

use http::StatusCode;
use soap::Fault;
use transport::Answer;

use crate::SiteError;

/// A reason that some caller acts on: its codes, and what the words say where a host leaves the code out.
pub(super) struct Reason {
    codes: &'static [&'static str],
    words: &'static [&'static str],
}

/// Somebody changed the same thing meanwhile: a list (MS-LISTSWS R891), or anything else ("Save Conflict"; contract,
/// section 2, which has no code for it: that is the object model's own).
pub(super) const CONFLICT: Reason =
    Reason { codes: &["0x81020015", "0x81020037"], words: &["conflict with those made concurrently", "save conflict"] };
/// There is a list of that title (MS-LISTSWS R346).
pub(super) const LIST_EXISTS: Reason =
    Reason { codes: &["0x81020012"], words: &["with the specified title already exists"] };
/// There is a group of that name in the collection (MS-UGS AddGroup).
pub(super) const GROUP_EXISTS: Reason = Reason { codes: &["0x81020043"], words: &["name is already in use"] };
/// The person cannot be found (MS-UGS 3.1.4.1). The code is a general one: ask only where nothing else can be unknown.
pub(super) const USER_UNKNOWN: Reason = Reason { codes: &["0x80131600"], words: &["user does not exist"] };

/// Where SharePoint gave no code.
const NO_CODE: &str = "none";

impl Reason {
    /// Whether this is why the call was refused.
    pub(super) fn is_why(&self, error: &SiteError) -> bool {
        match error {
            SiteError::Refused { code, message, .. } => self.fits(code, message),
            _ => false,
        }
    }

    fn fits(&self, code: &str, message: &str) -> bool {
        if code == NO_CODE {
            let message = message.to_lowercase();
            self.words.iter().any(|words| message.contains(words))
        } else {
            self.codes.iter().any(|known| known.eq_ignore_ascii_case(code))
        }
    }
}

/// A refusal with a code.
pub(super) fn refused(operation: &'static str, code: &str, message: &str) -> SiteError {
    let code = if code.trim().is_empty() { NO_CODE } else { code.trim() };
    let message = message.trim();
    if CONFLICT.fits(code, message) {
        return SiteError::Conflict { operation };
    }
    SiteError::Refused { operation, code: code.to_owned(), message: message.to_owned() }
}

/// A refusal of our own: the plan asks for what this host cannot do.
pub(super) fn unsupported(operation: &'static str, message: impl Into<String>) -> SiteError {
    SiteError::Refused { operation, code: "unsupported".to_owned(), message: message.into() }
}

/// A refusal of our own: what XML cannot carry is not sent.
pub(super) fn unsendable(operation: &'static str, error: &soap::Error) -> SiteError {
    SiteError::Refused { operation, code: "unsendable".to_owned(), message: error.to_string() }
}

/// A fault: `detail/errorcode` and `detail/errorstring` (MS-COPYS 2.2.2.1), else the reason of the fault itself.
pub(super) fn from_fault(operation: &'static str, fault: &Fault) -> SiteError {
    let words = fault.detail_text("errorstring").filter(|words| !words.trim().is_empty());
    refused(operation, &fault.detail_text("errorcode").unwrap_or_default(), words.as_deref().unwrap_or(&fault.reason))
}

/// Whether a fault at sign-in is about the name or the password. No document has its words, so whatever speaks of them
/// counts.
pub(super) fn speaks_of_credentials(error: &SiteError) -> bool {
    let SiteError::Refused { message, .. } = error else { return false };
    let message = message.to_lowercase();
    ["password", "credential", "user name", "username", "logon failure"].iter().any(|words| message.contains(words))
}

/// The code of an answer with this status.
pub(super) const UNAUTHORIZED: &str = "HTTP 401";

/// An HTTP status that says no.
pub(super) fn from_status(operation: &'static str, answer: &Answer) -> SiteError {
    match answer.status {
        StatusCode::UNAUTHORIZED => SiteError::SignIn { operation, code: UNAUTHORIZED.to_owned(), until: None },
        status => refused(operation, status.as_str(), status.canonical_reason().unwrap_or_default()),
    }
}

/// The code of one result in a batch. Anything but zeros is a refusal of that part.
pub(super) fn is_success(code: &str) -> bool {
    code.trim().trim_start_matches("0x").bytes().all(|byte| byte == b'0') && !code.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use soap::Element;

    use super::*;

    const NS: &str = "http://schemas.microsoft.com/sharepoint/soap/";

    fn fault(code: Option<&str>, words: &str) -> SiteError {
        let element = |local, text: &str| Element::new(NS, local).with_text(text);
        let detail = [Some(element("errorstring", words)), code.map(|code| element("errorcode", code))];
        from_fault("AddGroup", &Fault::server("Exception was thrown.").with_detail(detail.into_iter().flatten()))
    }

    /// Contract, section 2: "key on errorcode when present, else on errorstring".
    #[test]
    fn the_code_decides_and_the_words_only_where_there_is_none() {
        assert!(GROUP_EXISTS.is_why(&fault(Some("0x81020043"), "anything")));
        assert!(GROUP_EXISTS.is_why(&fault(None, "The specified name is already in use.\r\n\r\nTry again.")));
        assert!(!GROUP_EXISTS.is_why(&fault(Some("0x81020067"), "The specified name is already in use.")));
        assert!(!GROUP_EXISTS.is_why(&fault(None, "Value does not fall within the expected range.")));
    }

    #[test]
    fn a_version_conflict_is_not_a_refusal() {
        assert!(matches!(fault(Some("0x81020015"), ""), SiteError::Conflict { .. }));
        let words = "Your changes conflict with those made concurrently by another user.";
        assert!(matches!(fault(None, words), SiteError::Conflict { .. }));
        // Contract, section 2, among what is worth a retry.
        assert!(matches!(fault(None, "Save Conflict"), SiteError::Conflict { .. }));
        assert!(matches!(fault(Some("0x81020037"), "Save Conflict."), SiteError::Conflict { .. }));
    }

    #[test]
    fn only_zeros_are_success() {
        assert!(is_success("0x00000000") && is_success("0x0"));
        assert!(!is_success("0x81020015") && !is_success("") && !is_success("ok"));
    }
}
