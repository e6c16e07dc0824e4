//! A world that a test acts in.

use bytes::Bytes;
use domain::{CrmId, SignedDuration, TenantId};
use http::{Method, Request, StatusCode, header};
use localhost::{Host, Instance};
use sandbox::{Fault, Service, Switch, Times};
use serde_json::{Value, json};

/// The tenant most stories are about.
pub const HARBOUR: &str = "harbour";
/// The other one; some of its record ids are the same.
pub const NORTHWIND: &str = "northwind";

/// The tenant whose CRM is online. It is there in worlds that begin with [`World::online`].
pub const LAKESIDE: &str = "lakeside";

/// One system without sockets, with the two seeded tenants on premise.
pub struct World {
    /// All of it.
    pub instance: Instance,
}

/// What the front door said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body as JSON; a string if it is none.
    pub body: Value,
}

impl Heard {
    /// The status page's path, of a press that was taken.
    pub fn link(&self) -> String {
        let address = self.body["status"].as_str().unwrap_or_else(|| panic!("no link in {self:?}"));
        address.parse::<url::Url>().map_or_else(|_| address.to_owned(), |url| url.path().to_owned())
    }

    /// The name of the rule that a press broke.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl World {
    /// A fresh world; the same on every day.
    pub async fn start() -> Self {
        Self::with_seed(0).await
    }

    /// A fresh world in which what AWS leaves open is decided by `seed`.
    pub async fn with_seed(seed: u64) -> Self {
        Self { instance: Instance::in_process(seed).await.expect("the world is complete") }
    }

    /// A fresh world with the tenant whose CRM is online.
    pub async fn online() -> Self {
        let world = Self::start().await;
        world.instance.onboard(LAKESIDE).await.expect("it is seeded");
        world
    }

    /// The id of an account by its name.
    pub fn account(&self, tenant: &str, name: &str) -> CrmId {
        let world = self.instance.sandbox.world();
        let organisation = world.crm.organisation(tenant).expect("a seeded organization");
        let found = organisation.records("account").find(|(id, _)| organisation.name_of("account", *id) == Some(name));
        found.map_or_else(|| panic!("{tenant} has no account {name:?}"), |(id, _)| id)
    }

    /// What the button does in CRM: a request record, made by that person.
    pub fn request(&self, tenant: &str, login: &str, account: CrmId) -> CrmId {
        let now = self.instance.sandbox.now();
        let made = self.instance.sandbox.world().crm.press(tenant, login, account, now);
        made.unwrap_or_else(|refusal| panic!("CRM refuses the press: {refusal:?}"))
    }

    /// The doorbell.
    pub async fn ring(&self, tenant: &str, request: CrmId) -> Heard {
        self.post(&json!({ "tenant": tenant, "request": request })).await
    }

    /// The doorbell of another process of the same system.
    pub async fn ring_at(&self, process: &Host, tenant: &str, request: CrmId) -> Heard {
        let body = json!({ "tenant": tenant, "request": request }).to_string();
        hear(process, Method::POST, "/v1/presses", &[("content-type", "application/json")], body.into()).await
    }

    /// The button in full: request record and doorbell.
    pub async fn press(&self, tenant: &str, login: &str, account: CrmId) -> Heard {
        let request = self.request(tenant, login, account);
        self.ring(tenant, request).await
    }

    /// Any JSON to the doorbell.
    pub async fn post(&self, body: &Value) -> Heard {
        self.send(Method::POST, "/v1/presses", &[("content-type", "application/json")], body.to_string()).await
    }

    /// The JSON form of a status page.
    pub async fn status(&self, link: &str) -> Value {
        self.send(Method::GET, link, &[("accept", "application/json")], String::new()).await.body
    }

    /// Any request to the HTTP API.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Heard {
        hear(&self.instance.host, method, path, headers, body.into()).await
    }

    /// What an operator's program hears of an order to `manage-tenant`.
    pub async fn manage(&self, order: Value) -> Value {
        self.instance.host.call("manage-tenant", order).await.expect("refusals are answers")
    }

    /// A complete order to add a tenant: another customer on Harbour's systems.
    pub fn newcomer(&self, tenant: &str) -> Value {
        let (harbour, addresses) = (Self::tenant(HARBOUR), &self.instance.addresses);
        json!({
            "tenant": tenant,
            "name": "Quayside Chandlers",
            "origins": [addresses.crm],
            "hosts": { "crm": ["localhost"], "sharepoint": ["localhost"] },
            "crm_web": format!("{}/{HARBOUR}/", addresses.crm),
            "logins": "login",
            "connections": {
                "crm": self.instance.crm_secret(&harbour),
                "sharepoint": self.instance.sharepoint_secret(&harbour),
            },
        })
    }

    /// Delivers every queue until it is quiet; time stands still.
    pub async fn drain(&self) {
        self.instance.host.drain().await;
    }

    /// Lets time pass, minute by minute, with its timers and deliveries.
    pub async fn pass(&self, minutes: u32) {
        for _ in 0..minutes {
            self.instance.sandbox.advance(SignedDuration::from_mins(1));
            self.instance.host.fire_timers().await;
            self.drain().await;
        }
    }

    /// Sets a switch that makes the next calls of an operation go wrong (any operation if `None`).
    pub fn next_calls(&self, service: Service, operation: Option<&str>, fault: Fault, times: u32) {
        let operation = operation.map(ToOwned::to_owned);
        let switch = Switch { service, operation, fault, times: Times::Next(times) };
        self.instance.sandbox.world().faults.set(switch);
    }

    /// Sets a switch that makes every call of a service go wrong until [`World::heal`].
    pub fn break_down(&self, service: Service, fault: Fault) {
        let switch = Switch { service, operation: None, fault, times: Times::UntilCleared };
        self.instance.sandbox.world().faults.set(switch);
    }

    /// Clears every switch.
    pub fn heal(&self) {
        self.instance.sandbox.world().faults.clear();
    }

    /// The addresses below `/sites/<tenant>/` at which there are webs, in order.
    pub fn sites(&self, tenant: &str) -> Vec<String> {
        let below = format!("/sites/{tenant}/");
        let world = self.instance.sandbox.world();
        let webs = world.sharepoint.webs().chain(world.sharepoint_online.webs());
        webs.map(|web| web.path.clone()).filter(|path| path.starts_with(&below)).collect()
    }

    /// A web as a table of everything in it: lists, fields, views, rows, groups, members, roles, pages, parts.
    pub fn web(&self, path: &str) -> String {
        let world = self.instance.sandbox.world();
        let is_classic = world.sharepoint.web(path).is_some();
        if is_classic { world.sharepoint.table_of(path) } else { world.sharepoint_online.table_of(path) }
    }

    /// How often each operation of a service was called since the world began.
    pub fn calls(&self, service: Service) -> Vec<(String, u64)> {
        let world = self.instance.sandbox.world();
        world.calls().get(&service).into_iter().flatten().map(|(name, count)| (name.clone(), *count)).collect()
    }

    /// A tenant's id as the platform knows it.
    pub fn tenant(name: &str) -> TenantId {
        name.parse().expect("a seeded tenant")
    }

    /// A request header that browsers send from the tenant's CRM.
    pub fn crm_origin(&self) -> (&'static str, &str) {
        (header::ORIGIN.as_str(), &self.instance.addresses.crm)
    }
}

async fn hear(host: &Host, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Heard {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body).expect("a legal request");
    let response = host.http(request).await;
    let (parts, body) = response.into_parts();
    let text = String::from_utf8_lossy(&body).into_owned();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Heard { status: parts.status, headers: parts.headers, body }
}
