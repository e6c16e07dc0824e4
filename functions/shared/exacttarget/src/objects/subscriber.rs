//! A person who gets mails.

use super::{Object, pair, properties};
use crate::NS;

/// A subscriber, with the lists that they are put on or taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscriber {
    /// Who they are to us: the id of the CRM record.
    pub key: String,
    /// Where mails go.
    pub address: String,
    /// Profile attributes. A name that the account does not have is dropped by the platform without a word.
    pub attributes: Vec<(String, String)>,
    /// Their state in the account, where it is set.
    pub status: Option<SubscriberStatus>,
    /// Lists, with what is done there.
    pub lists: Vec<(u64, SubscriptionAction)>,
}

/// A state that may be set; `Bounced` and `Deleted` are the platform's to set (12016).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriberStatus {
    /// Gets mails.
    Active,
    /// Wants none.
    Unsubscribed,
    /// Gets none, because three came back.
    Held,
}

/// What is done with a subscriber on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionAction {
    /// Put on it.
    Create,
    /// Put on it, or changed there.
    Upsert,
    /// Taken from it.
    Delete,
}

impl From<&Subscriber> for Object {
    fn from(subscriber: &Subscriber) -> Self {
        let Subscriber { key, address, attributes, status, lists } = subscriber;
        let mut written = properties().with_value("EmailAddress", address);
        written = written.with_all(attributes.iter().map(|(name, value)| pair("Attributes", name, value)));
        written = written.with_value("SubscriberKey", key);
        if let Some(status) = status {
            written = written.with_value(
                "Status",
                match status {
                    SubscriberStatus::Active => "Active",
                    SubscriberStatus::Unsubscribed => "Unsubscribed",
                    SubscriberStatus::Held => "Held",
                },
            );
        }
        let lists = lists.iter().map(|(id, action)| {
            soap::Element::new(NS, "Lists").with_value("ID", id).with_value(
                "Action",
                match action {
                    SubscriptionAction::Create => "create",
                    SubscriptionAction::Upsert => "upsert",
                    SubscriptionAction::Delete => "delete",
                },
            )
        });
        Self::new("Subscriber", &written.with_all(lists))
    }
}
