//! Live checks of a tenant: what is looked at, and exactly what is missing for each connection.
//!
//! Only asks: a check may run on a customer's system at any time. Each connection is looked at in stages, from its
//! secret to what the engine needs there; where a stage fails, the later ones say that they depend on it.

mod crm;
mod exacttarget;
mod sharepoint;
mod stages;

use domain::{SignedDuration, TenantId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use tenants::{Connections, Settings};
use tokio::time::Instant;
use transport::GuardError;
use url::Url;

use self::stages::{CONNECTION, Failed, NAME, Stages};
use crate::{Deps, Refusal, order::Service};

/// Kept back for answering before the function's time limit.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose.
    pub tenant: TenantId,
    /// Whether everything was looked at and nothing is missing.
    pub ok: bool,
    /// One by one.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `tenant`, `crm`, `sharepoint` or `exacttarget`.
    pub service: &'static str,
    /// What: `secret`, `address`, `sign-in`, …
    pub what: &'static str,
    /// Whether it is as it should be; `None` if it could not be looked at.
    pub ok: Option<bool>,
    /// What is wrong, or why it was not looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// What somebody can do about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub what_to_do: String,
}

/// Looks at everything, all connections at a time. A tenant without hosts of the e-mail platform has no account there.
pub(crate) async fn check(deps: &Deps, tenant: &TenantId, deadline: Timestamp) -> Result<Report, Refusal> {
    let settings = Settings::read(&deps.platform.ledger, tenant).await;
    let settings = settings.map_err(|error| Refusal::ledger(Some(tenant), &error))?;
    let settings = settings.ok_or_else(|| Refusal::unknown(tenant))?;
    let mut findings = of_settings(tenant, &settings);
    let has_email = !settings.hosts.exacttarget.is_empty();
    // P12: nothing is asked on behalf of a tenant that is switched off, not even this.
    if settings.active {
        let left = deadline.duration_since(deps.platform.clock.now()) - MARGIN;
        let left = left.try_into().unwrap_or(std::time::Duration::ZERO);
        let connections = deps.connections.signing_in_anew();
        let one = Look { deps, connections, tenant, settings: &settings, until: Instant::now() + left };
        let email = async { if has_email { exacttarget::look(&one).await } else { Vec::new() } };
        let (crm, sharepoint, email) = tokio::join!(crm::look(&one), sharepoint::look(&one), email);
        findings.extend([crm, sharepoint, email].concat());
    } else {
        findings.extend(crm::STAGES.skipped("the tenant is switched off"));
        findings.extend(sharepoint::STAGES.skipped("the tenant is switched off"));
        if has_email {
            findings.extend(exacttarget::STAGES.skipped("the tenant is switched off"));
        }
    }
    let ok = findings.iter().all(|finding| finding.ok == Some(true));
    tracing::info!(%tenant, ok, "checked a tenant");
    Ok(Report { tenant: tenant.clone(), ok, findings })
}

fn of_settings(tenant: &TenantId, settings: &Settings) -> Vec<Finding> {
    let finding = |what, lack: Option<(&str, String)>| {
        let ok = Some(lack.is_none());
        let (problem, what_to_do) = lack.map(|(problem, todo)| (problem.to_owned(), todo)).unwrap_or_default();
        Finding { service: "tenant", what, ok, problem, what_to_do }
    };
    let off = (!settings.active).then(|| ("the tenant is switched off", format!("scripts/tenant enable {tenant}")));
    let origin = settings.crm_web.origin().ascii_serialization();
    let deaf = (!settings.allows_origin(&origin)).then(|| {
        let todo = "add the origin of crm_web to origins, or the button in CRM will be refused".to_owned();
        ("the origin of crm_web is not among the origins", todo)
    });
    vec![finding("switch", off), finding("origins", deaf)]
}

/// What one connection is looked at with.
struct Look<'d> {
    deps: &'d Deps,
    /// Of this check alone, so that it signs in anew.
    connections: Connections,
    tenant: &'d TenantId,
    settings: &'d Settings,
    until: Instant,
}

impl Look<'_> {
    /// A service's secret, fetched anew: what was kept may be older than what is stored.
    async fn secret<T: serde::de::DeserializeOwned>(&self, service: Service) -> Result<T, Failed> {
        let anew = self.deps.platform.secrets.refresh::<Value>(self.tenant, service.name());
        let secret = self.in_time("secret", anew).await?;
        let todo = || format!("scripts/tenant rotate {} {} --connection FILE", self.tenant, service.name());
        let secret = secret.map_err(|error| Failed::new("secret", error.to_string(), todo()))?;
        serde_json::from_value(secret)
            .map_err(|_| Failed::new("secret", "the stored secret is not of the expected shape", todo()))
    }

    /// What is asked, as long as there is time; it fails at this stage otherwise.
    async fn in_time<T>(&self, stage: &'static str, asked: impl Future<Output = T>) -> Result<T, Failed> {
        tokio::time::timeout_at(self.until, asked).await.map_err(|_| Failed::late(stage))
    }

    /// Whether an address of the connection is one that is called.
    fn address(&self, service: Service, whose: &str, url: &Url) -> Result<(), Failed> {
        let hosts = service.hosts(self.settings);
        let todo = || {
            let (tenant, service) = (self.tenant, service.name());
            format!(
                "correct hosts.{service} (scripts/tenant add --replace FILE) or the address \
                 (scripts/tenant rotate {tenant} {service} --connection FILE)"
            )
        };
        let judged: Result<(), GuardError> = self.deps.reach().guard(hosts).and_then(|guard| guard.check(url));
        judged.map_err(|rule| Failed::new("address", format!("{whose} is not called: {rule}"), todo()))
    }
}
