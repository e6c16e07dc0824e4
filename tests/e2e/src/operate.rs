//! What an operator does, and what needs one.

use domain::TenantId;
use http::Method;
use platform::{Issue, UNATTRIBUTED, issues::IssueId};
use serde_json::{Value, json};

use crate::{Heard, World};

impl World {
    /// An access token of somebody who is seeded, fresh from Entra ID.
    pub fn token(&self, name: &str) -> String {
        let now = self.instance.sandbox.now();
        let token = self.instance.sandbox.world().identity.token_for(name, now);
        token.unwrap_or_else(|| panic!("{name} is not seeded"))
    }

    /// A request of the HTTP API with a token.
    pub async fn operate(&self, method: Method, path: &str, token: &str) -> Heard {
        self.send(method, path, &[("authorization", &format!("Bearer {token}"))], "").await
    }

    /// Somebody's list of issues, by a query such as `state=all`.
    pub async fn listed(&self, name: &str, query: &str) -> Vec<Value> {
        let heard = self.operate(Method::GET, &format!("/v1/issues?{query}"), &self.token(name)).await;
        let issues = heard.body["issues"].as_array().unwrap_or_else(|| panic!("{name} is answered {heard:?}"));
        issues.clone()
    }

    /// Parks a message that names the tenant (or, for [`UNATTRIBUTED`], none), and answers the path of its issue.
    pub async fn park(&self, tenant: &str) -> String {
        let body = if tenant == UNATTRIBUTED {
            "not a message".to_owned()
        } else {
            json!({ "tenant": tenant, "message": { "shape": "of another version" } }).to_string()
        };
        let before = self.issues(tenant);
        self.instance.host.memory().send_text("build-site", &body, None).expect("a declared queue");
        self.drain().await;
        let after = self.issues(tenant);
        let new = after.iter().find(|(id, _)| before.iter().all(|(known, _)| known != id));
        format!("/v1/issues/{tenant}/{}", new.expect("it is parked").0)
    }

    /// A tenant's issues as they are kept.
    pub fn issues(&self, tenant: &str) -> Vec<(IssueId, Issue)> {
        let tenant: TenantId = tenant.parse().expect("a tenant id");
        let rows = self.instance.host.memory().rows(&tenant, "ISSUE#");
        let read = |row: platform::Row<Value>| {
            let id = row.key.sort.trim_start_matches("ISSUE#").parse().expect("an issue's id");
            (id, serde_json::from_value(row.value).expect("an issue"))
        };
        rows.into_iter().map(read).collect()
    }
}
