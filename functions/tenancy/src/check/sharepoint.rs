//! A tenant's SharePoint.

use sharepoint::{
    Lack, SiteError,
    classic::{Connection, TOKEN, TURN_IN},
};
use transport::passport;

use super::{CONNECTION, Failed, Finding, Look, NAME, Stages};
use crate::order::Service;

const SIGN_IN: &str = "sign-in";
const PARENT: &str = "parent web";
const RIGHTS: &str = "rights";
const SERVICES: &str = "services";
const PAGE: &str = "page that makes webs";

pub(super) const STAGES: Stages = Stages {
    service: Service::SharePoint.name(),
    all: &["secret", "address", NAME, CONNECTION, SIGN_IN, PARENT, RIGHTS, SERVICES, PAGE],
};

/// The site definitions that our templates are made of (`infra/sharepoint`).
const DEFINITIONS: [&str; 1] = ["STS#1"];

pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    match lacks(look).await {
        Ok(lacks) if lacks == [Lack::Parent] => STAGES.failed(&lack(Lack::Parent)),
        Ok(lacks) => STAGES.lacking(&lacks.into_iter().map(lack).collect::<Vec<_>>()),
        Err(failed) => STAGES.failed(&failed),
    }
}

async fn lacks(look: &Look<'_>) -> Result<Vec<Lack>, Failed> {
    let secret: Connection = look.secret(Service::SharePoint).await?;
    look.address(Service::SharePoint, "the address", &secret.parent)?;
    if let Some(sts) = secret.sign_in.sts() {
        look.address(Service::SharePoint, "the sign-in service", sts)?;
    }
    let sites = look.connections.sites(look.tenant, look.settings).await.map_err(|it| Failed::connecting(&it))?;
    look.in_time(CONNECTION, sites.lacks(&DEFINITIONS)).await?.map_err(|error| failed(&error))
}

fn lack(lack: Lack) -> Failed {
    const HOST: &str = "ask the SharePoint's administrator; it has to be of 2007 or 2010";
    match lack {
        Lack::Parent => {
            let todo = "correct the connection's parent (scripts/tenant rotate), or make the site collection";
            Failed::new(PARENT, "there is no web at the parent's address", todo)
        }
        Lack::Right(name) => {
            let problem = format!("the account has not the right \"{name}\" on the parent web");
            Failed::new(RIGHTS, problem, "give the account Full Control on the parent web")
        }
        Lack::Service(file) => Failed::new(SERVICES, format!("{file} of the parent web refuses to answer"), HOST),
        Lack::Page(missing) => Failed::new(PAGE, format!("the page is not there or has no {missing}"), HOST),
        Lack::Definition(definition) => {
            let problem = format!("the page does not offer the site definition {definition}");
            Failed::new(PAGE, problem, "allow this site template on the parent web")
        }
        Lack::RightsUnseen => Failed::unseen(RIGHTS, format!("depends on {SERVICES}"), ""),
        Lack::PageUnseen => Failed::unseen(PAGE, format!("depends on {RIGHTS}"), ""),
    }
}

fn failed(error: &SiteError) -> Failed {
    match error {
        SiteError::Call { source, .. } => Failed::calling(source),
        SiteError::SignIn { operation, code, .. } => {
            let (problem, todo) = refused(operation, code);
            Failed::new(SIGN_IN, format!("{problem} (code {code})"), todo)
        }
        SiteError::Busy { .. } => Failed::new(SIGN_IN, error.to_string(), "check again in a few minutes"),
        SiteError::Refused { code, .. } if code == "403" || code.eq_ignore_ascii_case("0x80070005") => {
            Failed::new(PARENT, "the parent web is closed to the account", "give the account Full Control on it")
        }
        other => Failed::new(PARENT, other.to_string(), "ask the SharePoint's administrator what this refusal means"),
    }
}

/// Who refuses what of a sign-in, and what to do about it. Only with claims there are two who can.
fn refused(operation: &str, code: &str) -> (&'static str, &'static str) {
    match operation {
        TOKEN if code == passport::BAD_NAME_OR_PASSWORD => {
            let todo = "correct user or password (scripts/tenant rotate)";
            ("the sign-in service refuses the user's name or password", todo)
        }
        TOKEN if passport::is_of_secret(code) => {
            let problem = "the sign-in service has locked the user's account, or wants a new password";
            (problem, "sign in as the user in a browser")
        }
        TOKEN => {
            let todo = "correct parent, sts or user (scripts/tenant rotate ID sharepoint --connection FILE)";
            ("the sign-in service gives the user no token for this host", todo)
        }
        TURN_IN => {
            let todo = "correct sts, or ask the SharePoint's administrator which sign-in service the host believes";
            ("the host takes no token of the sign-in service", todo)
        }
        // A host says the same to a wrong password and to a good one at a closed door.
        _ => {
            let todo = "correct user or password (scripts/tenant rotate), or let the account open the parent web";
            ("the sign-in is refused, or the parent web is closed to the account", todo)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is looked for is what the templates ask for.
    #[test]
    fn every_template_is_made_of_a_definition_that_is_looked_for() {
        let template = include_str!("../../../../infra/sharepoint/account-site.xml");
        let base = template.split("BaseSiteTemplate=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(base, Some(DEFINITIONS[0]));
    }
}
