//! Who wants no mails, by the platform: one row for each address, which only grows (S9, architecture rule 7).
//!
//! Opting out is by address: one who said so under any record wants no mails under another one. The rows have a hash of the
//! address and not the address. They are brought in when a send is staged; that somebody wants mails again is for
//! another flow to say, and never follows from a list that lacks them.

use std::collections::{BTreeMap, BTreeSet};

use domain::{SignedDuration, TenantId, Timestamp};
use exacttarget::{ExactTarget, Filter, operations::Retrieve};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use platform::{Key, NewRow, Table};
use serde::{Deserialize, Serialize};
use tenants::Trouble;

use crate::{
    Address,
    address::AddressHash,
    desk::{Desk, Halt, Hands},
    send::WhyNot,
    stage::partition_of,
};

/// The states of subscribers who get nothing, and what that is called in a receipt.
const NO_MAILS: [(&str, WhyNot); 2] = [("Unsubscribed", WhyNot::OptedOutOnPlatform), ("Held", WhyNot::HeldOnPlatform)];
/// How many rows are written at once.
const AT_ONCE: usize = 8;

/// That an address wants no mails.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// By what.
    pub(crate) why: WhyNot,
    /// Since when we know.
    pub(crate) noticed: Timestamp,
}

/// Asks the platform who wants no mails, and notes it. No answer means no send (S8).
pub(crate) async fn bring_in(desk: &Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    for (status, why) in NO_MAILS {
        let addresses = subscribers(&hands.email, &Filter::equals("Status", status)).await?;
        note(&desk.deps.platform.ledger, &desk.tenant, why, desk.now(), addresses).await?;
    }
    Ok(())
}

/// Asks who said so at or after this time, and notes it. Quick, whatever the number of those who did before: it is asked just
/// before a release.
pub(crate) async fn bring_in_since(desk: &Desk<'_>, hands: &Hands, since: Timestamp) -> Result<(), Halt> {
    let (email, why) = (&hands.email, WhyNot::OptedOutOnPlatform);
    // Their clock may be ahead of ours.
    let until = desk.now().saturating_add(SignedDuration::from_hours(24)).map_err(Trouble::bug)?;
    let by_date = |from| Filter::between("UnsubscribedDate", from, until);
    let mut addresses = all(email, Some(by_date(since))).await?;
    // Nobody: that is believed of a question that finds those of all times, or where nobody ever said so.
    if addresses.is_empty() && !is_there_any(email, Some(by_date(Timestamp::UNIX_EPOCH))).await? {
        addresses = subscribers(email, &Filter::equals("Status", NO_MAILS[0].0)).await?;
    }
    Ok(note(&desk.deps.platform.ledger, &desk.tenant, why, desk.now(), addresses).await?)
}

/// The addresses of the subscribers that a filter of their state finds. If it finds nobody, it is proven to work by a
/// question that has to find somebody: a filter that the platform does not support may answer *OK* without rows (contract
/// `exacttarget/README.md` §4).
async fn subscribers(email: &ExactTarget, filter: &Filter) -> Result<Vec<AddressHash>, Halt> {
    let found = all(email, Some(filter.clone())).await?;
    if !found.is_empty()
        || is_there_any(email, Some(Filter::equals("Status", "Active"))).await?
        || !is_there_any(email, None).await?
    {
        return Ok(found);
    }
    let reason = "the e-mail platform does not say who wants no mails".to_owned();
    Err(Trouble::Passing { reason, after: None }.into())
}

async fn is_there_any(email: &ExactTarget, filter: Option<Filter>) -> Result<bool, Halt> {
    let mut request = Retrieve::of("Subscriber", ["SubscriberKey"]).in_pages_of(1);
    request.filter = filter;
    Ok(!email.send(&request).await?.results.is_empty())
}

async fn all(email: &ExactTarget, filter: Option<Filter>) -> Result<Vec<AddressHash>, Halt> {
    // Nothing beside the address: pages leave out what an account does not have, and this must be an error.
    let mut request = Retrieve::of("Subscriber", ["EmailAddress"]);
    request.filter = filter;
    let (mut pages, mut found) = (email.pages(request), Vec::new());
    while let Some(page) = pages.next().await? {
        for subscriber in page.objects()? {
            // One without an address that is one gets no mail by any record.
            let address = Address::read(&subscriber.child_text("EmailAddress"));
            found.extend(address.ok().map(|address| address.hash()));
        }
    }
    Ok(found)
}

/// Writes those down who are not yet: what is there is older.
async fn note(
    ledger: &Table,
    tenant: &TenantId,
    why: WhyNot,
    noticed: Timestamp,
    addresses: Vec<AddressHash>,
) -> Result<(), Trouble> {
    let mut by_partition: BTreeMap<usize, BTreeSet<AddressHash>> = BTreeMap::new();
    for address in addresses {
        by_partition.entry(partition_of(&address)).or_default().insert(address);
    }
    let consent = &Consent { why, noticed };
    for (partition, addresses) in by_partition {
        let known = of_partition(ledger, tenant, partition).await?;
        let inserts = addresses.iter().filter(|address| !known.contains_key(*address)).map(|address| {
            let new = NewRow::new(key(tenant, address), consent);
            async move {
                match ledger.insert(new).await {
                    // Somebody else noted it meanwhile.
                    Err(error) if !error.is_conflict() => Err(error),
                    _ => Ok(()),
                }
            }
            .boxed()
        });
        let inserts: Vec<_> = inserts.collect();
        stream::iter(inserts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    }
    Ok(())
}

/// Who wants no mails, of a partition of addresses.
pub(crate) async fn of_partition(
    ledger: &Table,
    tenant: &TenantId,
    partition: usize,
) -> Result<BTreeMap<AddressHash, Consent>, Trouble> {
    let prefix = prefix(partition);
    let (mut found, mut after) = (BTreeMap::new(), None::<String>);
    loop {
        let page = ledger.list::<Consent>(tenant, &prefix, after.as_deref(), 1_000).await?;
        for row in page.items {
            let address = row.key.sort.strip_prefix(&prefix).and_then(read_hash);
            found.extend(address.map(|address| (address, row.value)));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

fn prefix(partition: usize) -> String {
    format!("CONSENT#{partition:02}#")
}

fn key(tenant: &TenantId, address: &AddressHash) -> Key {
    let hash = u128::from_be_bytes(*address);
    Key::new(tenant, format!("{}{hash:032x}", prefix(partition_of(address))))
}

fn read_hash(text: &str) -> Option<AddressHash> {
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}
