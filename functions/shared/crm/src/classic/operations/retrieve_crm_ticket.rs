//! Signs in at discovery.
//!
//! CrmDiscoveryService.wsdl, `Execute` with `RetrieveCrmTicketRequest`; contract §3 (IFD, msdn cc151054; CRM Online,
//! cc151051).

use std::fmt;

use secrecy::SecretString;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{DISCOVERY_ACTION, Message, Organization, Proof};
use crate::classic::ns::DISCOVERY;

/// Asks for a ticket.
pub struct RetrieveCrmTicket {
    /// The organization's unique name.
    pub organization: String,
    /// Who the user is.
    pub proof: Proof,
}

/// The ticket. `ExpirationDate` beside it is in the server's culture and is not read.
pub struct CrmTicket {
    /// What every call carries.
    pub ticket: SecretString,
    /// The organization, if discovery describes it.
    pub organization: Option<Organization>,
}

impl Operation for RetrieveCrmTicket {
    type Reply = CrmTicket;
    const NAME: &'static str = "RetrieveCrmTicket";
    const ACTION: &'static str = DISCOVERY_ACTION;
}

impl Message for RetrieveCrmTicket {}

impl ToXml for RetrieveCrmTicket {
    fn to_xml(&self) -> Element {
        let request = Element::new(DISCOVERY, "Request")
            .with_kind(DISCOVERY, "RetrieveCrmTicketRequest")
            .with_value("OrganizationName", &self.organization);
        Element::new(DISCOVERY, "Execute").with(self.proof.write(request))
    }
}

impl FromXml for CrmTicket {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Response", |response| {
            let ticket = response.required("CrmTicket")?.text().trim().to_owned();
            if ticket.is_empty() {
                return Err(Error::new(soap::Problem::Missing).under("CrmTicket"));
            }
            let organization = response.child("OrganizationDetail").map(Organization::read);
            Ok(Self { ticket: ticket.into(), organization })
        })
    }
}

impl fmt::Debug for CrmTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmTicket").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL; the German date is why the expiry is not read.
    #[test]
    fn a_ticket_is_read_and_its_expiry_is_not() {
        let reply = parsed(
            r#"<ExecuteResponse xmlns="http://schemas.microsoft.com/crm/2007/CrmDiscoveryService" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
                 <Response i:type="RetrieveCrmTicketResponse">
                   <CrmTicket> abc+/== </CrmTicket>
                   <OrganizationDetail><OrganizationName>harbour</OrganizationName><CrmServiceUrl>https://h.example.test/x.asmx</CrmServiceUrl></OrganizationDetail>
                   <ExpirationDate>17.06.2010 11:52:13</ExpirationDate>
                 </Response>
               </ExecuteResponse>"#,
        );
        let read = CrmTicket::from_xml(&reply).unwrap();
        assert_eq!(read.ticket.expose_secret(), "abc+/==");
        let service = read.organization.and_then(Organization::into_service_url);
        assert_eq!(service.as_deref(), Some("https://h.example.test/x.asmx"));
        let empty = parsed("<ExecuteResponse><Response><CrmTicket/></Response></ExecuteResponse>");
        assert_eq!(CrmTicket::from_xml(&empty).unwrap_err().to_string(), "Response/CrmTicket: missing");
    }

    /// Invented, in the shape of the WSDL.
    #[test]
    fn user_and_password_go_in_the_order_of_the_schema() {
        let request = RetrieveCrmTicket {
            organization: "harbour".to_owned(),
            proof: Proof::Password { user: "HARBOUR\\tieline".to_owned(), password: "a<b&c".into() },
        };
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/CrmDiscoveryService" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Request i:type="RetrieveCrmTicketRequest"><OrganizationName>harbour</OrganizationName><UserId>HARBOUR\tieline</UserId><Password>a&lt;b&amp;c</Password></Request></Execute>"#,
        );
        assert_eq!(request.to_xml(), expected);
    }
}
