//! Members of a group.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    operation::{AddUserCollectionToGroup, AddUserToGroup, GetUserCollectionFromGroup},
    refusal::USER_UNKNOWN,
    service::ask,
    session::Session,
};
use crate::{Login, MemberOutcome, SiteError, Web};

/// The longest sign-in name that the services take (`String251Type`).
const MOST_LOGIN: usize = 251;

/// 1 call, and 1 per 100 people who are missing; where one of those is unknown, 1 for each of them, because the
/// refusal of many does not say who.
///
/// The group is asked for first, so that a refusal afterwards can only mean a person.
pub(super) async fn ensure(
    session: &Session,
    web: &Web,
    group: &str,
    people: &[Login],
) -> Result<Vec<MemberOutcome>, SiteError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let there = ask(session, &web.url, &GetUserCollectionFromGroup { group: group.to_owned() }).await?.0;
    let there: BTreeSet<String> = there.iter().flat_map(|login| [login, plain(login)].map(str::to_lowercase)).collect();
    let legal = |person: &Login| (1..=MOST_LOGIN).contains(&person.login.chars().count());
    let missing: BTreeMap<String, &Login> = people
        .iter()
        .filter(|person| legal(person) && !there.contains(&person.login.to_lowercase()))
        .map(|person| (person.login.to_lowercase(), person))
        .collect();
    let missing: Vec<&Login> = missing.into_values().collect();
    let mut unresolved = BTreeSet::new();
    for some in missing.chunks(AddUserCollectionToGroup::MOST) {
        unresolved.extend(add(session, web, group, some).await?);
    }
    let outcome = |person: &Login| {
        if legal(person) && !unresolved.contains(&person.login.to_lowercase()) {
            MemberOutcome::Member
        } else {
            MemberOutcome::Unresolved
        }
    };
    Ok(people.iter().map(outcome).collect())
}

/// The name inside of a claim: a claims host calls somebody whom it was told by the name alone
/// `i:0#.f|membership|name` or `i:0#.w|name` (MS-SPSTWS, from memory). Any other provider's is somebody else.
fn plain(login: &str) -> &str {
    let inside = ["i:0#.f|membership|", "i:0#.w|"].iter().find_map(|provider| login.strip_prefix(provider));
    inside.unwrap_or(login)
}

/// Adds people and says who of them the host does not know.
async fn add(session: &Session, web: &Web, group: &str, people: &[&Login]) -> Result<Vec<String>, SiteError> {
    if people.len() > 1 {
        let people = people.iter().map(|person| (*person).clone()).collect();
        match ask(session, &web.url, &AddUserCollectionToGroup { group: group.to_owned(), people }).await {
            Err(error) if USER_UNKNOWN.is_why(&error) => {}
            outcome => return outcome.map(|_| Vec::new()),
        }
    }
    let mut unresolved = Vec::new();
    for person in people {
        let add = AddUserToGroup { group: group.to_owned(), person: (*person).clone() };
        match ask(session, &web.url, &add).await {
            Ok(_) => {}
            Err(error) if USER_UNKNOWN.is_why(&error) => unresolved.push(person.login.to_lowercase()),
            Err(error) => return Err(error),
        }
    }
    Ok(unresolved)
}
