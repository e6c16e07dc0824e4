//! Asks discovery for the organizations of a user.
//!
//! CrmDiscoveryService.wsdl, `Execute` with `RetrieveOrganizationsRequest`; contract §3.

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{DISCOVERY_ACTION, Message, Proof};
use crate::classic::ns::DISCOVERY;

/// Which organizations may this user sign in to?
pub struct RetrieveOrganizations {
    /// Who it is.
    pub proof: Proof,
}

/// All of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organizations {
    /// In CRM's order.
    pub organizations: Vec<Organization>,
}

/// One organization. Everything about it is optional in the schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    /// The unique name.
    pub name: String,
    /// Where its CrmService is, unchecked; empty if not said.
    pub service_url: String,
}

impl Organization {
    /// Where its CrmService is, if it says so.
    pub fn into_service_url(self) -> Option<String> {
        (!self.service_url.is_empty()).then_some(self.service_url)
    }

    pub(super) fn read(detail: &Element) -> Self {
        let text = |local: &str| detail.child_text(local).trim().to_owned();
        Self { name: text("OrganizationName"), service_url: text("CrmServiceUrl") }
    }
}

impl Operation for RetrieveOrganizations {
    type Reply = Organizations;
    const NAME: &'static str = "RetrieveOrganizations";
    const ACTION: &'static str = DISCOVERY_ACTION;
}

impl Message for RetrieveOrganizations {}

impl ToXml for RetrieveOrganizations {
    fn to_xml(&self) -> Element {
        let request = Element::new(DISCOVERY, "Request").with_kind(DISCOVERY, "RetrieveOrganizationsRequest");
        Element::new(DISCOVERY, "Execute").with(self.proof.write(request))
    }
}

impl FromXml for Organizations {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Response", |response| {
            let details = response.child("OrganizationDetails").into_iter();
            let organizations = details.flat_map(|details| details.all("OrganizationDetail"));
            Ok(Self { organizations: organizations.map(Organization::read).collect() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL.
    #[test]
    fn organizations_may_be_none_and_may_be_silent_about_themselves() {
        let reply = |inside: &str| {
            Organizations::from_xml(&parsed(&format!(
                "<ExecuteResponse><Response>{inside}</Response></ExecuteResponse>"
            )))
        };
        assert_eq!(reply("").unwrap().organizations, []);
        let two = reply("<OrganizationDetails><OrganizationDetail/><OrganizationDetail><OrganizationName>b</OrganizationName></OrganizationDetail></OrganizationDetails>").unwrap();
        assert_eq!(two.organizations.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["", "b"]);
        assert_eq!(two.organizations[1].clone().into_service_url(), None);
    }
}
