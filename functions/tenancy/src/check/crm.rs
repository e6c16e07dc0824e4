//! A tenant's CRM.

use crm::{CrmError, Lack, classic::Connection};

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
    look.address(Service::Crm, &secret.discovery)?;
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
        CrmError::SignIn { .. } => {
            let todo = "correct organization, user or password (scripts/tenant rotate), or enable the user";
            Failed::new(SIGN_IN, error.to_string(), todo)
        }
        CrmError::Busy { .. } => Failed::new(stage, error.to_string(), "check again in a few minutes"),
        other => Failed::new(stage, other.to_string(), "ask the CRM's administrator what this refusal means"),
    }
}
