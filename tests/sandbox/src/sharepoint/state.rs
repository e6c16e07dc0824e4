//! What a simulated SharePoint knows: collections, people, webs, lists.
//!
//! All of it can be read by tests; only [`super::handle`] changes it, and what a test does behind its back.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use uuid::Uuid;

use super::{
    claims::{self, Claims},
    generation::Generation,
    ids::Ids,
    list::List,
    page::Page,
    rights::{Grants, Rights},
    session::Sessions,
};

/// One host with its site collections.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) collections: BTreeMap<String, Collection>,
    pub(crate) sessions: Sessions,
    pub(crate) ids: Ids,
    /// Scheme, host and port, where a request names no host.
    pub(crate) base: String,
    /// What form digests and session tokens are sealed with. Not a secret: the sandbox keeps none.
    pub(crate) seal: String,
    /// Which product it runs.
    pub generation: Generation,
    /// Where people sign in at the sign-in service: what the host remembers of them.
    pub claims: Option<Claims>,
}

/// A site collection: one tenant's, with its own people and groups.
#[derive(Clone, Debug)]
pub struct Collection {
    /// The path of its top web, such as `/sites/harbour`.
    pub path: String,
    /// The people and service accounts that its directory can resolve, by login in lower case.
    pub directory: BTreeMap<String, Account>,
    /// The people that the collection has met, by member id.
    pub users: BTreeMap<u32, User>,
    /// Groups, by member id. Their names are unique in the collection.
    pub groups: BTreeMap<u32, Group>,
    /// Webs, by path in lower case.
    pub webs: BTreeMap<String, Web>,
    pub(crate) last_member: u32,
}

/// An account that can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `DOMAIN\name`; on a claims host `i:0#.f|membership|` and the name at the sign-in service.
    pub login: String,
    /// The name people see.
    pub name: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// The password; `None` for who signs in by page only.
    pub password: Option<String>,
}

/// Somebody the collection has met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The member id; users and groups share one series.
    pub id: u32,
    /// `DOMAIN\name`.
    pub login: String,
    /// The name people see.
    pub name: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// Notes.
    pub notes: String,
    /// Whether an administrator of the collection, to whom no permission applies.
    pub is_site_admin: bool,
}

/// A group of the collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The member id.
    pub id: u32,
    /// The name, unique in the collection.
    pub name: String,
    /// The description; may be empty.
    pub description: String,
    /// The member id of the owner, a user or a group.
    pub owner: u32,
    /// The member ids of its users.
    pub members: BTreeSet<u32>,
}

/// A web.
#[derive(Clone, Debug)]
pub struct Web {
    /// Its id.
    pub id: Uuid,
    /// Its path from the host's root, without a slash at the end.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its description; may be empty.
    pub description: String,
    /// The definition it was made from, such as `STS#1`.
    pub definition: String,
    /// Who made it.
    pub author: u32,
    /// When it was made.
    pub created: Timestamp,
    /// When something in it last changed.
    pub modified: Timestamp,
    /// Its own permissions; `None` when it has its parent's.
    pub grants: Option<Grants>,
    /// Whether it is on its parent's quick launch.
    pub on_quick_launch: bool,
    /// Lists and libraries.
    pub lists: BTreeMap<Uuid, List>,
    /// Pages that can hold web parts, by path below the web in lower case.
    pub pages: BTreeMap<String, Page>,
}

/// Reading, for tests and pages.
impl State {
    /// All webs of all collections, by path.
    pub fn webs(&self) -> impl Iterator<Item = &Web> {
        self.collections.values().flat_map(|collection| collection.webs.values())
    }

    /// The web at a path such as `/sites/harbour/acme`, in any case.
    pub fn web(&self, path: &str) -> Option<&Web> {
        self.collection(path)?.web(path)
    }

    /// The collection that a path lies in.
    pub fn collection(&self, path: &str) -> Option<&Collection> {
        self.collections.get(&collection_key(path)?)
    }
}

/// Changing, for tests: no rights are asked for.
impl State {
    /// The web at a path, in any case, to be changed behind the service's back.
    pub fn web_mut(&mut self, path: &str) -> Option<&mut Web> {
        let collection = self.collections.get_mut(&collection_key(path)?)?;
        collection.webs.get_mut(&path.trim_end_matches('/').to_lowercase())
    }

    /// Gives an account another password. `false` if no collection knows the login.
    pub fn set_password(&mut self, login: &str, password: &str) -> bool {
        let login = login.to_lowercase();
        let accounts = self.collections.values_mut().filter_map(|collection| collection.directory.get_mut(&login));
        accounts.map(|account| account.password = Some(password.to_owned())).count() > 0
    }
}

impl State {
    /// The account of a login in any collection of the host: a person of one tenant is known to the host when they knock
    /// at another's door, and refused there for having no permission.
    pub(crate) fn account(&self, login: &str) -> Option<&Account> {
        self.collections.values().find_map(|collection| collection.account(login))
    }
}

/// `/sites/name` of a path, in lower case.
pub(crate) fn collection_key(path: &str) -> Option<String> {
    let mut segments = path.trim_start_matches('/').split('/');
    match (segments.next(), segments.next()) {
        (Some(first), Some(name)) if first.eq_ignore_ascii_case("sites") && !name.is_empty() => {
            Some(format!("/sites/{}", name.to_lowercase()))
        }
        _ => None,
    }
}

/// The path of the parent web; `None` for a collection's top web.
pub(crate) fn parent_path(collection: &str, path: &str) -> Option<String> {
    if path.eq_ignore_ascii_case(collection) {
        return None;
    }
    path.rsplit_once('/').map(|(parent, _)| parent.to_owned())
}

impl Collection {
    /// The web at a path, in any case.
    pub fn web(&self, path: &str) -> Option<&Web> {
        self.webs.get(&path.trim_end_matches('/').to_lowercase())
    }

    /// The innermost web that a path lies in, and the rest of the path below it, without a slash in front.
    pub(crate) fn web_above<'p>(&self, path: &'p str) -> Option<(&Web, &'p str)> {
        let path = path.trim_end_matches('/');
        let mut end = path.len();
        loop {
            if let Some(web) = self.web(&path[..end]) {
                return Some((web, path[end..].trim_start_matches('/')));
            }
            end = path[..end].rfind('/')?;
        }
    }

    /// The webs directly below.
    pub(crate) fn children(&self, path: &str) -> impl Iterator<Item = &Web> {
        let path = path.to_lowercase();
        self.webs
            .values()
            .filter(move |web| parent_path(&self.path, &web.path).is_some_and(|parent| parent.to_lowercase() == path))
    }

    /// The web whose permissions hold on this one: itself, or an ancestor when it inherits.
    pub(crate) fn web_of_grants(&self, path: &str) -> Option<&Web> {
        let mut web = self.web(path)?;
        while web.grants.is_none() {
            web = self.web(&parent_path(&self.path, &web.path)?)?;
        }
        Some(web)
    }

    /// The permissions that hold on a web.
    pub fn grants(&self, path: &str) -> Grants {
        self.web_of_grants(path).and_then(|web| web.grants.clone()).unwrap_or_default()
    }

    /// What a user may do on a web, by their own grants and their groups'.
    pub fn rights(&self, user: u32, path: &str) -> Rights {
        self.rights_in(user, &self.grants(path))
    }

    /// What a user may do on a list: by its own permissions if it has some, otherwise by its web's.
    pub fn rights_on(&self, user: u32, path: &str, list: &List) -> Rights {
        match &list.grants {
            Some(grants) => self.rights_in(user, grants),
            None => self.rights(user, path),
        }
    }

    fn rights_in(&self, user: u32, grants: &Grants) -> Rights {
        if self.users.get(&user).is_some_and(|user| user.is_site_admin) {
            return Rights::FULL;
        }
        let has =
            |member: u32| member == user || self.groups.get(&member).is_some_and(|group| group.members.contains(&user));
        grants
            .iter()
            .filter(|(member, _)| has(**member))
            .fold(Rights::default(), |rights, (_, grant)| rights.with(grant.rights()))
    }

    /// A user the collection has met, by login.
    pub fn user(&self, login: &str) -> Option<&User> {
        let named = |login: &str| self.users.values().find(|user| user.login.eq_ignore_ascii_case(login));
        named(login.trim()).or_else(|| named(&claims::login_of(login)))
    }

    /// Whom the directory resolves a login to. A claims host also takes the name at the sign-in service (from memory).
    pub(crate) fn account(&self, login: &str) -> Option<&Account> {
        let known = self.directory.get(&login.trim().to_lowercase());
        known.or_else(|| self.directory.get(&claims::login_of(login)))
    }

    /// A group by name, in any case.
    pub fn group(&self, name: &str) -> Option<&Group> {
        let name = name.trim().to_lowercase();
        self.groups.values().find(|group| group.name.to_lowercase() == name)
    }

    /// The name of a user or group.
    pub fn member_name(&self, member: u32) -> &str {
        let user = self.users.get(&member).map(|user| user.name.as_str());
        user.or_else(|| self.groups.get(&member).map(|group| group.name.as_str())).unwrap_or("")
    }

    /// The names of a group's members, in the order of their ids.
    pub fn members_of(&self, group: &str) -> Vec<&str> {
        let members = self.group(group).into_iter().flat_map(|group| &group.members);
        members.map(|member| self.member_name(*member)).collect()
    }

    pub(crate) fn next_member(&mut self) -> u32 {
        self.last_member += 1;
        self.last_member
    }

    /// The user of that login, met now if the directory knows them.
    pub(crate) fn ensure_user(&mut self, login: &str) -> Option<u32> {
        if let Some(user) = self.user(login) {
            return Some(user.id);
        }
        let account = self.account(login)?.clone();
        let id = self.next_member();
        let Account { login, name, email, .. } = account;
        self.users.insert(id, User { id, login, name, email, notes: String::new(), is_site_admin: false });
        Some(id)
    }
}

impl Web {
    /// The list of that title, in any case.
    pub fn list(&self, title: &str) -> Option<&List> {
        let title = title.trim().to_lowercase();
        self.lists.values().find(|list| list.title.to_lowercase() == title)
    }

    /// The lists in the order of their making.
    pub fn lists(&self) -> Vec<&List> {
        let mut lists: Vec<_> = self.lists.values().collect();
        lists.sort_by_key(|list| list.order);
        lists
    }

    /// The page at a path below the web, in any case.
    pub fn page(&self, path: &str) -> Option<&Page> {
        self.pages.get(&path.to_lowercase())
    }

    /// The list whose root folder is, or holds, a path below the web; and the rest of the path.
    pub(crate) fn list_above<'p>(&self, path: &'p str) -> Option<(&List, &'p str)> {
        self.lists.values().find_map(|list| {
            let (root, length) = (list.root.to_lowercase(), list.root.len());
            let inside = path.get(..length).is_some_and(|start| start.to_lowercase() == root);
            let rest = path.get(length..)?;
            (inside && (rest.is_empty() || rest.starts_with('/'))).then(|| (list, rest.trim_start_matches('/')))
        })
    }
}
