//! Who gets in: a function of owner, teams and shares, and nobody else (ST-04, ST-39).

use std::collections::{BTreeMap, BTreeSet};

use domain::CrmId;
use e2e::{HARBOUR, NORTHWIND, World};
use proptest::prelude::*;
use sandbox::{
    crm::{Principal, Right, Rights, Value, seed},
    people,
};
use tenants::LoginRule;

use crate::ANNA;

const SITE: &str = "/sites/harbour/harbour-sons-shipping";
const GRETA_DISABLED: u16 = 8;
const HUGO_UNKNOWN: u16 = 9;

/// The logins of those who can open a site, from both tenants; whether they may also change it.
fn inside(world: &World, path: &str) -> BTreeMap<&'static str, bool> {
    let known = people::TENANTS.iter().flat_map(|(tenant, _)| people::of(tenant)).filter(|one| one.in_sharepoint);
    let can_open: Vec<_> = known.filter(|one| world.can_open(one.login, path)).collect();
    let state = world.instance.sandbox.world();
    let collection = state.sharepoint.collection(path).expect("the collection is there");
    let may_add = |login: &str| {
        let user = collection.user(login).expect("who has rights is known");
        collection.rights(user.id, path).include(sandbox::sharepoint::Rights(0x2))
    };
    can_open.into_iter().map(|one| (one.login, may_add(one.login))).collect()
}

fn login(number: u16) -> &'static str {
    people::of(HARBOUR).nth(usize::from(number) - 1).expect("a seeded person").login
}

/// One person's or team's share of the account.
#[derive(Clone, Debug)]
struct Share {
    principal: Principal,
    rights: Rights,
}

fn share() -> impl Strategy<Value = Share> {
    let principal = prop_oneof![
        (2_u16..=10).prop_map(|number| Principal::User(seed::user(number))),
        (1_u16..=2).prop_map(|number| Principal::Team(seed::team(number))),
    ];
    let rights = prop::collection::btree_set(prop::sample::select(&Right::ALL[..4]), 0..4);
    (principal, rights).prop_map(|(principal, rights)| Share { principal, rights })
}

/// The teams of the seed.
const TEAMS: [&[u16]; 2] = [&[4, 5, 8], &[2, 9, 6]];

/// The rule of ST-04, written down a second time: the owner writes; who may read by any share reads, and writes if one
/// of those says so; who is disabled or unknown to SharePoint is left out.
fn entitled(owner: u16, shares: &BTreeMap<Principal, Rights>) -> BTreeMap<&'static str, bool> {
    let mut entitled = BTreeMap::from([(owner, true)]);
    for (principal, rights) in shares.iter().filter(|(_, rights)| rights.contains(&Right::Read)) {
        let writes = rights.contains(&Right::Write);
        let people: Vec<u16> = match principal {
            Principal::User(id) => (1..=10).filter(|number| seed::user(*number) == *id).collect(),
            Principal::Team(id) if *id == seed::team(1) => TEAMS[0].to_vec(),
            Principal::Team(_) => TEAMS[1].to_vec(),
        };
        for person in people {
            *entitled.entry(person).or_default() |= writes;
        }
    }
    let in_sharepoint = |number: &u16| ![GRETA_DISABLED, HUGO_UNKNOWN].contains(number);
    entitled.into_iter().filter(|(number, _)| in_sharepoint(number)).map(|(it, writes)| (login(it), writes)).collect()
}

fn set_owner(world: &World, account: CrmId, owner: u16) {
    world.edit(HARBOUR, "account", account, |record| {
        let owner = Value::Reference { entity: "systemuser".to_owned(), id: seed::user(owner) };
        record.insert("ownerid".to_owned(), owner)
    });
}

/// ST-04: asked of SharePoint's own pages, for everybody of both tenants.
#[test]
fn who_gets_in_follows_from_owner_teams_and_shares() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let owners = prop::sample::select(vec![2_u16, 3, 4, 5, 10, GRETA_DISABLED, HUGO_UNKNOWN]);
    proptest!(ProptestConfig::with_cases(24), |(owner in owners, given in prop::collection::vec(share(), 0..6))| {
        let seen = runtime.block_on(async {
            let world = World::start().await;
            let account = seed::account(1);
            set_owner(&world, account, owner);
            let mut shares: BTreeMap<Principal, Rights> = BTreeMap::new();
            {
                let mut state = world.instance.sandbox.world();
                let organisation = state.crm.organisation_mut(HARBOUR).expect("seeded");
                let before = [3, 6].map(|user| Principal::User(seed::user(user))).into_iter();
                for principal in before.chain([Principal::Team(seed::team(1))]) {
                    organisation.share("account", account, principal, Rights::new());
                }
                for Share { principal, rights } in &given {
                    organisation.share("account", account, *principal, rights.clone());
                    shares.insert(*principal, rights.clone());
                }
            }
            world.press(HARBOUR, r"HARBOUR\tieline", account).await;
            world.drain().await;
            (inside(&world, SITE), entitled(owner, &shares))
        });
        prop_assert_eq!(seen.0, seen.1);
    });
}

/// ST-04: who cannot be let in is named to those who can do something about it, and stops nobody else.
#[tokio::test]
async fn who_is_left_out_is_listed_and_noted() {
    let world = World::start().await;
    let account = seed::account(1);
    let with_read = [Right::Read].into();
    world.instance.sandbox.world().crm.organisation_mut(HARBOUR).expect("seeded").share(
        "account",
        account,
        Principal::User(seed::user(HUGO_UNKNOWN)),
        with_read,
    );
    let link = world.press(HARBOUR, ANNA, account).await.link();
    world.drain().await;
    let status = world.status(&link).await;
    assert_eq!((&status["state"], &status["members"]), (&"ready".into(), &5.into()));
    let left_out: Vec<(&str, &str)> = status["left_out"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some((one["name"].as_str()?, one["reason"].as_str()?)))
        .collect();
    assert_eq!(
        left_out,
        [("Greta Holm", "is disabled in CRM"), ("Hugo Meyer", "is not known to SharePoint")],
        "{status}"
    );
    let [(subject, text)] = &world.notes(HARBOUR, account)[..] else { panic!("not one note") };
    assert_eq!(subject, "SharePoint site ready");
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines,
        ["People with access: 5", "Greta Holm is disabled in CRM.", "Hugo Meyer is not known to SharePoint."]
    );
}

/// ST-04: an account whose owner cannot be let in gets its site all the same.
#[tokio::test]
async fn a_site_without_anybody_is_still_a_site() {
    for owner in [GRETA_DISABLED, HUGO_UNKNOWN] {
        let world = World::start().await;
        let account = seed::account(5);
        set_owner(&world, account, owner);
        let link = world.press(HARBOUR, r"HARBOUR\tieline", account).await.link();
        world.drain().await;
        let status = world.status(&link).await;
        assert_eq!((&status["state"], &status["members"]), (&"ready".into(), &0.into()), "{status}");
        assert_eq!(status["left_out"].as_array().map(Vec::len), Some(1));
        let site: url::Url = status["site"].as_str().expect("an address").parse().expect("a URL");
        assert_eq!(inside(&world, site.path()), BTreeMap::new());
    }
}

/// ST-04: who a CRM user is in SharePoint is the tenant's rule: the e-mail address, or a table.
#[tokio::test]
async fn a_login_rule_decides_who_is_let_in() {
    // SharePoint here knows nobody by e-mail: all are listed, nobody is let in, the site is ready.
    let world = World::start().await;
    world.set(HARBOUR, |settings| settings.logins = LoginRule::Email).await;
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    world.drain().await;
    assert_eq!(inside(&world, SITE), BTreeMap::new());
    let status = world.status(&link).await;
    assert_eq!((&status["state"], status["left_out"].as_array().map(Vec::len)), (&"ready".into(), Some(6)));
    // A table that gives Anna another name, Bjørn his own, and the rest none.
    let world = World::start().await;
    let table = [(r"harbour\ANNA.BERG", r"HARBOUR\ines.costa"), (r"HARBOUR\bjorn.aas", r"HARBOUR\bjorn.aas")];
    let table = table.map(|(from, to)| (from.to_owned(), to.to_owned())).into();
    world.set(HARBOUR, |settings| settings.logins = LoginRule::Table(table)).await;
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    world.drain().await;
    assert_eq!(inside(&world, SITE), BTreeMap::from([(r"HARBOUR\bjorn.aas", true), (r"HARBOUR\ines.costa", true)]));
    let status = world.status(&link).await;
    let reasons: BTreeSet<&str> =
        status["left_out"].as_array().into_iter().flatten().filter_map(|one| one["reason"].as_str()).collect();
    assert!(reasons.contains("has no SharePoint sign-in name by your organization's rule"), "{status}");
    let notes = world.notes(HARBOUR, seed::account(1));
    assert_eq!(notes.len(), 1);
    assert!(notes[0].1.contains("Carla Rossi has no SharePoint sign-in name"), "{notes:?}");
}

/// ST-39: two tenants whose accounts, users and teams have the same ids never let in each other's people.
#[tokio::test]
async fn overlapping_tenants_never_mix() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    world.press(NORTHWIND, r"NORTHWIND\adam.able", seed::account(1)).await;
    world.drain().await;
    let ours = inside(&world, SITE);
    let theirs = inside(&world, "/sites/northwind/alpine-ski-house");
    assert_eq!((ours.len(), theirs.len()), (5, 5));
    assert!(ours.keys().all(|login| login.starts_with("HARBOUR")), "{ours:?}");
    assert!(theirs.keys().all(|login| login.starts_with("NORTHWIND")), "{theirs:?}");
}
