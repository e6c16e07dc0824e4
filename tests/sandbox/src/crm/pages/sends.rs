//! E-mail sends: the *Send* button, and the life of each send (EX-01, EX-02).

use bytes::Bytes;
use domain::{CrmId, Timestamp};
use http::{Request, Response, StatusCode};
use maud::{Markup, html};

use super::{State, Visitor, is_from_here, reply, see};
use crate::crm::{Fields, NewSend, Organisation, Record, Value, schema::Kind};

/// What a send can go to: the attribute of a send record, the entity, and what people call it.
const TARGETS: [(&str, &str, &str); 5] = [
    ("tl_campaignid", "campaign", "Campaign"),
    ("tl_listid", "list", "Marketing List"),
    ("tl_leadid", "lead", "Lead"),
    ("tl_contactid", "contact", "Contact"),
    ("tl_accountid", "account", "Account"),
];
/// The most records of a kind that are offered: a page is no address book.
const MOST_OFFERED: usize = 50;
/// The attributes that a send's own buttons set.
const ACTIONS: [(&str, &str, bool, &str); 2] =
    [("approve", "tl_hold", false, "Approve"), ("cancel", "tl_cancel", true, "Cancel")];

/// The sends, newest first, with the form of a new one. `?to=` chooses whom it goes to, as `tl_accountid:<id>`.
pub(super) fn show(visitor: &Visitor<'_>, query: &str) -> Markup {
    let organisation = visitor.organisation;
    let chosen = crate::form::value(query.as_bytes(), "to").unwrap_or_default();
    let mut sends: Vec<_> = organisation.records("tl_send").collect();
    sends.sort_by_key(|(id, send)| (std::cmp::Reverse(super::form::moment(send)), *id));
    let address = format!("/{}/sends", organisation.name);
    let content = html! {
        div.toolbar role="toolbar" aria-label="Sends" { a href={ "/" (organisation.name) "/" } { "All accounts" } }
        h1 { "E-mail Sends" }
        form.send method="post" action=(address) {
            p { label for="name" { "Name" } input id="name" name="name" required maxlength="100" dir="auto"; }
            p {
                label for="to" { "To" }
                select id="to" name="to" required {
                    @for (attribute, entity, label) in TARGETS {
                        optgroup label=(label) {
                            @for (id, name) in offered(organisation, entity, attribute, &chosen) {
                                @let value = format!("{attribute}:{id}");
                                option value=(value) selected[value == chosen] dir="auto" { (name) }
                            }
                        }
                    }
                }
            }
            p { label for="email" { "E-mail (its number)" } input id="email" name="email" type="number" min="1" required value="5501"; }
            p { input id="hold" name="hold" type="checkbox" value="yes"; label for="hold" { "Wait for approval" } }
            button type="submit" { "Send" }
        }
        table.grid {
            caption { (sends.len()) @if sends.len() == 1 { " send" } @else { " sends" } }
            thead { tr { @for head in ["Name", "To", "Status", "Listed", "Left out", "Mailed", "Failed", "Job", ""] { th scope="col" { (head) } } } }
            tbody { @for (id, send) in &sends { (row(visitor, &address, *id, send)) } }
        }
    };
    visitor.frame("E-mail Sends", &content)
}

fn row(visitor: &Visitor<'_>, address: &str, id: CrmId, send: &Record) -> Markup {
    let organisation = visitor.organisation;
    let text = |name: &str| send.get(name).and_then(Value::as_text).unwrap_or_default();
    let number =
        |name: &str| send.get(name).and_then(Value::as_number).map(|number| number.to_string()).unwrap_or_default();
    let to = TARGETS.iter().rev().find_map(|(attribute, entity, _)| {
        let id = send.get(*attribute).and_then(Value::as_id)?;
        Some(organisation.name_of(entity, id).unwrap_or_default())
    });
    let status = send.get("tl_status").and_then(Value::as_number).unwrap_or(1);
    html! {
        tr {
            td dir="auto" { (text("tl_name")) }
            td dir="auto" { (to.unwrap_or_default()) }
            td {
                (label(organisation, status))
                @if !text("tl_reason").is_empty() { p.reason dir="auto" { (text("tl_reason")) } }
            }
            td { (number("tl_listed")) }
            td title=(text("tl_exclusions")) { (number("tl_excluded")) }
            td { (number("tl_accepted")) }
            td { (number("tl_failed")) }
            td { (text("tl_job")) }
            td {
                // Before the release: new to importing.
                @if status < 5 {
                    form method="post" action={ (address) "/" (id) } {
                        @for (name, _, _, label) in ACTIONS {
                            @if name != "approve" || status == 3 { button type="submit" name="do" value=(name) { (label) } }
                        }
                    }
                }
            }
        }
    }
}

/// What people see of a status, as the entity is defined.
fn label(organisation: &Organisation, status: i64) -> String {
    let entity = organisation.schema.entity("tl_send").ok();
    let kind = entity.and_then(|entity| entity.attributes.get("tl_status")).map(|attribute| &attribute.kind);
    let Some(Kind::Picklist { options, .. }) = kind else { return status.to_string() };
    options.iter().find(|option| option.value == status).map(|option| option.label.clone()).unwrap_or_default()
}

/// The first records of a kind by their names, and the one that was chosen.
fn offered<'o>(organisation: &'o Organisation, entity: &str, attribute: &str, chosen: &str) -> Vec<(CrmId, &'o str)> {
    let named = |id: CrmId| (id, organisation.name_of(entity, id).unwrap_or_default());
    let chosen = chosen.split_once(':').filter(|(of, _)| *of == attribute).and_then(|(_, id)| id.parse().ok());
    let first = organisation.records(entity).map(|(id, _)| id).take(MOST_OFFERED);
    let mut all: Vec<_> =
        first.chain(chosen.filter(|id| organisation.record(entity, *id).is_some())).map(named).collect();
    all.sort_by_key(|(id, name)| (name.to_lowercase(), *id));
    all.dedup();
    all
}

/// *Send*: makes the send record as the visitor.
pub(super) fn press(
    state: &mut State,
    name: &str,
    user: CrmId,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    if !is_from_here(request) {
        return reply(state, StatusCode::FORBIDDEN);
    }
    let value = |field: &str| crate::form::value(request.body(), field).unwrap_or_default();
    let to = value("to");
    let target = to.split_once(':').and_then(|(attribute, id)| {
        let (attribute, ..) = TARGETS.into_iter().find(|(known, ..)| *known == attribute)?;
        Some((attribute, id.parse().ok()?))
    });
    let new = NewSend {
        name: value("name"),
        targets: target.into_iter().collect(),
        email: value("email").parse().unwrap_or_default(),
        scheduled: None,
        hold: value("hold") == "yes",
    };
    let made = state.organisation_mut(name).map(|organisation| organisation.press_send(user, &new, now));
    done(state, name, made.is_some_and(|made| made.is_ok()))
}

/// *Approve* and *Cancel*, on a send's own row.
pub(super) fn act(
    state: &mut State,
    name: &str,
    user: CrmId,
    send: CrmId,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    let wanted = crate::form::value(request.body(), "do").unwrap_or_default();
    let action = ACTIONS.into_iter().find(|(known, ..)| *known == wanted);
    let Some((_, attribute, flag, _)) = action.filter(|_| is_from_here(request)) else {
        return reply(state, StatusCode::FORBIDDEN);
    };
    let changed = state.organisation_mut(name).map(|organisation| {
        let caller = organisation.caller(user)?;
        let fields = Fields::from([
            ("tl_sendid".to_owned(), Some(Value::Id(send))),
            (attribute.to_owned(), Some(Value::Flag(flag))),
        ]);
        organisation.update(&caller, "tl_send", &fields, now)
    });
    done(state, name, changed.is_some_and(|changed| changed.is_ok()))
}

fn done(state: &State, name: &str, is_done: bool) -> Response<Bytes> {
    if is_done { see(&format!("/{name}/sends")) } else { reply(state, StatusCode::FORBIDDEN) }
}
