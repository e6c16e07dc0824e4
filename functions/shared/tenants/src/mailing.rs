//! What a tenant has decided of its mails.

use std::num::NonZeroU32;

use domain::CrmId;
use serde::{Deserialize, Serialize};

/// How a tenant's sends are made (EX-05, EX-06, EX-12, EX-40). Every field has a default that works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mailing {
    /// Every how many minutes its send records are looked for; the timer itself comes each minute at most.
    pub poll_minutes: NonZeroU32,
    /// The send classification at the platform: who sends, and that it is commercial.
    pub classification: String,
    /// The key of the file location that imports read.
    pub location: String,
    /// The list that opt-outs of its sends are counted on.
    pub list: Option<u64>,
    /// What sends without a campaign count for.
    pub default_campaign: Option<CrmId>,
    /// How many of its sends are imported at once (EX-33). The platform wants one import for each table at a time, which holds
    /// by itself.
    pub imports_at_once: NonZeroU32,
    /// How many of its sends are released at once.
    pub releases_at_once: NonZeroU32,
    /// When a send is cut into parts; `None`: never.
    pub batches: Option<Batches>,
    /// What mails may say of a person, in order.
    pub columns: Vec<MailColumn>,
}

/// Large sends are cut: those with more than `above` people into parts of `size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batches {
    /// The most people that go in one part.
    pub above: u32,
    /// How many people a part has, but for the last one; at most [`Batches::LARGEST`].
    pub size: NonZeroU32,
}

impl Batches {
    /// A part is held in memory while it is written.
    pub const LARGEST: u32 = 25_000;
}

impl Default for Batches {
    fn default() -> Self {
        Self { above: 25_000, size: const { NonZeroU32::new(5_000).expect("it is more than none") } }
    }
}

/// A column of what the platform is told of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailColumn {
    /// Its name: what a mail calls it, as `%%First Name%%`.
    pub name: String,
    /// What it holds.
    pub holds: Holds,
    /// The CRM attribute of a contact; `owner.name` and `owner.email` are those of its owner (EX-50).
    #[serde(default)]
    pub contact: Option<String>,
    /// Of a lead.
    #[serde(default)]
    pub lead: Option<String>,
    /// Of an account.
    #[serde(default)]
    pub account: Option<String>,
    /// What it is for somebody without a value.
    #[serde(default)]
    pub default: Option<String>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Text of at most so many characters.
    Text(u32),
    /// A whole number.
    Number,
    /// Yes or no.
    Boolean,
}

impl Default for Mailing {
    fn default() -> Self {
        let column = |name: &str, length, [contact, lead, account]: [Option<&str>; 3]| MailColumn {
            name: name.to_owned(),
            holds: Holds::Text(length),
            contact: contact.map(str::to_owned),
            lead: lead.map(str::to_owned),
            account: account.map(str::to_owned),
            default: None,
        };
        Self {
            poll_minutes: const { NonZeroU32::new(5).expect("it is more than none") },
            classification: "Default Commercial".to_owned(),
            location: "ExactTarget Enhanced FTP".to_owned(),
            list: None,
            default_campaign: None,
            imports_at_once: const { NonZeroU32::new(2).expect("it is more than none") },
            releases_at_once: NonZeroU32::MIN,
            batches: Some(Batches::default()),
            columns: vec![
                column("First Name", 50, [Some("firstname"), Some("firstname"), None]),
                column("Last Name", 160, [Some("lastname"), Some("lastname"), Some("name")]),
                column("Owner Name", 160, [Some("owner.name"); 3]),
                column("Owner Email", 100, [Some("owner.email"); 3]),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-05, EX-06: five minutes; more than 25,000 people go in groups of 5,000.
    #[test]
    fn what_is_not_said_is_what_the_product_always_did() {
        let read: Mailing = serde_json::from_str("{}").expect("defaults");
        assert_eq!(read, Mailing::default());
        assert_eq!((read.poll_minutes.get(), read.batches), (5, Some(Batches::default())));
        let off: Mailing = serde_json::from_str(r#"{"batches":null}"#).expect("off");
        assert_eq!(off.batches, None);
    }
}
