//! A tenant's account at the e-mail platform.

use exacttarget::{
    Connection, ExactTargetError, SignIn,
    operations::{GetSystemStatus, SystemStatus},
};

use super::{CONNECTION, Failed, Finding, Look, NAME, Stages};
use crate::order::Service;

const SIGN_IN: &str = "sign-in";
const SERVICE: &str = "service";

pub(super) const STAGES: Stages =
    Stages { service: Service::ExactTarget.name(), all: &["secret", "address", NAME, CONNECTION, SIGN_IN, SERVICE] };

pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    match lacks(look).await {
        Ok(()) => STAGES.lacking(&[]),
        Err(failed) => STAGES.failed(&failed),
    }
}

/// Nothing is missing of an account that lets its user in: what a send needs is looked at when there is one.
async fn lacks(look: &Look<'_>) -> Result<(), Failed> {
    let secret: Connection = look.secret(Service::ExactTarget).await?;
    if let Some(endpoint) = &secret.endpoint {
        look.address(Service::ExactTarget, "the address", endpoint)?;
    }
    if let SignIn::Package(package) = &secret.sign_in {
        look.address(Service::ExactTarget, "the address of tokens", &package.token)?;
    }
    let platform = look.connections.email(look.tenant, look.settings).await.map_err(|it| Failed::connecting(&it))?;
    let status = look.in_time(CONNECTION, platform.send(&GetSystemStatus)).await?.map_err(|error| failed(&error))?;
    let problem = match status {
        SystemStatus::Ok => return Ok(()),
        SystemStatus::InMaintenance => "the platform is in maintenance",
        SystemStatus::UnplannedOutage => "the platform is out of order",
    };
    Err(Failed::new(SERVICE, problem, "check again later"))
}

fn failed(error: &ExactTargetError) -> Failed {
    match error {
        ExactTargetError::Call { source, .. } => Failed::calling(source),
        ExactTargetError::SignIn { code, .. } => {
            let problem = format!("the platform refuses the user or the package (code {code})");
            let todo = "correct the name or the secret (scripts/tenant rotate), or let the user use the API";
            Failed::new(SIGN_IN, problem, todo)
        }
        ExactTargetError::Busy { .. } => Failed::new(SERVICE, error.to_string(), "check again in a few minutes"),
        other => Failed::new(SERVICE, other.to_string(), "ask the platform's support what this refusal means"),
    }
}
