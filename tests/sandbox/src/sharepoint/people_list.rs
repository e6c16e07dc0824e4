//! The people of a collection as the hidden list that they are: `User Information List`.
//!
//! On 2010 other people's clients ask for it as for any list. It is put together when it is asked for, so that it says
//! what the collection knows.

use std::collections::BTreeMap;

use domain::Timestamp;

use super::{
    ids,
    list::{Item, List},
    state::{Collection, User},
    templates,
};

/// The names it is asked for by.
const NAMES: [&str; 2] = ["UserInfo", "User Information List"];

/// Whether a list's name, or its id, means this list.
pub(crate) fn is_meant(collection: &Collection, name: &str) -> bool {
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) || ids::parse(name) == Some(id(collection))
}

pub(crate) fn id(collection: &Collection) -> uuid::Uuid {
    ids::named(&format!("people of {}", collection.path.to_lowercase()))
}

/// The list.
pub(crate) fn of(collection: &Collection, now: Timestamp) -> List {
    let id = id(collection);
    let mut list = templates::people_list(id, now);
    list.items = collection.users.values().map(|user| (user.id, item(&list, user))).collect();
    list.last_item = collection.last_member;
    list
}

fn item(list: &List, user: &User) -> Item {
    let values = [("Title", &user.name), ("Name", &user.login), ("ImnName", &user.name), ("EMail", &user.email)];
    let values = values.into_iter().filter(|(_, value)| !value.is_empty());
    let mut values: BTreeMap<_, _> = values.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    if user.is_site_admin {
        values.insert("IsSiteAdmin".to_owned(), "1".to_owned());
    }
    Item {
        id: user.id,
        guid: ids::named(&format!("{} {}", list.id, user.id)),
        version: 1,
        created: list.created,
        modified: list.created,
        author: user.id,
        editor: user.id,
        is_folder: false,
        folder: String::new(),
        leaf: format!("{}_.000", user.id),
        values,
        file: None,
        attachments: BTreeMap::new(),
        moderation: 0,
    }
}
