//! Imports: a file becomes rows or subscribers, one import at a time for each destination (contract §6, File import).
//!
//! How long each state lasts is invented; that an import has no result at first, and takes its time, is not.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    account::{Account, Row, Status, Subscriber, Subscription, Table},
    audience::is_address,
    columns::{as_columns, check, key_of},
    events::Happening,
    seed,
};

/// How a file becomes rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportDefinition {
    /// The platform's id.
    pub object_id: Uuid,
    /// The customer's own key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Where rows go.
    pub destination: Destination,
    /// Which column of the file is which: by the head of the file, or by these places, counted from 0.
    pub mapping: Option<Vec<(usize, String)>>,
    /// The file's name, with `%%Year%%` and its like.
    pub file: String,
    /// Between two values of a line.
    pub delimiter: u8,
    /// `AddAndUpdate` and its like.
    pub update: String,
    /// Whether a row that is refused lets the others in.
    pub allows_errors: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// Where rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A list, by its number.
    List(u32),
    /// A table, by its key.
    Table(String),
}

/// An import that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// What its result is found by.
    pub task: u32,
    /// The platform's id.
    pub object_id: Uuid,
    /// What was started.
    pub definition: ImportDefinition,
    /// When it was started.
    pub asked: Timestamp,
    /// When it began, and when it ends.
    pub runs: Option<(Timestamp, Timestamp)>,
    /// What came of it, once it is over.
    pub outcome: Option<Result<Counts, String>>,
    /// Rows that were refused: the line of the file, and why.
    pub refused: Vec<(usize, String)>,
}

/// What came of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All rows of the file.
    pub total: usize,
    /// Those that went in.
    pub successful: usize,
    /// Those whose key another row of the file has.
    pub duplicated: usize,
    /// Those that were refused.
    pub errors: usize,
}

impl Import {
    /// Whether a retrieve finds it: not right after the start (contract §6).
    pub(super) fn is_shown(&self, now: Timestamp) -> bool {
        self.outcome.is_some() || now.duration_since(self.asked) >= SignedDuration::from_secs(1)
    }

    /// `ImportStatus`.
    pub(super) fn status(&self, now: Timestamp) -> &'static str {
        match (&self.outcome, self.runs) {
            (Some(Ok(_)), _) => "Completed",
            (Some(Err(_)), _) => "Error",
            (None, None) => "New",
            (None, Some((_, ends))) if ends.duration_since(now) <= SignedDuration::from_secs(1) => "IOWork",
            (None, Some(_)) => "Processing",
        }
    }
}

/// A table as it is filled: its rows by primary key.
struct Filling {
    rows: Vec<Arc<Row>>,
    places: HashMap<Vec<String>, usize>,
}

impl Account {
    /// Starts an import: its task.
    pub(super) fn start_import(&mut self, definition: ImportDefinition, now: Timestamp) -> u32 {
        let task = self.next_id();
        let object_id = self.next_object_id();
        let place = self.imports.len();
        let (runs, outcome, refused) = (None, None, Vec::new());
        self.imports.push(Import { task, object_id, definition, asked: now, runs, outcome, refused });
        self.later(now + self.quirks.slow_start, Happening::Import(place));
        task
    }

    /// Begins, waits until the one before it at the same destination is over, or ends.
    pub(super) fn import_goes_on(&mut self, place: usize, at: Timestamp) {
        let Some(import) = self.imports.get(place) else { return };
        let definition = import.definition.clone();
        let file = file_name(&definition.file, at);
        if import.runs.is_some() {
            let content = self.folder.get(&file);
            let outcome = match content {
                Some(content) => self.import(&definition, &content, at),
                None => Err(format!("The file {file} was not found.")),
            };
            // The file goes away after the import (contract §6, of 2011).
            self.folder.remove(&file);
            let import = &mut self.imports[place];
            match outcome {
                Ok((counts, refused)) => {
                    import.outcome = Some(Ok(counts));
                    import.refused = refused;
                }
                Err(reason) => import.outcome = Some(Err(reason)),
            }
            return;
        }
        let running = self.imports.iter().find(|other| {
            other.definition.destination == definition.destination && other.outcome.is_none() && other.runs.is_some()
        });
        let (runs, next) = if let Some((_, ends)) = running.and_then(|other| other.runs) {
            (None, ends.max(at + SignedDuration::from_millis(1)))
        } else {
            let size = self.folder.size_of(&file).unwrap_or_default();
            // Five seconds, and another one for a megabyte.
            let takes = SignedDuration::from_millis(5_000 + i64::try_from(size / 1_000).unwrap_or_default());
            (Some((at, at + takes)), at + takes)
        };
        self.imports[place].runs = runs;
        self.later(next, Happening::Import(place));
    }

    fn import(
        &mut self,
        definition: &ImportDefinition,
        content: &Bytes,
        now: Timestamp,
    ) -> Result<(Counts, Vec<(usize, String)>), String> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(definition.delimiter)
            .flexible(true)
            .from_reader(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content));
        let head = reader.headers().map_err(|_| "The first line is not text in UTF-8.".to_owned())?.clone();
        let mut counts = Counts::default();
        let mut refused = Vec::new();
        let mut rows = Vec::new();
        for (number, record) in reader.records().enumerate() {
            counts.total += 1;
            // Behind the head, and lines count from 1.
            let line = number + 2;
            let judged = match record {
                Err(_) => Err("The row is not text in UTF-8.".to_owned()),
                Ok(record) if record.len() != head.len() => {
                    Err(format!("The row has {} values, the head has {}.", record.len(), head.len()))
                }
                Ok(record) => Ok(match &definition.mapping {
                    None => head.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect::<Row>(),
                    Some(places) => places
                        .iter()
                        .filter_map(|(place, name)| Some((name.clone(), record.get(*place)?.to_owned())))
                        .collect(),
                }),
            };
            let checked = judged.and_then(|row| match &definition.destination {
                Destination::Table(key) => {
                    self.tables.get(key).map_or(Ok(()), |table| check(table, &row)).map(|()| row)
                }
                Destination::List(_) => subscriber_address(&row).map(|_| ()).map(|()| row),
            });
            match checked {
                Ok(row) => rows.push(row),
                Err(reason) => refused.push((line, reason)),
            }
        }
        counts.errors = refused.len();
        if let Some((line, reason)) = refused.first().filter(|_| !definition.allows_errors) {
            return Err(format!("Line {line}: {reason}"));
        }
        rows.truncate(rows.len().saturating_sub(self.quirks.lost_rows));
        match &definition.destination {
            Destination::Table(key) => {
                let table = self.tables.get_mut(key).ok_or_else(|| format!("The data extension {key} is gone."))?;
                fill(table, rows, &definition.update, &mut counts)?;
            }
            Destination::List(list) => {
                for row in rows {
                    self.subscribe(&row, *list, now);
                    counts.successful += 1;
                }
            }
        }
        Ok((counts, refused))
    }

    /// A row becomes a subscriber on a list.
    fn subscribe(&mut self, row: &Row, list: u32, now: Timestamp) {
        let Ok((key, address)) = subscriber_address(row) else { return };
        let id = self.next_id();
        let subscriber = self.subscribers.entry(key.clone()).or_insert_with(|| Subscriber::new(id, key, now));
        subscriber.address = address;
        for (name, value) in row {
            if !matches!(
                &*name.to_lowercase(),
                "email address" | "emailaddress" | "subscriberkey" | "subscriber key" | "status"
            ) {
                subscriber.attributes.insert(name.clone(), value.clone());
            }
        }
        let status = row.get("Status").and_then(|name| Status::named(name)).unwrap_or(Status::Active);
        let subscription = subscriber.lists.entry(list).or_insert(Subscription { status, created: now, modified: now });
        subscription.modified = now;
    }

    /// Whom a mail went to from a table and who was no subscriber is one from now on.
    pub(super) fn subscribe_by_sending(&mut self, key: &str, address: &str, now: Timestamp) {
        let id = self.next_id();
        let subscriber = Subscriber { address: address.to_owned(), ..Subscriber::new(id, key.to_owned(), now) };
        self.subscribers.insert(key.to_owned(), subscriber);
    }
}

impl Subscriber {
    /// One who is on the list of everybody and on no other.
    pub(super) fn new(id: u32, key: String, now: Timestamp) -> Self {
        let on = Subscription { status: Status::Active, created: now, modified: now };
        Self {
            id,
            key,
            address: String::new(),
            status: Status::Active,
            attributes: std::collections::BTreeMap::new(),
            lists: [(seed::ALL_SUBSCRIBERS, on)].into(),
            created: now,
            unsubscribed: None,
            kind: None,
            bounces: None,
        }
    }
}

/// Key and address; the key is the address where there is none.
fn subscriber_address(row: &Row) -> Result<(String, String), String> {
    let value = |names: &[&str]| {
        let found = row.iter().find(|(name, _)| names.contains(&&*name.to_lowercase()));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let address = value(&["email address", "emailaddress"]);
    if !is_address(&address) {
        return Err("Email Address is not a valid address.".to_owned());
    }
    let key = value(&["subscriberkey", "subscriber key"]);
    Ok((if key.is_empty() { address.clone() } else { key }, address))
}

fn fill(table: &mut Table, rows: Vec<Row>, update: &str, counts: &mut Counts) -> Result<(), String> {
    let has_key = table.columns.iter().any(|column| column.is_key);
    let mut filling = Filling { rows: std::mem::take(&mut table.rows), places: HashMap::new() };
    if update == "Overwrite" {
        if has_key {
            table.rows = filling.rows;
            return Err("Overwrite is for data extensions without a primary key.".to_owned());
        }
        filling.rows.clear();
    }
    if has_key {
        let places = filling.rows.iter().enumerate().map(|(place, row)| (key_of(table, row), place));
        filling.places = places.collect();
    }
    let mut seen = std::collections::HashSet::new();
    for row in rows {
        let row = as_columns(table, &row);
        let key = key_of(table, &row);
        if has_key && !seen.insert(key.clone()) {
            counts.duplicated += 1;
        } else {
            counts.successful += 1;
        }
        let place = filling.places.get(&key).copied().filter(|_| has_key);
        match place {
            Some(_) if update == "AddAndDoNotUpdate" => {}
            Some(place) => {
                let merged = Arc::make_mut(&mut filling.rows[place]);
                merged.extend(row);
            }
            None if update == "UpdateButDoNotAdd" => {}
            None => {
                if has_key {
                    filling.places.insert(key, filling.rows.len());
                }
                filling.rows.push(Arc::new(row));
            }
        }
    }
    table.rows = filling.rows;
    Ok(())
}

/// The name with the day in it, by the server's time.
fn file_name(pattern: &str, now: Timestamp) -> String {
    let day = super::objects::server_time(now);
    pattern
        .replace("%%Year%%", &day.strftime("%Y").to_string())
        .replace("%%Month%%", &day.strftime("%m").to_string())
        .replace("%%Day%%", &day.strftime("%d").to_string())
}
