//! What the engine needs of a 2007 host and does not find there.

use super::{
    address,
    operation::{GetGroupCollectionFromWeb, GetListCollection, GetRolesAndPermissionsForCurrentUser, GetWeb},
    service::{Ask, ask},
    session::Session,
    webs,
};
use crate::{Lack, SiteError};

/// What is needed on the parent (contract, section 4): to be there, to look, to make a web, to find people. On the web
/// that it makes, an account has full control.
const RIGHTS: [(u64, &str); 5] = [
    (0x1_0000, "Open"),
    (0x2_0000, "View Pages"),
    (0x80_0000, "Create Subsites"),
    (0x800_0000, "Browse User Information"),
    (0x20_0000_0000, "Use Remote Interfaces"),
];
const CREATE: &str = "Create Subsites";

/// How a host refuses to tell of a web that is none: there is no site collection; below an address that is no web, the
/// services of the next web above answer, and do not know the address, with a code (MS-WEBSS R743) or without one.
const NOT_THERE: [&str; 4] = ["404", "0x80070002", "0x82000001", "none"];

pub(super) async fn find(session: &Session, definitions: &[&str]) -> Result<Vec<Lack>, SiteError> {
    let parent = &session.parent;
    let found = match ask(session, parent, &GetWeb { url: parent.clone() }).await {
        Ok(found) => address::same_path(&found.url, parent),
        Err(SiteError::Refused { code, .. }) if NOT_THERE.iter().any(|it| code.eq_ignore_ascii_case(it)) => false,
        Err(error) => return Err(error),
    };
    if !found {
        return Ok(vec![Lack::Parent]);
    }
    let mut lacks = Vec::new();
    match told(ask(session, parent, &GetRolesAndPermissionsForCurrentUser).await)? {
        Some(granted) => {
            let lacking = RIGHTS.iter().filter(|(bit, _)| granted.0 & bit == 0);
            lacks.extend(lacking.map(|(_, name)| Lack::Right(name)));
        }
        None => {
            lacks.extend([Lack::Service(GetRolesAndPermissionsForCurrentUser::SERVICE), Lack::RightsUnseen]);
        }
    }
    if told(ask(session, parent, &GetListCollection).await)?.is_none() {
        lacks.push(Lack::Service(GetListCollection::SERVICE));
    }
    if told(ask(session, parent, &GetGroupCollectionFromWeb).await)?.is_none() {
        lacks.push(Lack::Service(GetGroupCollectionFromWeb::SERVICE));
    }
    match webs::offered(session, definitions).await {
        Ok(missing) => lacks.extend(missing.into_iter().map(Lack::Definition)),
        Err(SiteError::PageChanged { missing, .. }) => lacks.push(Lack::Page(missing)),
        Err(SiteError::Refused { code, .. }) if code == "403" => {
            lacks.extend([Lack::Right(CREATE), Lack::PageUnseen]);
        }
        Err(SiteError::Refused { code, .. }) if code == "404" => lacks.push(Lack::Page("newsbweb.aspx".to_owned())),
        Err(error) => return Err(error),
    }
    lacks.sort();
    lacks.dedup();
    Ok(lacks)
}

/// The answer; `None` where the service is not there or closed to us.
fn told<T>(answer: Result<T, SiteError>) -> Result<Option<T>, SiteError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(SiteError::Refused { .. } | SiteError::SignIn { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
