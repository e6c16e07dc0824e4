//! A seeded CRM and the hands to use it with.

use bytes::Bytes;
use domain::Timestamp;
use http::{Request, Response, StatusCode, header};
use sandbox::{
    Addresses,
    crm::{self, State},
    people,
};
use soap::{Element, Envelope, Fault, Limits, SoapVersion};

use crate::record;

const DISCOVERY: &str = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService";
const CORE: &str = "http://schemas.microsoft.com/crm/2007/CoreTypes";
const SERVICES: &str = "http://schemas.microsoft.com/crm/2007/WebServices";

/// The organisation `harbour`, used by its integration user.
pub struct Office {
    /// What the CRM knows.
    pub state: State,
    /// What time it is.
    pub now: Timestamp,
    /// The ticket of the integration user.
    pub ticket: String,
}

impl Default for Office {
    fn default() -> Self {
        let addresses = Addresses::by_name(|host| format!("http://{host}.example"));
        let now = "2010-06-15T18:00:00Z".parse().expect("a time");
        let state = State::seeded(&addresses, now);
        let mut office = Self { state, now, ticket: String::new() };
        let reply = office.discover(&Self::ticket_request()).expect("a ticket");
        office.ticket = reply.child("Response").expect("a response").child_text("CrmTicket");
        office
    }
}

impl Office {
    /// Login and password of the integration user.
    pub fn credentials() -> (&'static str, &'static str) {
        let user = people::of("harbour").next().expect("the integration user is the first");
        (user.login, user.password)
    }

    fn ticket_request() -> Element {
        let (login, password) = Self::credentials();
        let request = Element::new(DISCOVERY, "Request")
            .with_kind(DISCOVERY, "RetrieveCrmTicketRequest")
            .with_value("OrganizationName", "harbour")
            .with_value("UserId", login)
            .with_value("Password", password);
        Element::new(DISCOVERY, "Execute").with(request)
    }

    /// Asks discovery.
    pub fn discover(&mut self, body: &Element) -> Result<Element, Fault> {
        let message = Envelope::new(SoapVersion::V11, body.clone()).to_bytes().expect("XML");
        outcome(&self.post("/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx", message))
    }

    /// Asks `CrmService`, with the ticket.
    pub fn call(&mut self, body: &Element) -> Result<Element, Fault> {
        let core = |name: &str, text: &str| Element::new(CORE, name).with_text(text);
        let header = Element::new(SERVICES, "CrmAuthenticationToken")
            .with(core("AuthenticationType", "2"))
            .with(core("CrmTicket", &self.ticket))
            .with(core("OrganizationName", "harbour"))
            .with(core("CallerId", "00000000-0000-0000-0000-000000000000"));
        let message = Envelope::new(SoapVersion::V11, body.clone()).with_header(header).to_bytes().expect("XML");
        let response = self.post("/MSCrmServices/2007/CrmService.asmx", message);
        outcome(&response)
    }

    /// Posts a message as it is, and keeps the answer for the judges.
    pub fn post(&mut self, path: &str, message: impl Into<Bytes>) -> Response<Bytes> {
        let message = message.into();
        let request = Request::post(path).header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
        let request = request.body(message.clone()).expect("a request");
        let response = crm::handle(&mut self.state, &request, self.now);
        if response.status() == StatusCode::OK {
            let service = if path.contains("Discovery") { "discovery" } else { "crmservice" };
            record(service, &crm::operation(&request), &response);
        }
        response
    }
}

/// The body of an answer, or its fault, which comes with status 500.
fn outcome(response: &Response<Bytes>) -> Result<Element, Fault> {
    let said = Envelope::parse(response.body(), Limits::default()).expect("an envelope").into_body();
    let status = if said.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    assert_eq!(response.status(), status);
    said
}
