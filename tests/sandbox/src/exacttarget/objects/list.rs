//! Lists.

use domain::Timestamp;
use soap::Element;

use super::{number, text};
use crate::exacttarget::{
    account::{Account, List},
    answer::{Outcome, Refused},
    seed::ALL_SUBSCRIBERS,
};

/// Makes one. Its name is one of a kind.
pub(super) fn create(account: &mut Account, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let name = text(asked, "ListName").ok_or_else(|| Refused::new(13_006, "ListName has to have a value."))?;
    if account.lists.values().any(|list| list.name.eq_ignore_ascii_case(&name)) {
        return Err(Refused::new(1, "Name already exists"));
    }
    let id = account.next_id();
    let key = text(asked, "CustomerKey").unwrap_or_else(|| format!("{name} - {}", account.member));
    account.lists.insert(id, List { id, name, key, created: now });
    Ok(Outcome { message: "Created List.".to_owned(), new_id: Some(id), ..Outcome::default() })
}

/// Removes one; its subscribers stay.
pub(super) fn delete(account: &mut Account, asked: &Element) -> Result<Outcome, Refused> {
    let id = number(asked, "ID").filter(|id| *id != ALL_SUBSCRIBERS).unwrap_or_default();
    if account.lists.remove(&id).is_none() {
        return Err(Refused::new(13_000, "The list was not found."));
    }
    for subscriber in account.subscribers.values_mut() {
        subscriber.lists.remove(&id);
    }
    Ok(Outcome { message: "List deleted".to_owned(), ..Outcome::default() })
}
