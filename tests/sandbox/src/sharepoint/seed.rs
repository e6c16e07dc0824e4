//! Collections as a test or the demo asks for them.

use std::collections::BTreeMap;

use domain::Timestamp;

use crate::{Addresses, people};

use super::{
    claims::{Claims, login_of},
    generation::Generation,
    rights::{Grant, Grants, Role},
    state::{Account, Collection, Group, State, User, collection_key},
    templates,
};

/// One tenant's collection, before anything happened in it.
#[derive(Clone, Debug)]
pub struct CollectionSeed {
    /// The path: `/sites/` and a name.
    pub path: String,
    /// The title of the top web.
    pub title: String,
    /// The account that the engine signs in with. It has Full Control on the top web and is no administrator.
    pub service: Account,
    /// The people of the directory. All of them can be resolved; none is a member of anything yet.
    pub people: Vec<Account>,
    /// Logins of people who may visit the top web.
    pub visitors: Vec<String>,
    /// The login of the collection's administrator, from among the people; empty for none.
    pub administrator: String,
}

impl CollectionSeed {
    fn of(tenant: &str, title: &str) -> Self {
        let people: Vec<_> = people::of(tenant)
            .filter(|person| person.in_sharepoint)
            .map(|person| Account {
                login: person.login.to_owned(),
                name: person.name.to_owned(),
                email: person.email.to_owned(),
                password: Some(person.password.to_owned()),
            })
            .collect();
        Self::with(tenant, title, people, Credentials::of(tenant))
    }

    /// The same people as the online host knows them: by their names at the sign-in service, which has the passwords.
    fn online(tenant: &str, title: &str) -> Self {
        let people = people::of(tenant).filter(|person| person.in_sharepoint).map(|person| Account {
            login: login_of(person.email),
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            password: None,
        });
        let seed = Self::with(tenant, title, people.collect(), Credentials::online(tenant));
        let login = login_of(&seed.service.login);
        Self { service: Account { login, password: None, ..seed.service }, ..seed }
    }

    fn with(tenant: &str, title: &str, people: Vec<Account>, Credentials { login, password }: Credentials) -> Self {
        Self {
            path: format!("/sites/{tenant}"),
            title: title.to_owned(),
            service: Account {
                login,
                name: "SharePoint Service".to_owned(),
                email: String::new(),
                password: Some(password),
            },
            visitors: people.iter().map(|person| person.login.clone()).collect(),
            people,
            administrator: String::new(),
        }
    }
}

/// The tenants that have a collection on the online host, with the name that people know: one of the classic host, so
/// that a tenant can move, and those that are nowhere else.
pub fn online_tenants() -> impl Iterator<Item = (&'static str, &'static str)> {
    people::TENANTS.into_iter().filter(|(tenant, _)| *tenant == "northwind" || people::is_online(tenant))
}

/// A service account's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// `DOMAIN\name`, or the user name at the sign-in service.
    pub login: String,
    /// The password.
    pub password: String,
}

impl Credentials {
    /// What the engine signs in to a seeded tenant's collection with.
    pub fn of(tenant: &str) -> Self {
        Self { login: format!("{}\\svc-sharepoint", tenant.to_uppercase()), password: format!("sandbox-sp-{tenant}-1") }
    }
}

impl Credentials {
    /// What the engine signs in to a tenant's collection on the online host with.
    pub fn online(tenant: &str) -> Self {
        Self { login: format!("svc-sharepoint@{tenant}.example"), password: format!("sandbox-online-{tenant}-1") }
    }
}

impl State {
    /// The online host: of 2010, with claims.
    pub fn seeded_online(addresses: &Addresses, now: Timestamp) -> Self {
        let seeds: Vec<_> = online_tenants().map(|(tenant, title)| CollectionSeed::online(tenant, title)).collect();
        let state = Self::new("sandbox-online", &seeds, now);
        let base = addresses.sharepoint_online.trim_end_matches('/').to_owned();
        Self { base, generation: Generation::Of2010, claims: Some(Claims::default()), ..state }
    }

    /// The seeded site collections: one per tenant that is not online, at `/sites/{tenant}`, whose people may read the top web and nothing
    /// else.
    pub fn seeded(addresses: &Addresses, now: Timestamp) -> Self {
        let classic = people::TENANTS.into_iter().filter(|(tenant, _)| !people::is_online(tenant));
        let seeds: Vec<_> = classic.map(|(tenant, title)| CollectionSeed::of(tenant, title)).collect();
        let state = Self::new("sandbox", &seeds, now);
        Self { base: addresses.sharepoint.trim_end_matches('/').to_owned(), ..state }
    }

    /// A host with these collections. `seal` makes its digests and tickets differ from another host's.
    /// A seed whose path is not `/sites/` and a name is left out.
    pub fn new(seal: &str, seeds: &[CollectionSeed], now: Timestamp) -> Self {
        let mut state = Self { seal: seal.to_owned(), ..Self::default() };
        for seed in seeds {
            if let Some(key) = collection_key(&seed.path) {
                let collection = state.collection_from(seed, now);
                state.collections.insert(key, collection);
            }
        }
        state
    }

    fn collection_from(&mut self, seed: &CollectionSeed, now: Timestamp) -> Collection {
        let accounts = seed.people.iter().chain([&seed.service]);
        let mut collection = Collection {
            path: seed.path.clone(),
            directory: accounts.map(|account| (account.login.to_lowercase(), account.clone())).collect(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            webs: BTreeMap::new(),
            last_member: 0,
        };
        // Member 1 is the one who made the collection, as on every SharePoint.
        let system = collection.next_member();
        let name = "System Account".to_owned();
        let login = "SHAREPOINT\\system".to_owned();
        let user = User { id: system, login, name, email: String::new(), notes: String::new(), is_site_admin: true };
        collection.users.insert(system, user);
        let mut grants = Grants::new();
        for (name, role) in [("Owners", Role::FullControl), ("Visitors", Role::Read), ("Members", Role::Contribute)] {
            let id = collection.next_member();
            let description = format!("Use this group to give people {} permissions to the site.", role.name());
            let name = format!("{} {name}", seed.title);
            collection.groups.insert(id, Group { id, name, description, owner: system, members: [].into() });
            grants.insert(id, Grant::of(role));
        }
        if let Some(service) = collection.ensure_user(&seed.service.login) {
            grants.insert(service, Grant::of(Role::FullControl));
        }
        if let Some(id) = collection.ensure_user(&seed.administrator)
            && let Some(user) = collection.users.get_mut(&id)
        {
            user.is_site_admin = true;
        }
        let visitors: Vec<_> = seed.visitors.iter().filter_map(|login| collection.ensure_user(login)).collect();
        let group = format!("{} Visitors", seed.title);
        if let Some(id) = collection.group(&group).map(|group| group.id)
            && let Some(group) = collection.groups.get_mut(&id)
        {
            group.members.extend(visitors);
        }
        let new = templates::NewWeb {
            path: seed.path.clone(),
            title: seed.title.clone(),
            description: String::new(),
            definition: "STS#1".to_owned(),
            author: system,
            grants: Some(grants),
            on_quick_launch: false,
        };
        let web = templates::make_web(new, &mut self.ids, now);
        collection.webs.insert(seed.path.to_lowercase(), web);
        collection
    }
}
