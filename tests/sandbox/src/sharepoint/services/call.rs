//! One call of one user to one service of one web.

use domain::Timestamp;
use soap::Element;
use uuid::Uuid;

use crate::sharepoint::{
    address,
    generation::Generation,
    ids::{self, Ids},
    list::{Field, List},
    people_list,
    rights::Rights,
    rows::Sheet,
    state::{Collection, Web},
};

use super::{Refusal, Service};

/// What an operation works on.
pub(crate) struct Call<'a> {
    pub(crate) service: Service,
    pub(crate) operation: &'a str,
    /// The operation's element.
    pub(crate) body: &'a Element,
    pub(crate) collection: &'a mut Collection,
    pub(crate) ids: &'a mut Ids,
    pub(crate) around: &'a Surroundings,
    /// The list of the collection's people, where clients ask for it as for any list.
    pub(crate) people: Option<&'a List>,
}

/// Where and when a call is made, and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Scheme, host and port, without a slash at the end.
    pub(crate) base: String,
    /// The web's path.
    pub(crate) web: String,
    /// The member id of the user.
    pub(crate) user: u32,
    pub(crate) login: String,
    pub(crate) now: Timestamp,
    pub(crate) seal: String,
    /// Which product the host runs.
    pub(crate) generation: Generation,
    /// Whether people sign in at the sign-in service.
    pub(crate) is_claims: bool,
}

impl Surroundings {
    /// A path from the host's root as a whole address.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{}", self.base, address::encode(path))
    }
}

impl Call<'_> {
    /// A parameter. It must be in the service's namespace, as .NET wants it; another one is as good as absent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&Element> {
        self.body.child((self.service.namespace, name))
    }

    /// The text of a parameter; empty when it is absent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.parameter(name).map(Element::text).unwrap_or_default().trim().to_owned()
    }

    /// The payload of a parameter: the first element inside of it, in whatever namespace (contract §1).
    pub(crate) fn payload(&self, name: &str) -> Option<&Element> {
        self.parameter(name)?.children().next()
    }

    /// An element in the service's namespace.
    pub(crate) fn element(&self, local: &str) -> Element {
        Element::new(self.service.namespace, local)
    }

    /// The empty response.
    pub(crate) fn response(&self) -> Element {
        self.element(&format!("{}Response", self.operation))
    }

    /// The response around a result.
    pub(crate) fn result(&self, content: impl IntoIterator<Item = Element>) -> Element {
        self.response().with(self.element(&format!("{}Result", self.operation)).with_all(content))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.around.now
    }

    /// The web that the address chose.
    pub(crate) fn web(&self) -> Result<&Web, Refusal> {
        self.collection.web(&self.around.web).ok_or_else(Refusal::out_of_range)
    }

    pub(crate) fn web_mut(&mut self) -> Result<&mut Web, Refusal> {
        let key = self.around.web.to_lowercase();
        let now = self.around.now;
        let web = self.collection.webs.get_mut(&key).ok_or_else(Refusal::out_of_range)?;
        web.modified = now;
        Ok(web)
    }

    /// Refuses who lacks a right on the web.
    pub(crate) fn demand(&self, needed: Rights) -> Result<(), Refusal> {
        let rights = self.collection.rights(self.around.user, &self.around.web);
        if rights.include(needed) { Ok(()) } else { Err(Refusal::denied()) }
    }

    /// Refuses who lacks a right on a list.
    pub(crate) fn demand_on(&self, list: Uuid, needed: Rights) -> Result<(), Refusal> {
        let list = self.list_by_id(list)?;
        let rights = self.collection.rights_on(self.around.user, &self.around.web, list);
        if rights.include(needed) { Ok(()) } else { Err(Refusal::denied()) }
    }

    /// The list that a parameter names: tried as an id first, then as a title (MS-LISTSWS R724-726).
    pub(crate) fn list(&self, parameter: &str) -> Result<&List, Refusal> {
        let name = self.text(parameter);
        if name.is_empty() {
            return Err(Refusal::out_of_range());
        }
        if let Some(people) = self.people.filter(|_| people_list::is_meant(self.collection, &name)) {
            self.demand(Rights::BROWSE_USERS)?;
            return Ok(people);
        }
        let web = self.web()?;
        let by_id = ids::parse(&name).and_then(|id| web.lists.get(&id));
        by_id.or_else(|| web.list(&name)).ok_or_else(|| Refusal::no_list(self.around.generation, &name))
    }

    pub(crate) fn list_by_id(&self, id: Uuid) -> Result<&List, Refusal> {
        let people = self.people.filter(|people| people.id == id);
        people.or_else(|| self.web().ok()?.lists.get(&id)).ok_or_else(Refusal::out_of_range)
    }

    pub(crate) fn list_mut(&mut self, id: Uuid) -> Result<&mut List, Refusal> {
        self.web_mut()?.lists.get_mut(&id).ok_or_else(Refusal::out_of_range)
    }

    /// A list with its surroundings, to read its rows.
    pub(crate) fn sheet(&self, list: Uuid) -> Result<Sheet<'_>, Refusal> {
        let (web, list) = (self.web()?, self.list_by_id(list)?);
        Ok(Sheet { collection: self.collection, web, list, user: self.around.user })
    }

    /// The path below this web of an address: whole, from the host's root, or already below the web.
    pub(crate) fn below_web(&self, address: &str) -> Option<String> {
        let path = address::path_on(&self.around.base, address)?;
        let web = &self.around.web;
        if !path.starts_with('/') {
            return Some(path);
        }
        let (head, tail) = (path.get(..web.len())?, path.get(web.len()..)?);
        let inside = head.eq_ignore_ascii_case(web) && (tail.is_empty() || tail.starts_with('/'));
        inside.then(|| tail.trim_start_matches('/').to_owned())
    }
}

/// A column of a list, or what SharePoint says of a column that is none.
pub(crate) fn known_field<'l>(list: &'l List, name: &str) -> Result<&'l Field, Refusal> {
    list.field(name).ok_or_else(|| {
        Refusal::coded(
            "0x82000007",
            format!("The field specified with name {name} is not accessible or does not exist."),
        )
    })
}
