//! The account form, with the button that asks for a site.

use bytes::Bytes;
use domain::{CrmId, Timestamp};
use http::{HeaderValue, Request, Response, StatusCode, header};
use maud::{Markup, html};
use serde_json::json;

use super::{State, Visitor, is_from_here};
use crate::crm::{Principal, Record, Right, Value, wire};

/// The form, if the visitor may see the account.
pub(super) fn show(visitor: &Visitor<'_>, id: CrmId, query: Option<&str>) -> Option<Markup> {
    let Visitor { state, organisation, user } = visitor;
    let record = organisation.record("account", id)?;
    let rights = organisation.rights(Principal::User(*user), "account", id);
    if !rights.contains(&Right::Read) {
        return None;
    }
    let name = text(record, "name");
    let address = format!("/{}/accounts/{id}", organisation.name);
    let tab = crate::form::value(query.unwrap_or_default().as_bytes(), "tab").unwrap_or_default();
    let on_sharepoint = tab != "general";
    let tab_link = |tab: &str, title: &str, is_here: bool| {
        html! { li { a href={ (address) "?tab=" (tab) } aria-current=[is_here.then_some("page")] { (title) } } }
    };
    let content = html! {
        div.toolbar role="toolbar" aria-label="Account" {
            button #create-site type="button" data-requests={ (address) "/requests" }
                data-engine=(state.addresses.engine) data-tenant=(organisation.name) { "Create site" }
            a href={ "/" (organisation.name) "/sends?to=tl_accountid:" (id) } { "Send e-mail" }
            a href={ "/" (organisation.name) "/" } { "All accounts" }
        }
        p #press-message.message role="status" aria-live="polite" {}
        h1 { "Account: " bdi { (name) } }
        nav aria-label="Parts of the form" {
            ul.tabs {
                (tab_link("general", "General", !on_sharepoint))
                (tab_link("sharepoint", "SharePoint", on_sharepoint))
            }
        }
        @if on_sharepoint { (sharepoint(visitor, id, record)) } @else { (general(visitor, record)) }
        script src="/assets/press.js" defer {}
        script #engine-script src={ (state.addresses.engine) "/v1/assets/press.js" } defer {}
    };
    Some(visitor.frame(name, &content))
}

/// What the button's script calls first: makes the request record as the visitor.
pub(super) fn press(
    state: &mut State,
    name: &str,
    user: CrmId,
    account: CrmId,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_ours = is_from_here(request) && content_type.is_some_and(|value| value.starts_with("application/json"));
    let made = state.organisation_mut(name).filter(|_| is_ours).map(|org| org.press(user, account, now));
    let (status, answer) = match made {
        Some(Ok(id)) => (StatusCode::CREATED, json!({ "request": id })),
        Some(Err(refusal)) => {
            let status = if refusal.code == "0x80040217" { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
            (status, json!({ "code": refusal.code, "error": refusal.description }))
        }
        None => (StatusCode::UNSUPPORTED_MEDIA_TYPE, json!({ "error": "Only the form's own button may ask." })),
    };
    let mut response = Response::new(Bytes::from(answer.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn general(visitor: &Visitor<'_>, record: &Record) -> Markup {
    let owner = record.get("ownerid").and_then(Value::as_id);
    let owner = owner.and_then(|owner| visitor.organisation.name_of("systemuser", owner)).unwrap_or_default();
    let is_active = record.get("statecode").and_then(Value::as_number) == Some(0);
    html! {
        section aria-labelledby="general" {
            h2 #general { "General" }
            (field("account-name", "Account Name", text(record, "name")))
            (field("account-number", "Account Number", text(record, "accountnumber")))
            (field("city", "City", text(record, "address1_city")))
            (field("owner", "Owner", owner))
            (field("status", "Status", if is_active { "Active" } else { "Inactive" }))
        }
    }
}

fn sharepoint(visitor: &Visitor<'_>, id: CrmId, record: &Record) -> Markup {
    let organisation = visitor.organisation;
    let has_site = record.get("tl_siteenabled").and_then(Value::as_flag) == Some(true);
    let site = text(record, "tl_siteurl");
    let target = Value::Reference { entity: "account".to_owned(), id };
    let mut notes: Vec<_> =
        organisation.records("annotation").filter(|(_, note)| note.get("objectid") == Some(&target)).collect();
    notes.sort_by_key(|(id, note)| (moment(note), *id));
    let of_account = |record: &Record| record.get("tl_accountid") == Some(&target);
    let mut requests: Vec<_> =
        organisation.records("tl_siterequest").filter(|(_, request)| of_account(request)).collect();
    requests.sort_by_key(|(id, request)| (moment(request), *id));
    html! {
        section aria-labelledby="sharepoint" {
            h2 #sharepoint { "SharePoint" }
            (field("site-enabled", "SharePoint-enabled", if has_site { "Yes" } else { "No" }))
            div.field {
                span.label { "Site Address" }
                span.value {
                    @if is_web_address(site) { a #site-link href=(site) { (site) } }
                    @else if site.is_empty() { "None yet" }
                    @else { (site) }
                }
            }
            h3 { "Notes" }
            @if notes.is_empty() { p { "None." } }
            ul.notes {
                @for (_, note) in &notes {
                    li {
                        strong dir="auto" { (text(note, "subject")) }
                        " " (shown(visitor, note))
                        p dir="auto" { (text(note, "notetext")) }
                    }
                }
            }
            h3 { "Site Requests" }
            @if requests.is_empty() { p { "None." } }
            ul.requests {
                @for (_, request) in &requests {
                    li {
                        bdi { (text(request, "tl_name")) } " – " (status(request)) " – " (shown(visitor, request))
                        @if !text(request, "tl_reason").is_empty() { p dir="auto" { (text(request, "tl_reason")) } }
                    }
                }
            }
        }
    }
}

fn field(id: &str, label: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) type="text" value=(value) dir="auto" readonly;
        }
    }
}

fn status(request: &Record) -> &'static str {
    match request.get("tl_status").and_then(Value::as_number) {
        Some(1) => "New",
        Some(2) => "Accepted",
        Some(3) => "Ready",
        Some(4) => "Refused",
        _ => "Unknown",
    }
}

pub(super) fn moment(record: &Record) -> Option<Timestamp> {
    match record.get("createdon") {
        Some(Value::Moment(at)) => Some(*at),
        _ => None,
    }
}

/// When a record was made, in the visitor's own time.
fn shown(visitor: &Visitor<'_>, record: &Record) -> Markup {
    let zone = &visitor.organisation.zone;
    html! {
        @if let Some(at) = moment(record) {
            time datetime=(wire::moment(at, zone)) { (at.to_zoned(zone.clone()).strftime("%-m/%-d/%Y %-I:%M %p")) }
        }
    }
}

fn text<'r>(record: &'r Record, name: &str) -> &'r str {
    record.get(name).and_then(Value::as_text).unwrap_or_default()
}

/// A link is only made of what a browser opens as a page.
fn is_web_address(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
