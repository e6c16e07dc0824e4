//! Asks who the caller is.
//!
//! CrmService.wsdl, `Execute` with `WhoAmIRequest`.

use domain::CrmId;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message,
    execute::{execute, response},
};

/// Who am I?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WhoAmI;

/// The caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The user.
    pub user: CrmId,
    /// The user's business unit.
    pub business_unit: CrmId,
    /// The organization.
    pub organization: CrmId,
}

impl Operation for WhoAmI {
    type Reply = Identity;
    const NAME: &'static str = "WhoAmI";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for WhoAmI {}

impl ToXml for WhoAmI {
    fn to_xml(&self) -> Element {
        execute("WhoAmIRequest", |request| request)
    }
}

impl FromXml for Identity {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        response(body, "WhoAmIResponse", |response| {
            Ok(Self {
                user: response.value("UserId")?,
                business_unit: response.value("BusinessUnitId")?,
                organization: response.value("OrganizationId")?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL.
    #[test]
    fn the_request_is_empty_but_complete_and_the_reply_must_be_whole() {
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Request i:type="WhoAmIRequest"><OptionalParameters/></Request></Execute>"#,
        );
        assert_eq!(WhoAmI.to_xml(), expected);
        let reply = parsed(
            r#"<ExecuteResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Response i:type="WhoAmIResponse"><UserId>6b29fc40-ca47-1067-b31d-00dd010662da</UserId></Response></ExecuteResponse>"#,
        );
        assert_eq!(Identity::from_xml(&reply).unwrap_err().to_string(), "Response/BusinessUnitId: missing");
    }
}
