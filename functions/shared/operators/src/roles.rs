//! Roles, and which of them may use which route.

use std::collections::BTreeSet;

use domain::TenantId;
use uuid::Uuid;

/// What an operator is. The names are those of the application's roles in Entra.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Runs the instance: all tenants.
    PartnerOperator,
    /// Looks after one customer: the tenants of its own directory.
    CustomerOperator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::PartnerOperator, Self::CustomerOperator];

    /// The name in the claim `roles`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PartnerOperator => "partner-operator",
            Self::CustomerOperator => "customer-operator",
        }
    }
}

use Role::{CustomerOperator, PartnerOperator};

/// Which roles may use which of the template's routes. What is not here is nobody's.
///
/// A message that was dismissed is work that is never done, so that is for the one who runs the instance.
const RULES: &[(&str, &[Role])] = &[
    ("GET /v1/issues", &[PartnerOperator, CustomerOperator]),
    ("GET /v1/issues/{tenant}/{id}", &[PartnerOperator, CustomerOperator]),
    ("POST /v1/issues/{tenant}/{id}/return", &[PartnerOperator, CustomerOperator]),
    ("POST /v1/issues/{tenant}/{id}/dismiss", &[PartnerOperator]),
];

/// Whether a role may use a route.
pub fn may(role: Role, route: &str) -> bool {
    RULES.iter().any(|(it, roles)| *it == route && roles.contains(&role))
}

/// Every route that is an operator's.
pub fn routes() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(route, _)| *route)
}

/// Somebody who was admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    id: Uuid,
    scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    All,
    Only(BTreeSet<TenantId>),
}

impl Operator {
    /// What the claim `roles` makes of somebody from a directory. A role counts only where it belongs: the partner's in
    /// the partner's directory, a customer's in one that tenants have.
    pub(crate) fn of(id: Uuid, roles: &[String], is_partner: bool, tenants: BTreeSet<TenantId>) -> Option<Self> {
        let has = |role: Role| roles.iter().any(|it| it == role.name());
        if is_partner && has(PartnerOperator) {
            Some(Self { id, scope: Scope::All })
        } else if !tenants.is_empty() && has(CustomerOperator) {
            Some(Self { id, scope: Scope::Only(tenants) })
        } else {
            None
        }
    }

    /// Who it is, in the directory: an id, no name.
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// What it is.
    pub const fn role(&self) -> Role {
        match self.scope {
            Scope::All => PartnerOperator,
            Scope::Only(_) => CustomerOperator,
        }
    }

    /// Whether anything of a tenant is for this operator to see.
    pub fn may_see(&self, tenant: &TenantId) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Only(tenants) => tenants.contains(tenant),
        }
    }

    /// The tenants that there are to see. None: all.
    pub const fn tenants(&self) -> Option<&BTreeSet<TenantId>> {
        match &self.scope {
            Scope::All => None,
            Scope::Only(tenants) => Some(tenants),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(roles: &[&str], is_partner: bool, tenants: &[&str]) -> Option<Role> {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        let tenants = tenants.iter().map(|tenant| tenant.parse().expect("a tenant id")).collect();
        Operator::of(Uuid::nil(), &roles, is_partner, tenants).map(|operator| operator.role())
    }

    /// A2: no role counts outside of its place.
    #[test]
    fn a_role_counts_only_in_its_own_directory() {
        let both = ["customer-operator", "partner-operator"];
        assert_eq!(of(&both[1..], true, &[]), Some(PartnerOperator));
        assert_eq!(of(&both[..1], false, &["a"]), Some(CustomerOperator));
        assert_eq!(of(&both, true, &["a"]), Some(PartnerOperator), "a partner that is its own customer");
        assert_eq!(of(&both[..1], true, &["a"]), Some(CustomerOperator));
        assert_eq!(of(&both[..1], true, &[]), None);
        assert_eq!(of(&both[1..], false, &["a"]), None);
        for other in ["", "Partner-Operator", "partner-operator ", "operator", "partner-operator,customer-operator"] {
            assert_eq!(of(&[other], true, &["a"]), None, "{other:?}");
        }
    }

    /// A2: deny by default.
    #[test]
    fn a_route_that_is_not_in_the_table_is_nobodys() {
        for route in
            ["", "GET /v1/presses", "DELETE /v1/issues", "get /v1/issues", "GET /v1/issues/", "HEAD /v1/issues"]
        {
            assert!(Role::ALL.iter().all(|role| !may(*role, route)), "{route}");
        }
    }
}
