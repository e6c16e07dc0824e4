//! A tenant's CRM.

use crm::{
    CrmError, Lack,
    classic::{
        Connection, SignIn, WITH_PASSPORT,
        live_id::{self, DEVICE_ADD, DEVICE_TOKEN, POLICY, USER_TOKEN},
    },
};

use super::{CONNECTION, Failed, Finding, Look, NAME, Stages};
use crate::order::Service;

const ENTITIES: &str = "entities";
const PRIVILEGES: &str = "privileges";
const SIGN_IN: &str = "sign-in";

pub(super) const STAGES: Stages = Stages {
    service: Service::Crm.name(),
    all: &["secret", "address", NAME, CONNECTION, SIGN_IN, ENTITIES, PRIVILEGES],
};

pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    match lacks(look).await {
        Ok(lacks) => STAGES.lacking(&lacks),
        Err(failed) => STAGES.failed(&failed),
    }
}

async fn lacks(look: &Look<'_>) -> Result<Vec<Failed>, Failed> {
    let secret: Connection = look.secret(Service::Crm).await?;
    look.address(Service::Crm, "the address", &secret.discovery)?;
    if let SignIn::LiveId(live_id) = &secret.sign_in {
        look.address(Service::Crm, "the address of Live ID's issuer", &live_id.issuer)?;
        look.address(Service::Crm, "the address of Live ID's registration", &live_id.registration)?;
    }
    let crm = look.connections.crm(look.tenant, look.settings).await.map_err(|it| Failed::connecting(&it))?;
    look.in_time(CONNECTION, crm.who_am_i()).await?.map_err(|error| failed(&error, SIGN_IN))?;
    let lacks = look.in_time(ENTITIES, crm.lacks()).await?.map_err(|error| failed(&error, ENTITIES))?;
    Ok(lacks.into_iter().map(lack).collect())
}

fn lack(lack: Lack) -> Failed {
    const PACKAGE: &str = "import Tieline's package (infra/crm) into the organization and publish it";
    match lack {
        Lack::Entity(entity) => Failed::new(ENTITIES, format!("there is no entity {entity}"), PACKAGE),
        Lack::Attribute { entity, attribute } => {
            Failed::new(ENTITIES, format!("entity {entity} has no attribute {attribute}"), PACKAGE)
        }
        Lack::Privilege { name, is_partial } => {
            let scope = if is_partial { "not for the whole organization" } else { "not at all" };
            let problem = format!("the integration user has the privilege {name} {scope}");
            Failed::new(PRIVILEGES, problem, format!("give a role of the user {name} for the whole organization"))
        }
        Lack::Unseen(entity) => {
            Failed::unseen(ENTITIES, format!("depends on {PRIVILEGES}: entity {entity} cannot be read"), "")
        }
    }
}

/// `stage` is where the look was.
fn failed(error: &CrmError, stage: &'static str) -> Failed {
    match error {
        CrmError::Call { source, .. } => Failed::calling(source),
        CrmError::SignIn { operation, code, .. } => {
            let (problem, todo) = refused(operation, code);
            Failed::new(SIGN_IN, problem.map_or_else(|| error.to_string(), |it| format!("{it} (code {code})")), todo)
        }
        CrmError::Busy { .. } => Failed::new(stage, error.to_string(), "check again in a few minutes"),
        other => Failed::new(stage, other.to_string(), "ask the CRM's administrator what this refusal means"),
    }
}

/// Who refuses what of a sign-in, and what to do about it. On premise there is only one who can.
fn refused(operation: &str, code: &str) -> (Option<&'static str>, &'static str) {
    const CONNECTION: &str = "correct it (scripts/tenant rotate ID crm --connection FILE)";
    let (problem, todo) = match operation {
        POLICY => {
            let todo = "correct discovery: CRM Online's ends with /2007/Passport/CrmDiscoveryService.asmx";
            ("the discovery service names no policy of Live ID", todo)
        }
        DEVICE_TOKEN if code == live_id::BAD_NAME_OR_PASSWORD => {
            ("Live ID knows the device's name with another password", "give the device another name, or its password")
        }
        DEVICE_TOKEN => ("Live ID gives the device no token", CONNECTION),
        DEVICE_ADD => ("Live ID does not register the device", CONNECTION),
        USER_TOKEN if code == live_id::BAD_NAME_OR_PASSWORD => {
            ("Live ID refuses the user's name or password", "correct user or password (scripts/tenant rotate)")
        }
        USER_TOKEN if live_id::is_of_secret(operation, code) => {
            ("Live ID has locked the user's account, or wants a new password", "sign in as the user in a browser")
        }
        USER_TOKEN => {
            let todo = "correct partner, or ask the CRM's administrator which partner and policy Live ID has for it";
            ("Live ID gives no ticket for this partner under the policy that CRM names", todo)
        }
        WITH_PASSPORT => {
            let todo = "correct organization or user (scripts/tenant rotate), or let the user into the organization";
            ("CRM does not take Live ID's ticket for this organization", todo)
        }
        _ => return (None, "correct organization, user or password (scripts/tenant rotate), or enable the user"),
    };
    (Some(problem), todo)
}
