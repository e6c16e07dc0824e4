//! What the platform is told of a person: attributes of CRM become columns (EX-14, EX-40, EX-50).

use std::collections::{BTreeMap, BTreeSet};

use crm::{Owner, Recipient, RecipientKind};
use domain::CrmId;
use exacttarget::objects::{Column, ColumnKind};
use tenants::{Holds, MailColumn};

use crate::{
    Address,
    desk::{Halt, Hands},
    send::WhyNot,
};

/// The column that says who somebody is: the id of the CRM record, never the address.
pub const KEY_COLUMN: &str = "SubscriberKey";
/// The column that says where mails go.
pub const ADDRESS_COLUMN: &str = "EmailAddress";

const OWNER_NAME: &str = "owner.name";
const OWNER_EMAIL: &str = "owner.email";

/// A tenant's columns, and what they need.
pub(crate) struct Mapping {
    columns: Vec<MailColumn>,
    owners: BTreeMap<CrmId, Owner>,
}

/// The columns' names, in order: the head of every file.
pub(crate) fn head(columns: &[MailColumn]) -> impl Iterator<Item = &str> {
    [KEY_COLUMN, ADDRESS_COLUMN].into_iter().chain(columns.iter().map(|column| column.name.as_str()))
}

/// The columns as the platform's table has them.
pub(crate) fn table_columns(columns: &[MailColumn]) -> Vec<Column> {
    let column = |name: &str, kind, is_key| Column { name: name.to_owned(), kind, is_key, is_required: is_key };
    let fixed =
        [column(KEY_COLUMN, ColumnKind::Text(36), true), column(ADDRESS_COLUMN, ColumnKind::EmailAddress, false)];
    let mapped = columns.iter().map(|mapped| {
        let kind = match mapped.holds {
            Holds::Text(length) => ColumnKind::Text(length),
            Holds::Number => ColumnKind::Number,
            Holds::Boolean => ColumnKind::Boolean,
        };
        column(&mapped.name, kind, false)
    });
    fixed.into_iter().chain(mapped).collect()
}

impl Mapping {
    /// The tenant's. Owners are read only where a column needs them.
    pub(crate) async fn new(hands: &Hands) -> Result<Self, Halt> {
        let columns = hands.mailing.columns.clone();
        let is_owners = |name: &String| name == OWNER_NAME || name == OWNER_EMAIL;
        let needs = columns.iter().flat_map(|it| [&it.contact, &it.lead, &it.account]).flatten().any(is_owners);
        let owners = if needs { hands.crm.owners().await? } else { Vec::new() };
        Ok(Self { columns, owners: owners.into_iter().map(|owner| (owner.id, owner)).collect() })
    }

    /// The attributes that are read of a kind of record.
    pub(crate) fn attributes(&self, kind: RecipientKind) -> Vec<String> {
        let fixed = ["emailaddress1", "donotbulkemail", "statecode", "ownerid"].map(str::to_owned);
        let mapped =
            self.columns.iter().filter_map(|column| from(column, kind)).filter(|name| !name.starts_with("owner."));
        let mut all: BTreeSet<String> = fixed.into_iter().chain(mapped.map(str::to_owned)).collect();
        all.insert(key_attribute(kind));
        all.into_iter().collect()
    }

    /// The attributes that somebody mapped, for a user who has to look what is wrong with them.
    pub(crate) fn mapped(&self, kind: RecipientKind) -> String {
        let names: BTreeSet<&str> = self.columns.iter().filter_map(|column| from(column, kind)).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// Whose record it is, and the values behind key and address, in the order of the columns; or why there is no mail.
    pub(crate) fn read<'r>(
        &'r self,
        kind: RecipientKind,
        record: &'r dyn Recipient,
        values: &mut Vec<String>,
    ) -> Result<Address, WhyNot> {
        if record.value("statecode").is_some_and(|state| !is_no(state)) {
            return Err(WhyNot::Inactive);
        }
        if record.value("donotbulkemail").is_some_and(|no| !is_no(no)) {
            return Err(WhyNot::OptedOutInCrm);
        }
        let text = record.value("emailaddress1").map(str::trim).filter(|text| !text.is_empty());
        let address = Address::read(text.ok_or(WhyNot::NoAddress)?).map_err(|_| WhyNot::BadAddress)?;
        values.clear();
        for column in &self.columns {
            values.push(self.value(column, kind, record)?);
        }
        Ok(address)
    }

    fn value(&self, column: &MailColumn, kind: RecipientKind, record: &dyn Recipient) -> Result<String, WhyNot> {
        let found = match from(column, kind) {
            None => None,
            Some(name @ (OWNER_NAME | OWNER_EMAIL)) => {
                let owner = record.value("ownerid").and_then(|id| self.owners.get(&id.parse().ok()?));
                owner.map(|owner| if name == OWNER_NAME { owner.name.as_str() } else { owner.email.as_str() })
            }
            Some(name) => record.value(name),
        };
        let text = found.filter(|text| !text.is_empty()).or(column.default.as_deref()).unwrap_or_default();
        if text.is_empty() {
            return Ok(String::new());
        }
        match column.holds {
            Holds::Text(length) if text.chars().count() <= usize::try_from(length).unwrap_or(usize::MAX) => {
                // XML cannot carry NUL; a default from the settings could.
                if text.contains('\0') { Err(WhyNot::BadValue) } else { Ok(text.to_owned()) }
            }
            Holds::Number => text.trim().parse::<i32>().map(|number| number.to_string()).map_err(|_| WhyNot::BadValue),
            Holds::Boolean => match text.trim() {
                "1" | "true" | "True" => Ok("True".to_owned()),
                "0" | "false" | "False" => Ok("False".to_owned()),
                _ => Err(WhyNot::BadValue),
            },
            Holds::Text(_) => Err(WhyNot::BadValue),
        }
    }
}

/// CRM names the key of an entity after it.
pub(crate) fn key_attribute(kind: RecipientKind) -> String {
    format!("{}id", kind.entity())
}

/// CRM's query answers a bit as 0 or 1, and a state by its number, of which 0 is the one that is active.
fn is_no(text: &str) -> bool {
    matches!(text.trim(), "0" | "false" | "False")
}

fn from(column: &MailColumn, kind: RecipientKind) -> Option<&str> {
    match kind {
        RecipientKind::Contact => column.contact.as_deref(),
        RecipientKind::Lead => column.lead.as_deref(),
        RecipientKind::Account => column.account.as_deref(),
    }
}
