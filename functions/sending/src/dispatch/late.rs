//! Those who opted out since the people were read, in CRM or at the platform (S7, S8, architecture rule 7).
//!
//! They go into the send's own table of exclusions, at most a minute before the release. If one of the answers is missing,
//! nothing is released.

use std::collections::{BTreeMap, BTreeSet};

use crm::{Among, Recipient, RecipientKind};
use domain::{CrmId, SignedDuration};
use exacttarget::{
    objects::{DataExtensionRow, Object},
    operations::Update,
};
use tenants::Trouble;

use super::tables::exclusions_of;
use crate::{
    Address,
    address::AddressHash,
    consent,
    desk::{Desk, Halt, Hands},
    stage::{KEY_COLUMN, PARTITIONS, Spilled, partition_of, people_of},
};

/// How old the answer may be when the platform is told to mail.
pub(super) const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// CRM's clock, the platform's and ours differ by less.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Objects in a call (contract `exacttarget/README.md` §7).
const PER_CALL: usize = 50;

/// Asks who opted out, and excludes those of them who are in the send.
pub(super) async fn exclude(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    let asked_at = desk.now();
    let mut late = in_crm(desk, hands).await?;
    let read_at = desk.row.value.staging.consents_at.ok_or_else(|| Trouble::bug("a send without consents"))?;
    consent::bring_in_since(desk, hands, read_at.saturating_sub(SKEW).map_err(Trouble::bug)?).await?;
    let mut people = BTreeSet::new();
    let mut addresses = 0;
    for partition in 0..PARTITIONS {
        let known = consent::of_partition(&desk.deps.platform.ledger, &desk.tenant, partition).await?;
        // Those who were known when the people were sifted are in no part.
        let was_known = |address: &AddressHash| known.get(address).is_some_and(|consent| consent.noticed <= read_at);
        late.entry(partition).or_default().extend(known.keys());
        let late: BTreeSet<_> =
            late.remove(&partition).into_iter().flatten().filter(|address| !was_known(address)).collect();
        if late.is_empty() {
            continue;
        }
        let mut met = BTreeSet::new();
        for object in people_of(desk, partition).await? {
            for person in Spilled::all(&object) {
                let person = person.ok_or_else(|| Trouble::bug("an object with people cannot be read"))?;
                if late.contains(&person.address) {
                    met.insert(person.address);
                    people.insert(person.id);
                }
            }
        }
        addresses += met.len();
    }
    put(desk, hands, &people).await?;
    // One address is one mail, however many records have it.
    desk.row.value.journal.opted_out = Some((asked_at, u64::try_from(addresses).unwrap_or(u64::MAX)));
    desk.done().await
}

/// Those whose record says so since the people were read, by the partition of their address.
async fn in_crm(desk: &Desk<'_>, hands: &Hands) -> Result<BTreeMap<usize, Vec<AddressHash>>, Halt> {
    let since = desk.row.value.taken_at.saturating_sub(SKEW).map_err(Trouble::bug)?;
    let mut late: BTreeMap<usize, Vec<AddressHash>> = BTreeMap::new();
    let attributes = ["emailaddress1".to_owned()];
    for kind in RecipientKind::ALL {
        let mut cursor = None;
        loop {
            let mut page = Vec::new();
            let mut each = |record: &dyn Recipient| {
                let address = record.value("emailaddress1").and_then(|text| Address::read(text).ok());
                page.extend(address.map(|address| address.hash()));
            };
            let among = Among::OptedOutSince(since);
            cursor = hands.crm.recipients(kind, among, &attributes, cursor.as_ref(), &mut each).await?;
            for address in page {
                late.entry(partition_of(&address)).or_default().push(address);
            }
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(late)
}

/// Rows are keyed by who they are: one that is there already is left as it is.
async fn put(desk: &Desk<'_>, hands: &Hands, people: &BTreeSet<CrmId>) -> Result<(), Halt> {
    let table = exclusions_of(&desk.row.value.release_key(&desk.tenant)).to_string();
    let row = |id: &CrmId| {
        let keys = vec![(KEY_COLUMN.to_owned(), id.to_string())];
        Object::from(&DataExtensionRow { table: table.clone(), keys, values: Vec::new() })
    };
    let rows: Vec<Object> = people.iter().map(row).collect();
    for objects in rows.chunks(PER_CALL) {
        let done = hands.email.send(&Update { objects: objects.to_vec(), upsert: true }).await?.0;
        if done.len() != objects.len() || done.iter().any(|outcome| !outcome.is_ok) {
            let reason = "the e-mail platform does not take those who opted out since".to_owned();
            return Err(Trouble::Passing { reason, after: None }.into());
        }
    }
    Ok(())
}
