//! One request body per operation, for validators outside of this workspace.
//!
//! `TIELINE_REQUEST_BODIES=<folder> cargo test -p crm --test requests` writes `crmservice/*.xml`, `discovery/*.xml` and
//! `fetch/*.xml` there; the folder's names say which schema they belong to.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

use std::{fs, path::Path};

use crm::classic::{
    Columns, Condition, DynamicEntity, Filter, Joined, Kind, Link, Operator, Order, PageRequest, Query, Reference,
    Value, operations::*,
};
use domain::{CrmId, RecordKind, RecordRef};
use soap::{Element, Limits, ToXml};

fn id() -> CrmId {
    "6b29fc40-ca47-1067-b31d-00dd010662da".parse().unwrap()
}

/// A record with a value of every type, null ones included.
fn everything() -> DynamicEntity {
    let to = || Reference { name: Some("Åsa & Co".to_owned()), ..Reference::to("contact", id()) };
    let party = DynamicEntity::new("activityparty").with("partyid", Value::Lookup(to()));
    let values = [
        Value::String("a < b & \"c\"\r\n".to_owned()),
        Value::Key(id()),
        Value::Lookup(to()),
        Value::Owner(to()),
        Value::Customer(to()),
        Value::DateTime("2026-03-01T12:00:00.75Z".parse().unwrap()),
        Value::Money("19.9500".parse().unwrap()),
        Value::Decimal("-0.5".parse().unwrap()),
        Value::Float(1e300),
        Value::Number(-1),
        Value::Boolean(true),
        Value::Picklist(7),
        Value::State("Active".to_owned()),
        Value::Status(1),
        Value::Parties(vec![party]),
        Value::UniqueIdentifier(id()),
        Value::EntityName("account".to_owned()),
    ];
    let nulls = [
        Kind::Lookup,
        Kind::Owner,
        Kind::Customer,
        Kind::DateTime,
        Kind::Money,
        Kind::Decimal,
        Kind::Float,
        Kind::Number,
        Kind::Boolean,
        Kind::Picklist,
        Kind::Status,
        Kind::UniqueIdentifier,
        Kind::EntityName,
    ];
    let values = values.into_iter().chain(nulls.map(Value::Null));
    values.enumerate().fold(DynamicEntity::new("new_thing"), |entity, (n, value)| entity.with(&format!("a{n}"), value))
}

fn query() -> Query {
    let equal = |attribute: &str, value: &str| Condition::new(attribute, Operator::Equal, [value.to_owned()]);
    let link = |filter: Option<Filter>, links: Vec<Link>| Link {
        outer_attribute: "systemuserid".to_owned(),
        entity: "teammembership".to_owned(),
        attribute: "systemuserid".to_owned(),
        alias: "membership".to_owned(),
        columns: vec!["teamid".to_owned()],
        filter,
        links,
    };
    Query {
        distinct: true,
        page: PageRequest { number: 2, size: 5_000, cookie: Some("<cookie page=\"1\"/>".to_owned()) },
        links: vec![link(Some(Filter::all([equal("teamid", "x")])), vec![link(None, Vec::new())])],
        orders: vec![Order { attribute: "fullname".to_owned(), descending: true }],
        ..Query::of("systemuser", Columns::named(["fullname", "isdisabled"])).only(Filter {
            joined: Joined::Or,
            conditions: vec![
                Condition::new("fullname", Operator::NotNull, []),
                Condition::new("systemuserid", Operator::In, [id().to_string(), id().to_string()]),
            ],
            filters: vec![Filter::all([equal("isdisabled", "0")])],
        })
    }
}

/// Folder, name and body of every request.
fn bodies() -> Vec<(&'static str, &'static str, Element)> {
    let target = RecordRef { kind: RecordKind::Account, id: id() };
    let retrieve = |columns| Retrieve { entity: "account".to_owned(), id: id(), columns };
    let fetch = Fetch::new(&query()).unwrap();
    let fetch_xml = soap::parse(fetch.fetch_xml().as_bytes(), Limits::default()).unwrap();
    let state =
        SetStateDynamicEntity { entity: "account".to_owned(), id: id(), state: "Inactive".to_owned(), status: -1 };
    let password = Proof::Password { user: "HARBOUR\\tieline".to_owned(), password: "secret".into() };
    let passport = Proof::Passport("t=EwBQA&p=".into());
    let ticket =
        |proof: &Proof| RetrieveCrmTicket { organization: "harbour".to_owned(), proof: proof.clone() }.to_xml();
    let organizations = |proof: &Proof| RetrieveOrganizations { proof: proof.clone() }.to_xml();
    vec![
        ("crmservice", "Create", Create(everything()).to_xml()),
        ("crmservice", "Update", Update(everything()).to_xml()),
        ("crmservice", "Retrieve", retrieve(Columns::named(["name"])).to_xml()),
        ("crmservice", "Retrieve-all", retrieve(Columns::All).to_xml()),
        ("crmservice", "RetrieveMultiple", RetrieveMultiple(query()).to_xml()),
        ("crmservice", "Fetch", fetch.to_xml()),
        ("crmservice", "SetStateDynamicEntity", state.to_xml()),
        ("crmservice", "WhoAmI", WhoAmI.to_xml()),
        (
            "crmservice",
            "RetrievePrincipalAccess",
            RetrievePrincipalAccess { target, principal: Principal::User(id()) }.to_xml(),
        ),
        ("crmservice", "RetrieveSharedPrincipalsAndAccess", RetrieveSharedPrincipalsAndAccess { target }.to_xml()),
        ("discovery", "RetrieveCrmTicket", ticket(&password)),
        ("discovery", "RetrieveCrmTicket-passport", ticket(&passport)),
        ("discovery", "RetrieveOrganizations", organizations(&password)),
        ("discovery", "RetrieveOrganizations-passport", organizations(&passport)),
        ("discovery", "RetrievePolicy", RetrievePolicy.to_xml()),
        ("fetch", "Fetch", fetch_xml),
    ]
}

#[test]
fn every_request_can_be_written_and_read_back() {
    let folder = std::env::var_os("TIELINE_REQUEST_BODIES");
    for (schema, name, body) in bodies() {
        let document = body.to_document().unwrap();
        assert_eq!(soap::parse(&document, Limits::default()).unwrap(), body, "{schema}/{name}");
        if let Some(folder) = &folder {
            let folder = Path::new(folder).join(schema);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name).with_extension("xml"), document).unwrap();
        }
    }
}
