//! What is asked for and what is found: webs, lists, pages, groups and people, in Tieline's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

/// The last segment of a web's address. Legal in 2007 and today: `a-z`, `0-9` and `-`, 1 to 64 characters,
/// not beginning or ending with `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebName(String);

/// Text that is not a web name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a web name has 1 to 64 of a-z, 0-9 and -, and begins and ends with a letter or digit")]
pub struct NotAWebName;

impl WebName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for WebName {
    type Err = NotAWebName;

    fn from_str(text: &str) -> Result<Self, NotAWebName> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let whole = (1..=64).contains(&text.len()) && text.bytes().all(legal);
        if whole && !text.starts_with('-') && !text.ends_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAWebName)
        }
    }
}

impl TryFrom<String> for WebName {
    type Error = NotAWebName;
    fn try_from(text: String) -> Result<Self, NotAWebName> {
        text.parse()
    }
}

impl From<WebName> for String {
    fn from(name: WebName) -> Self {
        name.0
    }
}

/// A web that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Web {
    /// Its address, without a slash at the end.
    pub url: Url,
}

/// A web to be made. Its permissions are its own, never the parent's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWeb {
    /// The last segment of its address.
    pub name: WebName,
    /// The title, 1 to 255 characters.
    pub title: String,
    /// The description; may be empty.
    pub description: String,
    /// The site definition, such as `STS#1`; must be one that the host offers.
    pub definition: String,
    /// Whose web it is (the record it belongs to), read back by [`SiteHost::mark`](crate::SiteHost::mark). Given here
    /// and not later, so that a web is never without its owner, whenever a crash comes. May be any text.
    pub mark: String,
}

/// A list or library to be ensured. Told apart by its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPlan {
    /// The title.
    pub title: String,
    /// The description; may be empty.
    pub description: String,
    /// The list template: 100 custom, 101 library, 106 events, 107 tasks, …
    pub template: u32,
    /// The address below the web that the template asks for (`Contracts`, `Lists/Tasks`). Hosts that derive the
    /// address from the title (2007) check that the two agree.
    pub url: String,
    /// Settings.
    pub settings: ListSettings,
    /// Fields beside those of the list template.
    pub fields: Vec<FieldPlan>,
    /// Views beside those of the list template.
    pub views: Vec<ViewPlan>,
}

/// Settings of a list; `None` leaves the host's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListSettings {
    /// Keep versions.
    pub versioning: Option<bool>,
    /// Show on the quick launch.
    pub on_quick_launch: Option<bool>,
    /// Allow folders.
    pub folders: Option<bool>,
    /// Allow attachments.
    pub attachments: Option<bool>,
    /// Keep at most so many versions.
    pub version_limit: Option<u32>,
}

/// A field, as the CAML `Field` element that SharePoint people write, without a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPlan {
    /// The internal name (attribute `Name`).
    pub name: String,
    /// The whole element.
    pub caml: soap::Element,
}

/// A view, as the CAML `View` element, without a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewPlan {
    /// The name people see (attribute `DisplayName`).
    pub name: String,
    /// The whole element.
    pub caml: soap::Element,
}

/// A list that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRef {
    /// Its id, `{GUID}` in upper case with braces.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The path of its default view, from the host's root.
    pub url: String,
}

/// A row to be ensured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPlan {
    /// The column whose value tells the rows apart; must be among `values`.
    pub key: String,
    /// Internal column name to value.
    pub values: BTreeMap<String, String>,
}

/// A page of the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePlan {
    /// Its path below the web, such as `default.aspx` (which is there from the start) or `SitePages/Customer.aspx`.
    pub path: String,
    /// The page's own source, for a page that has to be made; `None` for one that is there.
    pub source: Option<String>,
    /// What is placed on it.
    pub parts: Vec<ModulePart>,
}

/// A web part that holds the place of an information module (ST-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModulePart {
    /// The part's title; tells the parts of a page apart.
    pub title: String,
    /// The zone, such as `Left`.
    pub zone: String,
    /// The order in the zone, from 0.
    pub order: u32,
    /// The part's definition: a `WebPart` document (v2).
    pub xml: String,
}

/// What a group or person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Everything.
    FullControl,
    /// View, add, change and delete.
    Contribute,
    /// View only.
    Read,
}

/// A group to be ensured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPlan {
    /// Its name, legal for groups, unique in the collection.
    pub name: String,
    /// The description; may be empty.
    pub description: String,
    /// What it may do on the web.
    pub role: Role,
}

/// A role of a group on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// The group's name.
    pub group: String,
    /// What it may do.
    pub role: Role,
}

/// A person as SharePoint knows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Login {
    /// The sign-in name, such as `DOMAIN\name`.
    pub login: String,
    /// The name people see.
    pub name: String,
    /// The e-mail address; may be empty.
    pub email: String,
}

/// What became of a person who should be in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberOutcome {
    /// In the group now, or was already.
    Member,
    /// SharePoint does not know the person.
    Unresolved,
}
