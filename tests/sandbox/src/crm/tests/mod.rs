//! Promises of the simulated CRM, kept through its wire.

mod pages;
mod queries;
mod records;
mod rights;
mod samples;
mod sign_in;

use bytes::Bytes;
use domain::{CrmId, SignedDuration, Timestamp};
use http::{Request, Response};
use soap::{Element, Envelope, Limits, SoapVersion};

use super::{State, handle, wire::ns};
use crate::Addresses;

const QUERY: &str = "http://schemas.microsoft.com/crm/2006/Query";
const DISCOVERY_PATH: &str = "/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx";
const SERVICE_PATH: &str = "/MSCrmServices/2007/CrmService.asmx";

/// A client of the CRM, signed in to one organisation.
struct Desk {
    state: State,
    now: Timestamp,
    organisation: String,
    ticket: String,
    caller: Option<CrmId>,
    version: SoapVersion,
}

impl Desk {
    /// Signed in as the integration user.
    fn at(organisation: &str) -> Self {
        let addresses = Addresses::by_name(|name| format!("http://{name}.test"));
        let now = "2026-11-22T10:00:00Z".parse().expect("an instant");
        let mut desk = Self {
            state: State::seeded(&addresses, now),
            now,
            organisation: organisation.to_owned(),
            ticket: String::new(),
            caller: None,
            version: SoapVersion::V11,
        };
        let login = format!(r"{}\tieline", organisation.to_uppercase());
        let password = format!("sandbox-{organisation}-1");
        desk.ticket = desk.sign_in(&login, &password).expect("a ticket");
        desk
    }

    fn harbour() -> Self {
        Self::at("harbour")
    }

    /// The same client, acting for a user.
    fn acting_for(mut self, user: CrmId) -> Self {
        self.caller = Some(user);
        self
    }

    fn advance(&mut self, by: SignedDuration) {
        self.now += by;
    }

    fn sign_in(&mut self, login: &str, password: &str) -> Result<String, String> {
        let request = Element::new(ns::DISCOVERY, "Request")
            .with_kind(ns::DISCOVERY, "RetrieveCrmTicketRequest")
            .with_value("OrganizationName", &self.organisation)
            .with_value("UserId", login)
            .with_value("Password", password);
        let body = Element::new(ns::DISCOVERY, "Execute").with(request);
        let reply = self.send(DISCOVERY_PATH, &Envelope::new(self.version, body))?;
        Ok(reply.required("Response").expect("a response").child_text("CrmTicket"))
    }

    /// The body of the answer, or the code of the fault.
    fn send(&mut self, path: &str, envelope: &Envelope) -> Result<Element, String> {
        let action = format!("{}/{}", ns::WEB_SERVICES, envelope.body.local());
        let mut request = Request::post(path).header("content-type", envelope.version.content_type(&action));
        if envelope.version == SoapVersion::V11 {
            request = request.header("SOAPAction", format!("\"{action}\""));
        }
        let body = envelope.to_bytes().expect("a message");
        let request = request.body(Bytes::from(body)).expect("a request");
        outcome(&handle(&mut self.state, &request, self.now))
    }

    fn header(&self) -> Element {
        let core = |name: &str, text: &str| Element::new(ns::CORE_TYPES, name).with_text(text);
        let caller = self.caller.map_or_else(|| uuid::Uuid::nil().to_string(), |caller| caller.to_string());
        Element::new(ns::WEB_SERVICES, "CrmAuthenticationToken")
            .with(core("AuthenticationType", "2"))
            .with(core("CrmTicket", &self.ticket))
            .with(core("OrganizationName", &self.organisation))
            .with(core("CallerId", &caller))
    }

    fn call(&mut self, body: Element) -> Result<Element, String> {
        let envelope = Envelope::new(self.version, body).with_header(self.header());
        self.send(SERVICE_PATH, &envelope)
    }

    fn execute(&mut self, kind: &str, children: impl IntoIterator<Item = Element>) -> Result<Element, String> {
        let request = Element::new(ns::WEB_SERVICES, "Request")
            .with_kind(ns::WEB_SERVICES, kind)
            .with(Element::new(ns::WEB_SERVICES, "OptionalParameters"))
            .with_all(children);
        let reply = self.call(Element::new(ns::WEB_SERVICES, "Execute").with(request))?;
        Ok(reply.required("Response").expect("a response").clone())
    }

    fn create(&mut self, entity: &str, properties: &[(&str, &str, &str)]) -> Result<CrmId, String> {
        let body = Element::new(ns::WEB_SERVICES, "Create").with(dynamic(entity, properties));
        Ok(self.call(body)?.value("CreateResult").expect("an id without braces"))
    }

    fn update(&mut self, entity: &str, properties: &[(&str, &str, &str)]) -> Result<(), String> {
        let body = Element::new(ns::WEB_SERVICES, "Update").with(dynamic(entity, properties));
        self.call(body).map(drop)
    }

    fn delete(&mut self, entity: &str, id: CrmId) -> Result<(), String> {
        let body = Element::new(ns::WEB_SERVICES, "Delete").with_value("entityName", entity).with_value("id", id);
        self.call(body).map(drop)
    }

    /// A typed record with these columns, or with all.
    fn retrieve(&mut self, entity: &str, id: CrmId, columns: &[&str]) -> Result<Element, String> {
        let body = Element::new(ns::WEB_SERVICES, "Retrieve")
            .with_value("entityName", entity)
            .with_value("id", id)
            .with(column_set(ns::WEB_SERVICES, "columnSet", columns));
        Ok(self.call(body)?.required("RetrieveResult").expect("a result").clone())
    }

    fn fetch(&mut self, xml: &str) -> Result<Element, String> {
        let body = Element::new(ns::WEB_SERVICES, "Fetch").with_value("fetchXml", xml);
        let text = self.call(body)?.child_text("FetchResult");
        Ok(soap::parse(text.as_bytes(), Limits::default()).expect("a result set"))
    }
}

/// The body of an answer, or the code of the fault that it is.
fn outcome(response: &Response<Bytes>) -> Result<Element, String> {
    let envelope = Envelope::parse(response.body(), Limits::default()).expect("an envelope");
    let fault = match envelope.into_body() {
        Ok(body) => {
            assert_eq!(response.status(), 200);
            return Ok(body);
        }
        Err(fault) => fault,
    };
    assert_eq!(response.status(), 500, "a fault comes with status 500");
    Err(fault.detail_text("code").unwrap_or(fault.reason))
}

/// A `DynamicEntity` named `entity`; a property is its type, its name and its text. `Lookup:account` gives the target.
fn dynamic(entity: &str, properties: &[(&str, &str, &str)]) -> Element {
    let property = |&(kind, name, text): &(&str, &str, &str)| {
        let (kind, target) = kind.split_once(':').unwrap_or((kind, ""));
        let mut value = Element::new(ns::ENTITIES, "Value");
        if text == "null" {
            value = value.with_attribute("IsNull", "true");
        } else {
            value = value.with_text(text);
        }
        if !target.is_empty() {
            value = value.with_attribute("type", target);
        }
        Element::new(ns::ENTITIES, "Property")
            .with_kind(ns::ENTITIES, &format!("{kind}Property"))
            .with_attribute("Name", name)
            .with(value)
    };
    Element::new(ns::WEB_SERVICES, "entity")
        .with_kind(ns::ENTITIES, "DynamicEntity")
        .with_attribute("Name", entity)
        .with(Element::new(ns::ENTITIES, "Properties").with_all(properties.iter().map(property)))
}

fn column_set(name_space: &str, name: &str, columns: &[&str]) -> Element {
    let element = Element::new(name_space, name);
    if columns.is_empty() {
        return element.with_kind(QUERY, "AllColumns");
    }
    let attributes = columns.iter().fold(Element::new(QUERY, "Attributes"), |list, c| list.with_value("Attribute", c));
    element.with_kind(QUERY, "ColumnSet").with(attributes)
}

fn target(kind: &str, entity: &str, id: CrmId) -> Element {
    Element::new(ns::WEB_SERVICES, "Target")
        .with_kind(ns::WEB_SERVICES, kind)
        .with_value("EntityName", entity)
        .with_value("EntityId", id)
}

fn principal(name: &str, kind: &str, id: CrmId) -> Element {
    Element::new(ns::WEB_SERVICES, name)
        .with(Element::new(ns::OLD_CORE_TYPES, "PrincipalId").with_text(id.to_string()))
        .with(Element::new(ns::OLD_CORE_TYPES, "Type").with_text(kind))
}
