//! How a service says no (contract §2).

use soap::{Element, Fault};

use crate::sharepoint::{generation::Generation, ids};

use super::SOAP;

/// Why an operation is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A SOAP fault of the service; 2007 leaves the code out for some.
    Fault { code: Option<&'static str>, text: String },
    /// HTTP 401: the user has nothing to do on this web.
    Unauthorized,
}

impl Refusal {
    pub(crate) fn coded(code: &'static str, text: impl Into<String>) -> Self {
        Self::Fault { code: Some(code), text: text.into() }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::Fault { code: None, text: text.into() }
    }

    /// The user may be here, but not do this.
    pub(crate) fn denied() -> Self {
        Self::coded("0x80070005", "Access is denied. (Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))")
    }

    /// A list name that is no list's. WSS 3.0 tries every name as a GUID and complains about that, without a code
    /// (MS-LISTSWS R2504 and its siblings); a GUID of no list has one. 2010 has one code for both (R2750 to R2770,
    /// R8861; not yet that of 2013, R27701).
    pub(crate) fn no_list(generation: Generation, name: &str) -> Self {
        const TEXT: &str = "List does not exist.\n\nThe page you selected contains a list that does not exist.  It may \
                            have been deleted by another user.";
        if generation.is_2010() {
            return Self::coded("0x82000006", TEXT);
        }
        if ids::parse(name).is_some() {
            return Self::coded("0x81020026", TEXT);
        }
        Self::plain("GUID should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
    }

    /// A user who is in no directory.
    pub(crate) fn no_user() -> Self {
        Self::coded("0x80131600", "The user does not exist or is not unique.")
    }

    pub(crate) fn no_group() -> Self {
        Self::coded("0x80131600", "Group cannot be found.")
    }

    /// A value that makes no sense; the words .NET has for all of them.
    pub(crate) fn out_of_range() -> Self {
        Self::plain("Value does not fall within the expected range.")
    }

    /// A required parameter that is missing or not of its kind.
    pub(crate) fn parameter(name: &str) -> Self {
        Self::coded("0x82000001", format!("Parameter {name} is missing or invalid."))
    }

    /// What a query that cannot be carried out is answered.
    pub(crate) fn unexpected() -> Self {
        Self::coded("0x82000005", "Cannot complete this action.\n\nPlease try again.")
    }

    /// As a SOAP fault.
    pub(crate) fn to_fault(&self) -> Fault {
        let fault =
            Fault::server("Exception of type 'Microsoft.SharePoint.SoapServer.SoapServerException' was thrown.");
        match self {
            Self::Fault { code, text } => fault_with(fault, *code, text),
            Self::Unauthorized => fault,
        }
    }
}

fn fault_with(fault: Fault, code: Option<&str>, text: &str) -> Fault {
    let errorstring = Element::new(SOAP, "errorstring").with_text(text);
    let errorcode = code.map(|code| Element::new(SOAP, "errorcode").with_text(code));
    fault.with_detail([errorstring].into_iter().chain(errorcode))
}

/// A fault of any code, for the fault switches.
pub(crate) fn any_fault(code: &str) -> Fault {
    fault_with(Refusal::Unauthorized.to_fault(), Some(code), "An error that was asked for.")
}
