//! The people of the seeded tenants: one directory for the CRM and the SharePoint.
//!
//! Everything here is invented.

/// What a person may do in CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The user that the engine signs in as: may read and write everything, and act for others.
    Integration,
    /// Reads every account of the organisation; writes own ones and those shared for writing.
    Sales,
    /// Reads what is own or shared; may not create a site request.
    Assistant,
}

/// One person, known under the same login in CRM and (mostly) in SharePoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The tenant, which is also the name of the CRM organisation.
    pub tenant: &'static str,
    /// `DOMAIN\name`; where CRM is online, the member name of Live ID.
    pub login: &'static str,
    /// The name as people see it.
    pub name: &'static str,
    /// The e-mail address.
    pub email: &'static str,
    /// The password in both systems.
    pub password: &'static str,
    /// The role in CRM.
    pub role: Role,
    /// Whether CRM has disabled the user.
    pub disabled: bool,
    /// Whether SharePoint can resolve the login.
    pub in_sharepoint: bool,
}

/// The tenants, with the name that people know.
pub const TENANTS: [(&str, &str); 3] =
    [("harbour", "Harbour Logistics"), ("northwind", "Northwind Traders"), ("lakeside", "Lakeside Clinics")];

/// Whether a tenant's CRM is online: its people sign in with Live ID.
pub fn is_online(tenant: &str) -> bool {
    tenant == "lakeside"
}

/// The people of a tenant; the integration user first. Their order gives the ids of their CRM users.
pub fn of(tenant: &str) -> impl Iterator<Item = &'static Person> {
    PEOPLE.iter().filter(move |person| person.tenant == tenant)
}

/// The person who signs in with this name, whatever its case (Windows names do not distinguish it).
pub fn by_login(login: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.login.eq_ignore_ascii_case(login))
}

const fn harbour(login: &'static str, name: &'static str, email: &'static str, role: Role) -> Person {
    let password = "sandbox-harbour-1";
    Person { tenant: "harbour", login, name, email, password, role, disabled: false, in_sharepoint: true }
}

const fn northwind(login: &'static str, name: &'static str, email: &'static str, role: Role) -> Person {
    let password = "sandbox-northwind-1";
    Person { tenant: "northwind", login, name, email, password, role, disabled: false, in_sharepoint: true }
}

const fn lakeside(login: &'static str, name: &'static str, role: Role) -> Person {
    let password = "sandbox-lakeside-1";
    Person { tenant: "lakeside", login, name, email: login, password, role, disabled: false, in_sharepoint: true }
}

const PEOPLE: &[Person] = &[
    harbour(r"HARBOUR\tieline", "Tieline Service", "tieline@harbour.example", Role::Integration),
    harbour(r"HARBOUR\anna.berg", "Anna Berg", "anna.berg@harbour.example", Role::Sales),
    harbour(r"HARBOUR\bjorn.aas", "Bjørn Aas", "bjorn.aas@harbour.example", Role::Sales),
    harbour(r"HARBOUR\carla.rossi", "Carla Rossi", "carla.rossi@harbour.example", Role::Sales),
    harbour(r"HARBOUR\daud.rahman", "داود رحمن", "daud.rahman@harbour.example", Role::Sales),
    harbour(r"HARBOUR\eva.lindqvist", "Eva Lindqvist", "eva.lindqvist@harbour.example", Role::Assistant),
    harbour(r"HARBOUR\finn.oconnor", "Finn O'Connor", "finn.oconnor@harbour.example", Role::Assistant),
    Person {
        disabled: true,
        ..harbour(r"HARBOUR\greta.holm", "Greta Holm", "greta.holm@harbour.example", Role::Sales)
    },
    Person {
        in_sharepoint: false,
        ..harbour(r"HARBOUR\hugo.meyer", "Hugo Meyer", "hugo.meyer@harbour.example", Role::Sales)
    },
    harbour(r"HARBOUR\ines.costa", "Inês Costa", "ines.costa@harbour.example", Role::Sales),
    northwind(r"NORTHWIND\tieline", "Tieline Service", "tieline@northwind.example", Role::Integration),
    northwind(r"NORTHWIND\adam.able", "Adam Able", "adam.able@northwind.example", Role::Sales),
    northwind(r"NORTHWIND\beata.nowak", "Beata Nowak", "beata.nowak@northwind.example", Role::Sales),
    northwind(r"NORTHWIND\chen.wei", "陈伟", "chen.wei@northwind.example", Role::Sales),
    northwind(r"NORTHWIND\dora.szabo", "Dóra Szabó", "dora.szabo@northwind.example", Role::Sales),
    northwind(r"NORTHWIND\emil.krause", "Emil Krause", "emil.krause@northwind.example", Role::Assistant),
    northwind(r"NORTHWIND\fay.nguyen", "Fay Nguyễn", "fay.nguyen@northwind.example", Role::Assistant),
    Person {
        disabled: true,
        ..northwind(r"NORTHWIND\gus.olsen", "Gus Olsen", "gus.olsen@northwind.example", Role::Sales)
    },
    Person {
        in_sharepoint: false,
        ..northwind(r"NORTHWIND\hana.sato", "佐藤花", "hana.sato@northwind.example", Role::Sales)
    },
    lakeside("tieline@lakeside.example", "Tieline Service", Role::Integration),
    lakeside("lena.fischer@lakeside.example", "Lena Fischer", Role::Sales),
    lakeside("marko.ilic@lakeside.example", "Marko Ilić", Role::Sales),
    lakeside("nadia.haddad@lakeside.example", "نادية حداد", Role::Sales),
    lakeside("otto.vance@lakeside.example", "Otto Vance", Role::Sales),
    lakeside("priya.nair@lakeside.example", "Priya Nair", Role::Assistant),
    lakeside("quentin.roy@lakeside.example", "Quentin Roy", Role::Assistant),
    Person { disabled: true, ..lakeside("rosa.diaz@lakeside.example", "Rosa Díaz", Role::Sales) },
    Person { in_sharepoint: false, ..lakeside("sami.aalto@lakeside.example", "Sami Aalto", Role::Sales) },
];
