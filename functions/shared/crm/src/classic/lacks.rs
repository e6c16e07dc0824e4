//! What the engine needs of a CRM 4.0 and does not find there.

use std::collections::BTreeMap;

use domain::CrmId;

use super::{
    ClassicCrm, Columns, Condition, Filter, Operator, PageRequest, Query,
    adapter::unreadable,
    operations::{Depth, RetrieveMultiple, RetrieveUserPrivileges, WhoAmI},
    people::USER_COLUMNS,
    records::{ACCOUNT_COLUMNS, REQUEST_COLUMNS},
};
use crate::{
    CrmError, Lack,
    schema::{account, site_request},
};

/// What is only written, beside what is read anyway.
const ACCOUNT_WRITTEN: [&str; 3] = [account::SITE_ENABLED, account::SITE_URL, account::SITE_LISTS];
const REQUEST_WRITTEN: [&str; 1] = [site_request::NAME];

/// A privilege, and whether it has to count for all records: CRM names them after the verb and the entity, and calls
/// `systemuser` User and `annotation` Note.
const PRIVILEGES: [(&str, &str, bool); 10] = [
    (site_request::ENTITY, "prvReadtl_siterequest", true),
    (site_request::ENTITY, "prvWritetl_siterequest", true),
    ("account", "prvReadAccount", true),
    ("account", "prvWriteAccount", true),
    ("account", "prvAppendToAccount", true),
    ("systemuser", "prvReadUser", true),
    ("team", "prvReadTeam", true),
    ("annotation", "prvReadNote", false),
    ("annotation", "prvCreateNote", false),
    ("annotation", "prvAppendNote", false),
];

/// CRM's codes for an entity and an attribute that it does not have, and for a privilege that the user does not.
const NO_ENTITY: &str = "0x80041102";
const NO_ATTRIBUTE: &str = "0x80041103";
const NO_PRIVILEGE: &str = "0x80040220";

/// Asks for one record of each entity, then for the privileges.
pub(super) async fn find(crm: &ClassicCrm) -> Result<Vec<Lack>, CrmError> {
    let mut lacks = Vec::new();
    let needed: [(&str, Vec<&str>); 5] = [
        (site_request::ENTITY, [&REQUEST_COLUMNS[..], &REQUEST_WRITTEN].concat()),
        ("account", [&ACCOUNT_COLUMNS[..], &ACCOUNT_WRITTEN].concat()),
        ("systemuser", USER_COLUMNS.to_vec()),
        ("team", vec!["teamid", "name"]),
        ("annotation", vec!["annotationid", "subject", "notetext"]),
    ];
    for (entity, columns) in needed {
        lacks.extend(of_entity(crm, entity, &columns).await?);
    }
    lacks.extend(of_user(crm, &lacks).await?);
    lacks.sort();
    lacks.dedup();
    Ok(lacks)
}

async fn of_entity(crm: &ClassicCrm, entity: &str, columns: &[&str]) -> Result<Vec<Lack>, CrmError> {
    match look(crm, entity, columns).await? {
        Seen::Fine => Ok(Vec::new()),
        Seen::Forbidden => Ok(vec![Lack::Unseen(entity.to_owned())]),
        Seen::NoEntity => Ok(vec![Lack::Entity(entity.to_owned())]),
        // CRM stops at the first, and its words are in its own language: each is asked for alone.
        Seen::NoAttribute => {
            let mut lacks = Vec::new();
            for attribute in columns {
                if matches!(look(crm, entity, &[attribute]).await?, Seen::NoAttribute) {
                    lacks.push(Lack::Attribute { entity: entity.to_owned(), attribute: (*attribute).to_owned() });
                }
            }
            Ok(lacks)
        }
    }
}

enum Seen {
    Fine,
    NoEntity,
    NoAttribute,
    /// What is missing of the privileges they tell themselves.
    Forbidden,
}

async fn look(crm: &ClassicCrm, entity: &str, columns: &[&str]) -> Result<Seen, CrmError> {
    let page = PageRequest { number: 1, size: 1, cookie: None };
    let query = Query { page, ..Query::of(entity, Columns::named(columns.iter().copied())) };
    match crm.call(&RetrieveMultiple(query)).await {
        Ok(_) => Ok(Seen::Fine),
        Err(CrmError::NotFound { .. }) => Ok(Seen::NoEntity),
        Err(CrmError::Refused { operation, code }) => match code.as_str() {
            NO_ENTITY => Ok(Seen::NoEntity),
            NO_ATTRIBUTE => Ok(Seen::NoAttribute),
            NO_PRIVILEGE => Ok(Seen::Forbidden),
            _ => Err(CrmError::Refused { operation, code }),
        },
        Err(error) => Err(error),
    }
}

/// Three calls. The privileges of an entity that is not there are not told beside that.
async fn of_user(crm: &ClassicCrm, lacks: &[Lack]) -> Result<Vec<Lack>, CrmError> {
    let user = crm.call(&WhoAmI).await?.user;
    let mut held: BTreeMap<CrmId, Depth> = BTreeMap::new();
    for privilege in crm.call(&RetrieveUserPrivileges { user }).await?.0 {
        let depth = held.entry(privilege.id).or_insert(privilege.depth);
        *depth = privilege.depth.max(*depth);
    }
    let names = Condition::new("name", Operator::In, PRIVILEGES.iter().map(|(_, name, _)| (*name).to_owned()));
    let query = Query::of("privilege", Columns::named(["privilegeid", "name"])).only(Filter::all([names]));
    let page = crm.call(&RetrieveMultiple(query)).await?;
    let mut depths: BTreeMap<String, Depth> = BTreeMap::new();
    for found in &page.entities {
        let read = || Ok((found.key("privilegeid")?, found.text("name")?.to_ascii_lowercase()));
        let (id, name) = read().map_err(unreadable("RetrieveMultiple"))?;
        depths.extend(held.get(&id).map(|depth| (name, *depth)));
    }
    let lack = |(entity, name, for_all): &(&str, &str, bool)| {
        let is_partial = match depths.get(&name.to_ascii_lowercase()) {
            Some(Depth::Global) => return None,
            Some(_) if !for_all => return None,
            Some(_) => true,
            None => false,
        };
        let is_there = !lacks.contains(&Lack::Entity((*entity).to_owned()));
        is_there.then(|| Lack::Privilege { name: (*name).to_owned(), is_partial })
    };
    Ok(PRIVILEGES.iter().filter_map(lack).collect())
}
