//! The second pass: of all records with one address one is kept, unless the address wants no mails.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tenants::Trouble;

use super::{
    Outcome, parts,
    spill::{PARTITIONS, Spilled},
};
use crate::{
    address::AddressHash,
    consent::{self, Consent},
    desk::{Desk, Halt, Hands, bucket_trouble},
    send::{Event, Exclusions, Journal, Piece, Staging, WhyNot},
};

/// After so many partitions what they gave is recorded.
const PER_TURN: usize = 8;
/// How many objects are read at once.
const AT_ONCE: usize = 8;

/// What a turn has sifted and not written yet.
struct Turn {
    /// Lines that do not fill a piece yet.
    lines: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    outcomes: Vec<u8>,
    excluded: Exclusions,
    met: u64,
    pieces: Vec<Piece>,
}

/// Sorts all partitions from the checkpoint on.
pub(super) async fn all(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    let size = parts::piece_size(hands.mailing.batches);
    while desk.row.value.staging.sorting.next < PARTITIONS {
        if desk.is_late() {
            return Err(Halt::breath());
        }
        let mut turn = Turn::resume(desk).await?;
        let mut next = desk.row.value.staging.sorting.next;
        let end = PARTITIONS.min(next + PER_TURN);
        while next < end && !desk.is_late() {
            let objects = people_of(desk, next).await?;
            if !objects.is_empty() {
                let consents = consent::of_partition(&desk.deps.platform.ledger, &desk.tenant, next).await?;
                turn.sift(&objects, &consents)?;
                turn.cut(desk, size).await?;
            }
            next += 1;
        }
        if next == PARTITIONS && !turn.ends.is_empty() {
            let all = turn.ends.len();
            turn.cut(desk, all).await?;
        }
        turn.record(desk, next).await?;
    }
    let staging = &desk.row.value.staging;
    if staging.sorting.met == staging.candidates {
        return Ok(());
    }
    // An object that got lost would be people who get no mail and are not told of.
    tracing::warn!(send = %desk.row.value.id, "people of a send got lost in the bucket: it is begun anew");
    let send = &mut desk.row.value;
    send.revision = send.revision.saturating_add(1);
    (send.staging, send.journal) = (Staging::default(), Journal::default());
    Err(Halt::Event(Event::Edited))
}

/// The objects with the people of a partition, in the order of the rounds.
pub(crate) async fn people_of(desk: &Desk<'_>, partition: usize) -> Result<Vec<Bytes>, Halt> {
    let (bucket, tenant) = (&desk.deps.platform.staging, &desk.tenant);
    let rounds = desk.row.value.staging.rounds.iter().filter(|round| round.has(partition));
    let gets = rounds.map(|round| {
        let object = format!("{}/{partition:02}", round.object);
        async move { bucket.get(tenant, &object).await }.boxed()
    });
    let gets: Vec<_> = gets.collect();
    let objects: Vec<Option<Bytes>> =
        stream::iter(gets).buffered(AT_ONCE).try_collect().await.map_err(bucket_trouble)?;
    // One that is not there is missed in the end: its people were not met.
    Ok(objects.into_iter().flatten().collect())
}

impl Turn {
    async fn resume(desk: &Desk<'_>) -> Result<Self, Halt> {
        let (mut lines, mut ends) = (Vec::new(), Vec::new());
        if let Some(rest) = &desk.row.value.staging.sorting.rest {
            let found = desk.deps.platform.staging.get(&desk.tenant, rest).await.map_err(bucket_trouble)?;
            let read = found.as_deref().and_then(read_rest);
            (lines, ends) = read.ok_or_else(|| Trouble::bug("the rest of a partition cannot be read"))?;
        }
        let (outcomes, excluded) = (Vec::new(), Exclusions::default());
        Ok(Self { lines, ends, outcomes, excluded, met: 0, pieces: Vec::new() })
    }

    fn sift(&mut self, objects: &[Bytes], consents: &BTreeMap<AddressHash, Consent>) -> Result<(), Halt> {
        let people: Option<Vec<Spilled<'_>>> = objects.iter().flat_map(|bytes| Spilled::all(bytes)).collect();
        let mut people = people.ok_or_else(|| Trouble::bug("an object with people cannot be read"))?;
        people.sort_unstable_by_key(|person| (person.address, person.kind, person.id));
        let mut before = None;
        for person in &people {
            let is_first = before != Some(person.address);
            before = Some(person.address);
            let outcome = match consents.get(&person.address) {
                Some(consent) => Outcome::Excluded(consent.why),
                None if is_first => Outcome::Listed,
                None => Outcome::Excluded(WhyNot::Duplicate),
            };
            match outcome {
                Outcome::Listed => {
                    self.lines.extend(person.line);
                    self.ends.push(self.lines.len());
                }
                Outcome::Excluded(reason) => self.excluded.count(reason),
            }
            outcome.write(person.id, &mut self.outcomes);
            self.met += 1;
        }
        Ok(())
    }

    /// Writes the pieces that are full.
    async fn cut(&mut self, desk: &Desk<'_>, size: usize) -> Result<(), Halt> {
        while self.ends.len() >= size {
            let end = self.ends[size - 1];
            let number = desk.row.value.staging.sorting.pieces.len() + self.pieces.len() + 1;
            let object = format!("{}/part-{number:05}-{}.csv", desk.row.value.folder(), desk.fence());
            let rest = self.lines.split_off(end);
            let lines = std::mem::replace(&mut self.lines, rest);
            put(desk, &object, lines).await?;
            self.pieces.push(Piece { object, rows: u64::try_from(size).unwrap_or(u64::MAX) });
            self.ends.drain(..size);
            self.ends.iter_mut().for_each(|at| *at -= end);
        }
        Ok(())
    }

    async fn record(self, desk: &mut Desk<'_>, next: usize) -> Result<(), Halt> {
        let name = |what: &str| format!("{}/{what}-{next:02}-{}", desk.row.value.folder(), desk.fence());
        let (rest, outcomes) = (name("rest"), name("outcomes/sorted"));
        let has_rest = !self.ends.is_empty();
        if has_rest {
            put(desk, &rest, write_rest(&self.lines, &self.ends)).await?;
        }
        if !self.outcomes.is_empty() {
            put(desk, &outcomes, self.outcomes).await?;
            desk.row.value.staging.outcomes.push(outcomes);
        }
        let staging = &mut desk.row.value.staging;
        staging.excluded.add_all(&self.excluded);
        let sorting = &mut staging.sorting;
        sorting.next = next;
        sorting.met += self.met;
        sorting.pieces.extend(self.pieces);
        sorting.rest = has_rest.then_some(rest);
        desk.done().await
    }
}

async fn put(desk: &Desk<'_>, object: &str, content: Vec<u8>) -> Result<(), Halt> {
    desk.deps.platform.staging.put(&desk.tenant, object, content.into()).await.map_err(bucket_trouble)
}

/// How many lines there are, where each of them ends, and the lines.
fn write_rest(lines: &[u8], ends: &[usize]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut written = Vec::with_capacity(4 * (ends.len() + 1) + lines.len());
    written.extend(number(ends.len()));
    for end in ends {
        written.extend(number(*end));
    }
    written.extend(lines);
    written
}

fn read_rest(bytes: &[u8]) -> Option<(Vec<u8>, Vec<usize>)> {
    let number = |bytes: &[u8]| Some(usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).unwrap_or(usize::MAX));
    let (count, bytes) = bytes.split_at_checked(4)?;
    let (ends, lines) = bytes.split_at_checked(number(count)?.checked_mul(4)?)?;
    let ends: Vec<usize> = ends.chunks_exact(4).map(number).collect::<Option<_>>()?;
    (ends.last().copied().unwrap_or_default() == lines.len()).then(|| (lines.to_vec(), ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_comes_back_whole_or_not_at_all() {
        let written = write_rest(b"one\r\ntwo\r\n", &[5, 10]);
        assert_eq!(read_rest(&written), Some((b"one\r\ntwo\r\n".to_vec(), vec![5, 10])));
        for cut in 0..written.len() {
            assert_eq!(read_rest(&written[..cut]), None, "{cut}");
        }
    }
}
