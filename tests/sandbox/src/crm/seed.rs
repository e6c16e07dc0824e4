//! The seeded organisations. Their record ids overlap on purpose: the same id is another record in the other
//! tenant (ST-39). Everything here is invented.

use domain::{CrmId, SignedDuration, Timestamp};
use jiff::tz::{TimeZone, offset};
use uuid::Uuid;

use super::{
    organisation::{Organisation, Record},
    schema::SCHEMA,
    security::{Principal, Right, privilege_name},
    sign_in::SignIn,
    value::Value,
};
use crate::people::{self, Person};

/// The id of a tenant's account, counted from 1 in the order of [`HARBOUR_ACCOUNTS`], [`NORTHWIND_ACCOUNTS`]
/// or [`LAKESIDE_ACCOUNTS`].
pub const fn account(number: u16) -> CrmId {
    id(0xacc0, number)
}

/// The id of a tenant's user, counted from 1 in the order of [`people::of`].
pub const fn user(number: u16) -> CrmId {
    id(0x05e4, number)
}

/// The id of a tenant's team: 1 or 2.
pub const fn team(number: u16) -> CrmId {
    id(0x7ea0, number)
}

/// An account: its name, its city, and the number of its owner.
pub type Seeded = (&'static str, &'static str, u16);

/// 160 characters, the most that CRM takes.
const LONG: &str = "The Honourable Company of Master Mariners, Lightermen, Wharfingers and Free Porters of the Upper \
                    and Lower Harbours, Incorporated by Royal Charter for Evermore.";

/// Harbour's accounts, in the order of their ids. Number 9 is deactivated.
pub const HARBOUR_ACCOUNTS: [Seeded; 16] = [
    ("Harbour & Sons Shipping", "Portsmouth", 2),
    ("Ångström & Søn A/S", "København", 3),
    ("株式会社みなと", "横浜市", 4),
    ("شركة الميناء للتجارة", "دبي", 5),
    (LONG, "London", 2),
    ("***???", "Nowhere", 3),
    ("Adventure Works", "Bothell", 2),
    ("Adventure Works", "Seattle", 3),
    ("Blue Yonder Airlines", "Renton", 2),
    ("O'Reilly \"Port\" <Logistics> & Co", "Cork", 4),
    ("Fabrikam, Inc.", "Redmond", 10),
    ("Łódź Transport Sp. z o.o.", "Łódź", 8),
    ("Tailspin Toys", "Sammamish", 9),
    ("AUX", "Old Ports", 5),
    ("..Net Partners..", "Dublin", 10),
    ("Café Zoë 🚢", "Marseille", 2),
];

/// Northwind's accounts, in the order of their ids. Number 9 is deactivated.
pub const NORTHWIND_ACCOUNTS: [Seeded; 14] = [
    ("Alpine Ski House", "Zürich", 2),
    ("Coho Vineyard & Winery", "Yakima", 3),
    ("北風貿易株式会社", "札幌市", 4),
    ("قافلة الشمال", "الرباط", 5),
    (LONG, "Hull", 2),
    ("***???", "Nowhere", 3),
    ("Wingtip Toys", "Kent", 2),
    ("Wingtip Toys", "Tacoma", 3),
    ("Margie's Travel", "Everett", 2),
    ("Smørrebrød & Brød ApS", "Aarhus", 4),
    ("Trey Research", "Austin", 5),
    ("Øresund Fjernvarme", "Malmö", 8),
    ("Humongous Insurance", "Miami", 9),
    ("Ísland hf.", "Reykjavík", 2),
];

/// Lakeside's accounts, in the order of their ids.
pub const LAKESIDE_ACCOUNTS: [Seeded; 6] = [
    ("Seeblick Klinik GmbH", "Konstanz", 2),
    ("Contoso Pharmaceuticals", "Basel", 3),
    ("مستشفى البحيرة", "الإسكندرية", 4),
    (LONG, "Geneva", 2),
    ("***???", "Nowhere", 3),
    ("Łazienki & Spółka", "Kraków", 5),
];

/// The number of the account that is deactivated, where there are so many.
pub const DEACTIVATED: u16 = 9;

/// The organisations `harbour`, `northwind` and `lakeside`, made a year before now.
pub(crate) fn organisations(now: Timestamp) -> [Organisation; 3] {
    let made = now - SignedDuration::from_hours(365 * 24);
    let [harbour, northwind, lakeside] = people::TENANTS;
    // Users read their own time (contract §5): five hours behind UTC in the first, one hour ahead in the second.
    let new = |(name, friendly): (&str, &str), number, hours, accounts: &[Seeded]| {
        let zone = TimeZone::fixed(offset(hours));
        let sign_in = if people::is_online(name) { SignIn::LiveId } else { SignIn::Ifd };
        let mut organisation = Organisation::new(name, friendly, [id(0x0009, number), id(0xb000, 1)], sign_in, zone);
        fill(&mut organisation, accounts, made);
        share(&mut organisation);
        organisation
    };
    [
        new(harbour, 1, -5, &HARBOUR_ACCOUNTS),
        new(northwind, 2, 1, &NORTHWIND_ACCOUNTS),
        new(lakeside, 3, 2, &LAKESIDE_ACCOUNTS),
    ]
}

const fn id(kind: u16, number: u16) -> CrmId {
    // Version 4, variant 1: ids that every parser takes.
    CrmId::new(Uuid::from_u128(((kind as u128) << 112) | (0x5a4d_b0c5_4000_8000_0000_0000_0000_u128) | number as u128))
}

fn reference(entity: &str, id: CrmId) -> Value {
    Value::Reference { entity: entity.to_owned(), id }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn put(organisation: &mut Organisation, entity: &str, key: (&str, CrmId), made: Timestamp, fields: &[(&str, Value)]) {
    let made = Timestamp::from_second(made.as_second()).unwrap_or(made);
    let creator = || reference("systemuser", user(1));
    let mut record = Record::from([
        (key.0.to_owned(), Value::Id(key.1)),
        ("createdon".to_owned(), Value::Moment(made)),
        ("modifiedon".to_owned(), Value::Moment(made)),
        ("createdby".to_owned(), creator()),
        ("modifiedby".to_owned(), creator()),
    ]);
    record.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    organisation.put(entity, key.1, record);
}

fn fill(organisation: &mut Organisation, accounts: &[Seeded], made: Timestamp) {
    let unit = organisation.business_unit;
    let name = organisation.friendly_name.clone();
    put(organisation, "businessunit", ("businessunitid", unit), made, &[("name", text(&name))]);
    // As CRM makes them for every entity: a record each, that names what a role gives.
    let names = SCHEMA.entities().filter(|entity| entity.name != "privilege");
    let names = names.flat_map(|entity| Right::ALL.map(|right| privilege_name(right, &entity.name)));
    for (number, name) in (1..).zip(names) {
        put(organisation, "privilege", ("privilegeid", id(0x9417, number)), made, &[("name", text(&name))]);
    }
    let tenant = organisation.name.clone();
    for (number, person) in (1..).zip(people::of(&tenant)) {
        seat(organisation, number, person, made);
    }
    for (number, name) in [(1, "Key Accounts"), (2, "Logistics")] {
        let fields = [("name", text(name)), ("businessunitid", reference("businessunit", unit))];
        put(organisation, "team", ("teamid", team(number)), made, &fields);
    }
    for (number, (name, city, owner)) in (1..).zip(accounts) {
        let is_active = number != DEACTIVATED;
        let fields = [
            ("name", text(name)),
            ("address1_city", text(city)),
            ("accountnumber", Value::Text(format!("{}-{number:04}", tenant[..1].to_uppercase()))),
            ("donotbulkemail", Value::Flag(number % 5 == 0)),
            ("industrycode", Value::Number(if number % 2 == 0 { 31 } else { 33 })),
            ("numberofemployees", Value::Number(i64::from(number) * 95)),
            ("ownerid", reference("systemuser", user(*owner))),
            ("owningbusinessunit", reference("businessunit", unit)),
            ("statecode", Value::Number(i64::from(!is_active))),
            ("statuscode", Value::Number(if is_active { 1 } else { 2 })),
        ];
        put(organisation, "account", ("accountid", account(number)), made, &fields);
    }
    let fields = [
        ("name", text("Quayside expansion")),
        ("customerid", reference("account", account(1))),
        ("estimatedvalue", Value::Amount(125_000.0)),
        ("ownerid", reference("systemuser", user(2))),
        ("owningbusinessunit", reference("businessunit", unit)),
        ("statecode", Value::Number(0)),
        ("statuscode", Value::Number(1)),
    ];
    put(organisation, "opportunity", ("opportunityid", id(0x0990, 1)), made, &fields);
}

fn seat(organisation: &mut Organisation, number: u16, person: &Person, made: Timestamp) {
    let (first, last) = person.name.split_once(' ').unwrap_or((person.name, ""));
    let mut fields = vec![
        ("domainname", text(person.login)),
        ("fullname", text(person.name)),
        ("firstname", text(first)),
        ("internalemailaddress", text(person.email)),
        ("isdisabled", Value::Flag(person.disabled)),
        ("businessunitid", reference("businessunit", organisation.business_unit)),
    ];
    if !last.is_empty() {
        fields.push(("lastname", text(last)));
    }
    put(organisation, "systemuser", ("systemuserid", user(number)), made, &fields);
    organisation.roles.insert(user(number), person.role);
}

/// The first account is shared with a user for writing, with an assistant for reading, and with a team for both; the
/// second with the other team for reading. The first team has the disabled user, the second the one whom SharePoint
/// does not know.
fn share(organisation: &mut Organisation) {
    let members = [(1, 4), (1, 5), (1, 8), (2, 2), (2, 9), (2, 6)];
    for (number, (of, member)) in (1..).zip(members) {
        let key = id(0x7e40, number);
        let fields = [
            ("teammembershipid", Value::Id(key)),
            ("teamid", Value::Id(team(of))),
            ("systemuserid", Value::Id(user(member))),
        ];
        let record = fields.map(|(name, value)| (name.to_owned(), value));
        organisation.put("teammembership", key, record.into());
    }
    let write = || [Right::Read, Right::Write, Right::Append, Right::AppendTo].into();
    let read = || [Right::Read].into();
    organisation.share("account", account(1), Principal::User(user(3)), write());
    organisation.share("account", account(1), Principal::User(user(6)), read());
    organisation.share("account", account(1), Principal::Team(team(1)), write());
    organisation.share("account", account(2), Principal::Team(team(2)), read());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_has_the_names_that_hurt() {
        for accounts in [&HARBOUR_ACCOUNTS[..], &NORTHWIND_ACCOUNTS[..]] {
            assert!(accounts.iter().any(|(name, ..)| name.chars().count() == 160));
            assert!(accounts.iter().all(|(name, ..)| name.encode_utf16().count() <= 160));
            let mut names: Vec<_> = accounts.iter().map(|(name, ..)| name).collect();
            names.sort_unstable();
            let before = names.len();
            names.dedup();
            assert_eq!(before - names.len(), 1, "one name is there twice");
        }
        assert_eq!(account(1).to_string(), "acc05a4d-b0c5-4000-8000-000000000001");
    }

    /// Both systems know the same people; one whom SharePoint does not know, and one whom CRM has disabled.
    #[test]
    fn each_tenant_has_people_of_every_sort() {
        for (tenant, _) in people::TENANTS {
            let all: Vec<_> = people::of(tenant).collect();
            assert!(all.len() >= 8);
            assert_eq!(all.iter().filter(|person| person.disabled).count(), 1);
            assert_eq!(all.iter().filter(|person| !person.in_sharepoint).count(), 1);
        }
    }
}
