//! What the platform's faults mean to a caller (contract §7).

use soap::Fault;

/// What a fault asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The token ended: get another one, once.
    TokenExpired,
    /// The sign-in is not believed.
    SignInRefused,
    /// Back off and try later.
    Busy,
    /// A repeat will not help.
    Refused,
}

/// What a fault asks for, and the code that errors name.
pub(crate) fn meaning(fault: &Fault) -> (Meaning, String) {
    if fault.code == "Security" {
        // Other texts are not known; an unknown one is not tried again, so that no account is locked.
        return if fault.reason.trim().eq_ignore_ascii_case("token expired") {
            (Meaning::TokenExpired, "Token Expired".to_owned())
        } else {
            (Meaning::SignInRefused, "Login Failed".to_owned())
        };
    }
    // Only a fault of the server's has a detail.
    let code = fault.detail_text("Code").and_then(|code| code.trim().parse::<u32>().ok());
    match code {
        Some(code @ (2 | 9 | 10 | 17)) => (Meaning::Busy, code.to_string()),
        Some(code) => (Meaning::Refused, code.to_string()),
        None => (Meaning::Refused, fault.code.clone()),
    }
}

#[cfg(test)]
mod tests {
    use soap::Element;

    use super::*;

    fn server(code: &str) -> Fault {
        let ns = "urn:fault.partner.exacttarget.com";
        Fault::server("x")
            .with_detail([Element::new(ns, "apifault").with_value("Code", code).with_value("Message", "x")])
    }

    /// Contract §7, sentence by sentence.
    #[test]
    fn faults_are_told_apart_by_code_and_not_by_their_text() {
        let security = |reason: &str| Fault { code: "Security".to_owned(), reason: reason.to_owned(), detail: None };
        assert_eq!(meaning(&security("Token Expired")).0, Meaning::TokenExpired);
        for refused in ["Login Failed", "Login failed", "anything else"] {
            assert_eq!(meaning(&security(refused)), (Meaning::SignInRefused, "Login Failed".to_owned()), "{refused}");
        }
        for busy in ["2", "9", "10", " 17 "] {
            assert_eq!(meaning(&server(busy)), (Meaning::Busy, busy.trim().to_owned()));
        }
        for refused in ["11", "8", "218"] {
            assert_eq!(meaning(&server(refused)), (Meaning::Refused, refused.to_owned()));
        }
        assert_eq!(meaning(&Fault::client("x")), (Meaning::Refused, "Client".to_owned()));
        assert_eq!(meaning(&server("seventeen")), (Meaning::Refused, "Server".to_owned()));
    }
}
