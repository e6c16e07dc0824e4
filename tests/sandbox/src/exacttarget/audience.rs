//! Who gets a mail of a release, and who gets none and why (contract §6, Sending).

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use super::{
    account::{Account, Audience, Row, Status, Subscriber, Table},
    job::{Recipient, Release, Targets},
};

impl Account {
    /// Those who get one, in order, and how many of the others there are.
    pub(super) fn audience(&self, release: &Release) -> (Vec<Recipient>, Targets) {
        let mut targets = Targets::default();
        let mut audience = Vec::new();
        let excluded: HashSet<Arc<str>> =
            release.exclusions.iter().flat_map(|source| self.members(*source)).map(|member| member.key).collect();
        let (mut keys, mut addresses) = (HashSet::new(), BTreeSet::new());
        for source in &release.sources {
            let list = match source {
                Audience::List(list) => Some(*list),
                Audience::Table(_, list) => *list,
            };
            for member in self.members(*source) {
                targets.targeted += 1;
                let known = self.subscribers.get(&*member.key);
                let on_list = known.and_then(|known| known.lists.get(&list?)).map(|subscription| subscription.status);
                let lower = member.address.to_lowercase();
                let count = if excluded.contains(&member.key) {
                    &mut targets.excluded
                } else if member.address.is_empty() {
                    &mut targets.missing
                } else if !is_address(&member.address) {
                    &mut targets.invalid
                } else if known.is_some_and(|it| it.status == Status::Unsubscribed)
                    || on_list == Some(Status::Unsubscribed)
                {
                    &mut targets.unsubscribed
                } else if known.is_some_and(|it| !it.status.gets_mails()) {
                    &mut targets.undeliverable
                } else if !keys.insert(member.key.clone()) || (release.is_deduplicated && addresses.contains(&lower)) {
                    &mut targets.duplicates
                } else {
                    addresses.insert(lower);
                    audience.push(member);
                    continue;
                };
                *count += 1;
            }
        }
        (audience, targets)
    }

    /// Those who are on a list, in the order of their keys, or the rows of a table, in theirs.
    fn members(&self, source: Audience) -> Vec<Recipient> {
        match source {
            Audience::List(list) => {
                let on_list = self.subscribers.values().filter(|subscriber| {
                    subscriber.lists.get(&list).is_some_and(|subscription| subscription.status != Status::Deleted)
                });
                let recipient = |subscriber: &Subscriber| Recipient {
                    key: (*subscriber.key).into(),
                    address: (*subscriber.address).into(),
                    known: Arc::new(subscriber.attributes.clone()),
                };
                on_list.map(recipient).collect()
            }
            Audience::Table(id, _) => {
                let Some(table) = self.table_by_id(id) else { return Vec::new() };
                table.rows.iter().map(|row| self.of_row(table, row)).collect()
            }
        }
    }

    /// The key is in the column that the table says, or else in the one of that name; the address in the first column
    /// of addresses, or else it is the subscriber's own.
    fn of_row(&self, table: &Table, row: &Arc<Row>) -> Recipient {
        let value = |column: &str| row.get(column).cloned().unwrap_or_default();
        let key = value(table.sendable.as_deref().unwrap_or("SubscriberKey"));
        let column = table.columns.iter().find(|column| column.kind == "EmailAddress");
        let written = column.map(|column| value(&column.name)).filter(|address| !address.is_empty());
        let own = || self.subscribers.get(&key).map(|known| known.address.clone());
        let address = written.or_else(own).unwrap_or_default();
        Recipient { key: key.into(), address: address.into(), known: row.clone() }
    }
}

/// Whether mail could go there: something, an at, something with a dot, and no space.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '@');
    text.len() <= 254
        && !name.is_empty()
        && name.chars().all(plain)
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.chars().all(plain)
}
