//! ListData.svc, the data service of 2010: one person of `UserInformationList`, as Atom.
//!
//! As much of it as one of other people's clients asks for. The names of the properties are from memory.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, header};
use soap::Element;

use super::{
    pages,
    rights::Rights,
    route::{self, Visit},
    services::Surroundings,
    state::{State, User},
};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const DATA: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices";
const METADATA: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata";

/// `{web}/_vti_bin/ListData.svc/UserInformationList(7)`.
pub(super) fn answer(
    state: &State,
    key: &str,
    visit: &Visit<'_>,
    around: &Surroundings,
    rest: &str,
) -> Response<Bytes> {
    let Some(collection) = state.collections.get(key) else { return pages::not_found() };
    if !collection.rights(around.user, &around.web).include(Rights::BROWSE_USERS) {
        return route::closed(around);
    }
    let asked = rest.strip_prefix("listdata.svc/userinformationlist(").and_then(|rest| rest.strip_suffix(')'));
    let user = asked.and_then(|id| collection.users.get(&id.parse().ok()?));
    match user {
        Some(user) if visit.request.method() == Method::GET => entry(around, user),
        _ => pages::not_found(),
    }
}

fn entry(around: &Surroundings, user: &User) -> Response<Bytes> {
    let atom = |local, text: &str| Element::new(ATOM, local).with_text(text);
    let property = |local, text: &str| Element::new(DATA, local).with_text(text);
    let number =
        |local, number: u32| property(local, &number.to_string()).with_attribute_in(METADATA, "type", "Edm.Int32");
    let email = match user.email.as_str() {
        "" => Element::new(DATA, "WorkEMail").with_attribute_in(METADATA, "null", "true"),
        email => property("WorkEMail", email),
    };
    let properties = Element::new(METADATA, "properties")
        .with(property("ContentType", "Person"))
        .with(property("Name", &user.name))
        .with(property("Account", &user.login))
        .with(email)
        .with(property("IsSiteAdmin", if user.is_site_admin { "true" } else { "false" }))
        .with(number("Id", user.id));
    let address = format!("{}/_vti_bin/ListData.svc/UserInformationList({})", around.absolute(&around.web), user.id);
    let entry = Element::new(ATOM, "entry")
        .with(atom("id", &address))
        .with(atom("title", &user.name))
        .with(Element::new(ATOM, "content").with_attribute("type", "application/xml").with(properties));
    let mut response = Response::new(Bytes::from(entry.to_document().unwrap_or_default()));
    let kind = HeaderValue::from_static("application/atom+xml;charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
