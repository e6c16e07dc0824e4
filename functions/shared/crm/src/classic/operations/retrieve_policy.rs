//! Asks CRM Online under which policy Live ID has to make its tickets.
//!
//! CrmDiscoveryService.wsdl, `Execute` with `RetrievePolicyRequest`; contract §3 (CRM Online).

use soap::{Element, Error, FromXml, Operation, Problem, ToXml};

use super::{DISCOVERY_ACTION, Message};
use crate::classic::ns::DISCOVERY;

/// Which policy?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetrievePolicy;

/// The policy's name, such as `MBI_SSL`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy(pub String);

impl Operation for RetrievePolicy {
    type Reply = Policy;
    const NAME: &'static str = "RetrievePolicy";
    const ACTION: &'static str = DISCOVERY_ACTION;
}

impl Message for RetrievePolicy {}

impl ToXml for RetrievePolicy {
    fn to_xml(&self) -> Element {
        let request = Element::new(DISCOVERY, "Request").with_kind(DISCOVERY, "RetrievePolicyRequest");
        Element::new(DISCOVERY, "Execute").with(request)
    }
}

impl FromXml for Policy {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Response", |response| {
            let policy = response.required("Policy")?.text().trim().to_owned();
            if policy.is_empty() { Err(Error::new(Problem::Missing).under("Policy")) } else { Ok(Self(policy)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL.
    #[test]
    fn a_policy_is_a_name_and_not_nothing() {
        let reply = |inside: &str| {
            Policy::from_xml(&parsed(&format!("<ExecuteResponse><Response>{inside}</Response></ExecuteResponse>")))
        };
        assert_eq!(reply("<Policy> MBI_SSL\n</Policy>").unwrap().0, "MBI_SSL");
        for nothing in ["", "<Policy/>", "<Policy> </Policy>"] {
            assert_eq!(reply(nothing).unwrap_err().to_string(), "Response/Policy: missing");
        }
    }
}
