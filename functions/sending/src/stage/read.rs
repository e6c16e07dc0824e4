//! The first pass: CRM's pages become rows in partitions.

use bytes::Bytes;
use crm::{CrmError, Recipient, RecipientKind};
use domain::CrmId;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::{
    Mapping, Outcome,
    mapping::key_attribute,
    parts::Lines,
    spill::{PARTITIONS, Spilled, partition_of},
};
use crate::{
    desk::{Desk, Halt, Hands, bucket_trouble},
    send::{Exclusions, Round as Spill, Source, WhyNot},
};

/// After so many rows they go to the bucket and are recorded: some ten megabytes.
const MOST_IN_MEMORY: u64 = 50_000;
/// How many objects are written at once.
const AT_ONCE: usize = 8;

/// Rows that are not in the bucket yet.
struct Round {
    partitions: Vec<Vec<u8>>,
    outcomes: Vec<u8>,
    listed: u64,
    candidates: u64,
    excluded: Exclusions,
}

/// Reads all sources from the checkpoint on.
pub(super) async fn all(desk: &mut Desk<'_>, hands: &Hands, mapping: &Mapping) -> Result<(), Halt> {
    while let Some(source) = next(desk) {
        if desk.is_late() {
            return Err(Halt::breath());
        }
        let attributes = mapping.attributes(source.kind);
        let mut round = Round::new();
        let mut cursor = desk.row.value.staging.cursor.clone();
        // Pages until the memory is used, the time is over, or there are no more.
        let is_over = loop {
            let mut page = Page::new(source.kind, mapping);
            let mut each = |record: &dyn Recipient| page.take(record);
            let read = hands.crm.recipients(source.kind, source.among, &attributes, cursor.as_ref(), &mut each).await;
            let next = read.map_err(|error| explain(error, mapping, source.kind))?;
            round.add(page)?;
            cursor = next;
            if cursor.is_none() {
                break true;
            }
            if round.listed >= MOST_IN_MEMORY || desk.is_late() {
                break false;
            }
        };
        record(desk, round, is_over, cursor).await?;
    }
    Ok(())
}

fn next(desk: &Desk<'_>) -> Option<Source> {
    let staging = &desk.row.value.staging;
    staging.sources.as_ref()?.get(staging.source).copied()
}

/// The rows go to the bucket, and then the checkpoint moves. Objects are named by the fence: one that lost the lease cannot
/// write over what another one recorded (rule 6).
async fn record(desk: &mut Desk<'_>, round: Round, is_over: bool, cursor: Option<crm::Cursor>) -> Result<(), Halt> {
    let (folder, fence) = (desk.row.value.folder(), desk.fence());
    let number = desk.row.value.staging.rounds.len();
    let name = format!("{folder}/people/{number:04}-{fence}");
    let (bucket, tenant) = (&desk.deps.platform.staging, &desk.tenant);
    let full = round.partitions.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty());
    let full: Vec<(usize, Vec<u8>)> = full.collect();
    let partitions = full.iter().fold(0, |bits, (partition, _)| bits | 1 << partition);
    let puts = full.into_iter().map(|(partition, rows)| {
        let object = format!("{name}/{partition:02}");
        async move { bucket.put(tenant, &object, Bytes::from(rows)).await }.boxed()
    });
    let puts: Vec<_> = puts.collect();
    stream::iter(puts).buffer_unordered(AT_ONCE).try_collect::<()>().await.map_err(bucket_trouble)?;
    let outcomes = format!("{folder}/outcomes/read-{number:04}-{fence}");
    if !round.outcomes.is_empty() {
        bucket.put(tenant, &outcomes, Bytes::from(round.outcomes)).await.map_err(bucket_trouble)?;
        desk.row.value.staging.outcomes.push(outcomes);
    }
    let staging = &mut desk.row.value.staging;
    if round.candidates > 0 {
        staging.rounds.push(Spill { object: name, partitions });
    }
    staging.listed += round.listed;
    staging.candidates += round.candidates;
    staging.excluded.add_all(&round.excluded);
    staging.cursor = cursor;
    if is_over {
        staging.source += 1;
    }
    tracing::info!(send = %desk.row.value.id, listed = desk.row.value.staging.listed, "read people of a send");
    desk.done().await
}

/// A user can do something about an attribute that is not there, but only if it is named.
fn explain(error: CrmError, mapping: &Mapping, kind: RecipientKind) -> Halt {
    /// CRM's code for an attribute that it does not have.
    const NO_ATTRIBUTE: &str = "0x80041103";
    match error {
        CrmError::Refused { code, .. } if code == NO_ATTRIBUTE => Halt::refused(format!(
            "CRM's {} does not have one of the attributes that mails use: {}. Change the attribute mapping",
            kind.entity(),
            mapping.mapped(kind)
        )),
        other => other.into(),
    }
}

impl Round {
    fn new() -> Self {
        Self {
            partitions: vec![Vec::new(); PARTITIONS],
            outcomes: Vec::new(),
            listed: 0,
            candidates: 0,
            excluded: Exclusions::default(),
        }
    }

    /// A page that was read to its end.
    fn add(&mut self, page: Page<'_>) -> Result<(), Halt> {
        if page.is_broken {
            return Err(Halt::refused("CRM gave a record without an id"));
        }
        for (to, from) in self.partitions.iter_mut().zip(page.round.partitions) {
            if to.is_empty() { *to = from } else { to.extend(from) }
        }
        self.outcomes.extend(page.round.outcomes);
        self.listed += page.round.listed;
        self.candidates += page.round.candidates;
        self.excluded.add_all(&page.round.excluded);
        Ok(())
    }
}

/// One page while it is read: dropped if it turns out to be cut.
struct Page<'m> {
    kind: RecipientKind,
    key: String,
    mapping: &'m Mapping,
    values: Vec<String>,
    lines: Lines,
    round: Round,
    is_broken: bool,
}

impl<'m> Page<'m> {
    fn new(kind: RecipientKind, mapping: &'m Mapping) -> Self {
        let (values, lines, round) = (Vec::new(), Lines::new(), Round::new());
        Self { kind, key: key_attribute(kind), mapping, values, lines, round, is_broken: false }
    }

    fn take(&mut self, record: &dyn Recipient) {
        let Some(id) = record.value(&self.key).and_then(|id| id.parse::<CrmId>().ok()) else {
            self.is_broken = true;
            return;
        };
        self.round.listed += 1;
        let written = self.mapping.read(self.kind, record, &mut self.values).and_then(|address| {
            let key = id.to_string();
            let fields = [key.as_str(), address.as_str()].into_iter().chain(self.values.iter().map(String::as_str));
            self.lines.line(fields).map(|line| (address.hash(), line)).ok_or(WhyNot::BadValue)
        });
        match written {
            Ok((address, line)) => {
                let spilled = Spilled { address, kind: self.kind, id, line };
                spilled.write(&mut self.round.partitions[partition_of(&address)]);
                self.round.candidates += 1;
            }
            Err(reason) => {
                self.round.excluded.count(reason);
                Outcome::Excluded(reason).write(id, &mut self.round.outcomes);
            }
        }
    }
}
