//! Why an order was not carried out.

use domain::{SignedDuration, TenantId};
use platform::{SecretError, TableError};
use serde::Serialize;
use tenants::OnboardError;

/// What was wrong, for a program (`code`) and for people. Never quotes a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// `invalid`, `unknown-tenant`, `exists`, `busy`, `marked-for-deletion`, `not-readable`, `changed-meanwhile` or
    /// `unavailable`.
    pub code: &'static str,
    /// In a sentence.
    pub message: String,
    /// The tenant that it is about, if the order named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<TenantId>,
    /// All that is wrong with the order, for `invalid`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
}

/// One thing that is wrong with an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The field, such as `connections.crm.discovery`; empty for the order as a whole.
    pub field: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>, tenant: Option<&TenantId>) -> Self {
        Self { code, message: message.into(), record: tenant.cloned(), mistakes: Vec::new() }
    }

    pub(crate) fn invalid(mistakes: Vec<Mistake>) -> Self {
        Self { mistakes, ..Self::new("invalid", "the order is not right; nothing was changed", None) }
    }

    /// An order that could not be read and has no mistake cannot be: both come from the same reading.
    pub(crate) fn order() -> Self {
        Self::new("invalid", "the order cannot be read", None)
    }

    pub(crate) fn unknown(tenant: &TenantId) -> Self {
        Self::new("unknown-tenant", format!("there is no tenant {tenant}"), Some(tenant))
    }

    pub(crate) fn exists(tenant: &TenantId) -> Self {
        let message = format!("there is a tenant {tenant}; say \"replace\": true to write over its settings");
        Self::new("exists", message, Some(tenant))
    }

    /// Another order is at work, for so much longer at most.
    pub(crate) fn busy(tenant: &TenantId, most: SignedDuration) -> Self {
        let seconds = most.as_secs() + 1;
        let message = format!("another order for this tenant is at work; ask again, in {seconds} s at the latest");
        Self::new("busy", message, Some(tenant))
    }

    /// The same after the secrets of these services were written: nothing takes them back.
    pub(crate) fn after_storing(mut self, services: &[&str]) -> Self {
        let which = match services {
            [] => return self,
            [one] => format!("secret for {one} is"),
            several => format!("secrets for {} are", several.join(" and ")),
        };
        self.message = format!("{}; the new {which} stored", self.message);
        self
    }

    pub(crate) fn secret(tenant: &TenantId, error: &SecretError) -> Self {
        let code = match error {
            SecretError::MarkedForDeletion { .. } => "marked-for-deletion",
            SecretError::Unavailable(_) => "unavailable",
            SecretError::Missing { .. } | SecretError::Malformed { .. } | SecretError::BadService => "not-readable",
        };
        Self::new(code, error.to_string(), Some(tenant))
    }

    pub(crate) fn ledger(tenant: Option<&TenantId>, error: &TableError) -> Self {
        if error.is_conflict() {
            let message = "somebody changed the same settings meanwhile; look, and ask again";
            return Self::new("changed-meanwhile", message, tenant);
        }
        let code = if error.is_transient() { "unavailable" } else { "not-readable" };
        Self::new(code, format!("the ledger: {error}"), tenant)
    }

    pub(crate) fn onboard(tenant: &TenantId, error: &OnboardError) -> Self {
        match error {
            OnboardError::Ledger(error) => Self::ledger(Some(tenant), error),
            other => Self::new("invalid", other.to_string(), Some(tenant)),
        }
    }
}
