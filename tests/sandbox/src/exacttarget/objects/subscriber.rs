//! Subscribers (contract §6).

use domain::Timestamp;
use soap::Element;

use super::{Save, number, pairs, text};
use crate::exacttarget::{
    account::{Account, Status, Subscriber, Subscription},
    answer::{Outcome, Refused},
    audience::is_address,
    seed::ALL_SUBSCRIBERS,
};

/// The attributes that an account has; others are dropped without a word (contract §6).
const ATTRIBUTES: [&str; 6] = ["First Name", "Last Name", "Company", "Language", "Campaign", "Source"];

/// Makes or changes one. The texts of success, and of 12014, are recorded.
pub(super) fn save(account: &mut Account, how: Save, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let address = text(asked, "EmailAddress");
    let key = text(asked, "SubscriberKey").or_else(|| address.clone());
    let key = key.ok_or_else(|| Refused::new(12_015, "Subscriber Key Not Found"))?;
    let exists = account.subscribers.contains_key(&key);
    match how {
        Save::Create if exists => return Err(Refused::new(12_014, "The subscriber is already on the list")),
        Save::Update if !exists => return Err(Refused::new(12_001, "SubscriberNotFound")),
        _ => {}
    }
    if address.as_deref().is_none_or(|address| !is_address(address)) && (address.is_some() || !exists) {
        return Err(Refused::new(12_000, "InvalidEmailAddress"));
    }
    if address.as_deref().is_some_and(|address| address.starts_with("abuse@")) {
        return Err(Refused::new(12_002, "TriggeredSpamFilterException"));
    }
    let status = match text(asked, "Status") {
        Some(name) => Some(Status::named(&name).ok_or_else(|| Refused::new(12_016, "Subscriber.Status is not known"))?),
        None => None,
    };
    if let Some(status @ (Status::Bounced | Status::Deleted)) = status.filter(|_| !exists) {
        let text = format!("Subscriber.Status: when creating a subscriber the status cannot be \"{}\"", status.name());
        return Err(Refused::new(12_016, text));
    }
    let lists = asked.all("Lists").map(|list| Change::read(account, list)).collect::<Result<Vec<_>, _>>()?;
    let id = if exists { 0 } else { account.next_id() };
    let subscriber = account.subscribers.entry(key.clone()).or_insert_with(|| Subscriber::new(id, key, now));
    if let Some(address) = address {
        subscriber.address = address;
    }
    for (name, value) in pairs(asked, None, "Attributes") {
        if ATTRIBUTES.contains(&&*name) {
            subscriber.attributes.insert(name, value);
        }
    }
    if let Some(status) = status {
        subscriber.unsubscribed = match status {
            Status::Unsubscribed => subscriber.unsubscribed.or(Some(now)),
            _ => None,
        };
        subscriber.status = status;
    }
    let kind = asked.child("SubscriberTypeDefinition").and_then(|kind| text(kind, "SubscriberType"));
    subscriber.kind = kind.or_else(|| subscriber.kind.take());
    for change in lists {
        change.apply(subscriber, now);
    }
    let message = if exists { "Updated Subscriber." } else { "Created Subscriber." };
    Ok(Outcome { message: message.to_owned(), new_id: Some(subscriber.id), ..Outcome::default() })
}

/// Removes one.
pub(super) fn delete(account: &mut Account, asked: &Element) -> Result<Outcome, Refused> {
    let key = text(asked, "SubscriberKey").or_else(|| text(asked, "EmailAddress")).unwrap_or_default();
    match account.subscribers.remove(&key) {
        // Not echoed (recorded); a definition that is removed is.
        Some(_) => Ok(Outcome { message: "Subscriber deleted".to_owned(), is_silent: true, ..Outcome::default() }),
        None => Err(Refused::new(12_001, "SubscriberNotFound")),
    }
}

/// What is done with somebody on a list.
struct Change {
    list: u32,
    is_removal: bool,
    status: Option<Status>,
}

impl Change {
    fn read(account: &Account, list: &Element) -> Result<Self, Refused> {
        let id = number(list, "ID").unwrap_or_default();
        if !account.lists.contains_key(&id) {
            return Err(Refused::new(13_000, "The list was not found."));
        }
        let is_removal = text(list, "Action").is_some_and(|action| action.eq_ignore_ascii_case("delete"));
        Ok(Self { list: id, is_removal, status: text(list, "Status").and_then(|name| Status::named(&name)) })
    }

    fn apply(&self, subscriber: &mut Subscriber, now: Timestamp) {
        if self.is_removal {
            // From the list of everybody nobody is taken.
            if self.list != ALL_SUBSCRIBERS {
                subscriber.lists.remove(&self.list);
            }
            return;
        }
        let fresh = Subscription { status: Status::Active, created: now, modified: now };
        let subscription = subscriber.lists.entry(self.list).or_insert(fresh);
        subscription.modified = now;
        if let Some(status) = self.status {
            subscription.status = status;
        }
    }
}
