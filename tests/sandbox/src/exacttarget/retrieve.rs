//! `Retrieve`: what is asked for, its pages, and what is refused with HTTP 200 (contract §4).

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::Response;
use soap::Element;
use uuid::Uuid;

use super::{
    State,
    account::{Account, Table},
    answer::To,
    catalogue,
    filter::Filter,
    objects::{self, Item},
};

/// The most rows of a page (contract §4).
const MOST_ROWS: usize = 2_500;
/// How long the pages of a retrieve are kept: documented nowhere, so invented.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// The retrieves of which pages are left, by the id of their last answer. Whether the platform keeps that id or gives
/// each page its own is not known; here each has its own and counts once, so that no page is skipped without a word.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions(BTreeMap<Uuid, Session>);

#[derive(Clone, Debug)]
struct Session {
    account: usize,
    kind: String,
    properties: Vec<String>,
    rows: Vec<Item>,
    from: usize,
    until: Timestamp,
}

impl Sessions {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// Answers a `RetrieveRequest`.
pub(super) fn handle(state: &mut State, number: usize, body: &Element, to: &To, now: Timestamp) -> Response<Bytes> {
    let Some(request) = body.child("RetrieveRequest") else {
        return to.retrieved("Error: RetrieveRequest is missing.", []);
    };
    state.sessions.0.retain(|_, session| session.until > now);
    let before = request.child("ContinueRequest").map(|id| id.text().trim().to_owned()).filter(|id| !id.is_empty());
    let session = match before {
        Some(before) => {
            let session = before.parse().ok().and_then(|id| state.sessions.0.remove(&id));
            // The text is invented: what the platform says of an id that it does not know is recorded nowhere.
            session
                .filter(|session| session.account == number)
                .ok_or_else(|| format!("Error: The ContinueRequest {before} was not found."))
        }
        None => begin(state.at(number), number, request, now),
    };
    match session {
        Ok(session) => page(state, session, request, to, now),
        Err(refused) => to.retrieved(&refused, []),
    }
}

/// `BatchSize` counts for its own page only, and only when it is smaller (contract §4).
fn page(state: &mut State, session: Session, request: &Element, to: &To, now: Timestamp) -> Response<Bytes> {
    let wanted = request.child("Options").and_then(|options| options.child("BatchSize"));
    let wanted = wanted.and_then(|size| size.text().trim().parse().ok()).filter(|size| *size > 0);
    let size = wanted.unwrap_or(MOST_ROWS).min(MOST_ROWS);
    let end = (session.from + size).min(session.rows.len());
    let rows: Vec<_> =
        session.rows[session.from..end].iter().map(|row| row.written(&session.kind, &session.properties)).collect();
    if end == session.rows.len() {
        return to.retrieved("OK", rows);
    }
    let again = usize::from(state.at(session.account).quirks.repeats_at_seams);
    let next = Session { from: end - again.min(end - session.from - 1), until: now + LIFETIME, ..session };
    state.sessions.0.insert(to.id, next);
    to.retrieved("MoreDataAvailable", rows)
}

fn begin(account: &Account, number: usize, request: &Element, now: Timestamp) -> Result<Session, String> {
    let kind = request.child_text("ObjectType").trim().to_owned();
    let properties: Vec<_> = request.all("Properties").map(|property| property.text().trim().to_owned()).collect();
    let filter = match request.child("Filter").filter(|filter| !filter.is_nil()) {
        Some(filter) => Some(Filter::read(filter)?),
        None => None,
    };
    let rows = if let Some(key) = table_of(&kind) {
        let table = account.tables.get(key).ok_or_else(|| no_handler(&kind))?;
        let known = |name: &str| table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        check(&kind, &properties, filter.as_ref(), known)?;
        rows_of(table, filter.as_ref())
    } else {
        let all = catalogue::properties(&kind).ok_or_else(|| no_handler(&kind))?;
        let is_missing = |name: &str| account.quirks.missing_properties.contains(&(kind.clone(), name.to_owned()));
        let known = |name: &str| {
            matches!(name, "PartnerKey" | "ObjectID")
                || all.iter().any(|it| it.name == name && it.is_retrievable && !is_missing(name))
        };
        check(&kind, &properties, filter.as_ref(), known)?;
        if is_unheeded(account, &kind, filter.as_ref()) {
            Vec::new()
        } else {
            let fits = |item: &Item| filter.as_ref().is_none_or(|filter| filter.fits(&|name| item.value(name)));
            objects::found(account, &kind, now).filter(fits).collect()
        }
    };
    Ok(Session { account: number, kind, properties, rows, from: 0, until: now + LIFETIME })
}

/// `DataExtensionObject[KEY]`: `KEY`.
fn table_of(kind: &str) -> Option<&str> {
    kind.strip_prefix("DataExtensionObject[")?.strip_suffix(']')
}

fn rows_of(table: &Table, filter: Option<&Filter>) -> Vec<Item> {
    let rows = table.rows.iter().map(|row| objects::of_row(table, row));
    rows.filter(|item| filter.is_none_or(|filter| filter.fits(&|name| item.value(name)))).collect()
}

/// One property that is not known refuses the whole call; texts as recorded, seen live, or in public code.
fn check(
    kind: &str,
    properties: &[String],
    filter: Option<&Filter>,
    known: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let unknown: Vec<_> = properties.iter().filter(|name| !known(name)).map(String::as_str).collect();
    if !unknown.is_empty() || properties.is_empty() {
        let names = unknown.join(", ");
        return Err(format!("Error: The Request Property(s) {names} do not match with the fields of {kind} retrieve"));
    }
    let filtered = filter.map(Filter::properties).unwrap_or_default();
    match filtered.into_iter().find(|name| !known(name)) {
        Some(name) => Err(format!("Error: Invalid column name '{name}'.")),
        None => Ok(()),
    }
}

fn no_handler(kind: &str) -> String {
    format!("Error: Unable to find a handler for object type: {kind}. Object types are case-sensitive, check spelling.")
}

/// A joined filter on `Send` finds nothing, though it is answered OK (seen live), unless it speaks of `ModifiedDate`
/// alone, as a public client has it; and whatever else the account's quirks say.
fn is_unheeded(account: &Account, kind: &str, filter: Option<&Filter>) -> bool {
    let Some(filter) = filter else { return false };
    let properties = filter.properties();
    let is_odd_join =
        kind == "Send" && filter.is_joined() && properties.iter().any(|property| *property != "ModifiedDate");
    let is_unsupported =
        |property: &&str| account.quirks.unsupported_filters.contains(&(kind.to_owned(), (*property).to_owned()));
    is_odd_join || properties.iter().any(is_unsupported)
}
