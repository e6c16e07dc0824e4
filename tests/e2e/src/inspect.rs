//! What a test sees of a world, and what it changes behind the engine's back.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use domain::{CrmId, SignedDuration};
use http::{Method, Request, Response, StatusCode, header};
use platform::Row;
use provisioning::site::{Site, Step};
use sandbox::{
    Fault, Service, Switch, Times,
    crm::{Record, Value},
    people,
};
use serde_json::Value as Json;
use tenants::{Settings, onboard};

use crate::World;

/// The tenants of a world.
const TENANTS: [&str; 3] = [crate::HARBOUR, crate::LAKESIDE, crate::NORTHWIND];

/// What a request record says of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// 1 new, 2 accepted, 3 ready, 4 refused (`infra/crm/entities.json`).
    pub status: i64,
    /// Why it was refused; empty if it was not.
    pub reason: String,
    /// The site's address; empty if there is none.
    pub url: String,
}

impl World {
    /// What a request record says.
    pub fn answered(&self, tenant: &str, request: CrmId) -> Answered {
        let world = self.instance.sandbox.world();
        let organisation = world.crm.organisation(tenant).expect("a seeded organization");
        let record = organisation.record("tl_siterequest", request).expect("the request record is there");
        let text = |name: &str| record.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let status = record.get("tl_status").and_then(Value::as_number).unwrap_or(1);
        Answered { status, reason: text("tl_reason"), url: text("tl_siteurl") }
    }

    /// The notes on an account, subject and text, in the order of their ids.
    pub fn notes(&self, tenant: &str, account: CrmId) -> Vec<(String, String)> {
        let world = self.instance.sandbox.world();
        let organisation = world.crm.organisation(tenant).expect("a seeded organization");
        let is_about = |record: &Record| record.get("objectid").and_then(Value::as_id) == Some(account);
        let text = |record: &Record, name: &str| record.get(name).and_then(Value::as_text).unwrap_or("").to_owned();
        let notes = organisation.records("annotation").filter(|(_, record)| is_about(record));
        notes.map(|(_, record)| (text(record, "subject"), text(record, "notetext"))).collect()
    }

    /// Changes a record in CRM, with no rules.
    pub fn edit<T>(&self, tenant: &str, entity: &str, id: CrmId, change: impl FnOnce(&mut Record) -> T) -> T {
        let mut world = self.instance.sandbox.world();
        let organisation = world.crm.organisation_mut(tenant).expect("a seeded organization");
        change(organisation.record_mut(entity, id).expect("the record is there"))
    }

    /// Renames an account, also to what CRM's own pages would not take.
    pub fn rename(&self, tenant: &str, account: CrmId, name: &str) {
        self.edit(tenant, "account", account, |record| record.insert("name".to_owned(), Value::Text(name.to_owned())));
    }

    /// Deactivates an account, or activates it again.
    pub fn set_active(&self, tenant: &str, account: CrmId, active: bool) {
        self.edit(tenant, "account", account, |record| {
            record.insert("statecode".to_owned(), Value::Number(i64::from(!active)));
            record.insert("statuscode".to_owned(), Value::Number(if active { 1 } else { 2 }));
        });
    }

    /// Deletes an account as CRM does: its notes go with it, and what refers to it refers to nothing.
    pub fn delete_account(&self, tenant: &str, account: CrmId) {
        let mut world = self.instance.sandbox.world();
        let organisation = world.crm.organisation_mut(tenant).expect("a seeded organization");
        organisation.take("account", account).expect("the account is there");
        for entity in ["tl_siterequest", "annotation", "opportunity"] {
            let ids: Vec<CrmId> = organisation.records(entity).map(|(id, _)| id).collect();
            for id in ids {
                let Some(record) = organisation.record_mut(entity, id) else { continue };
                let before = record.len();
                record.retain(|_, value| !matches!(value, Value::Reference { id, .. } if *id == account));
                if entity == "annotation" && record.len() < before {
                    organisation.take(entity, id);
                }
            }
        }
    }

    /// Changes a tenant's settings.
    pub async fn set(&self, tenant: &str, change: impl FnOnce(&mut Settings)) {
        let (ledger, id) = (&self.instance.deps.platform.ledger, Self::tenant(tenant));
        let mut settings = Settings::read(ledger, &id).await.expect("the ledger answers").expect("a seeded tenant");
        change(&mut settings);
        onboard(ledger, &id, &settings).await.expect("the ledger takes settings");
    }

    /// What the ledger knows of an account's site.
    pub fn site(&self, tenant: &str, account: CrmId) -> Option<Site> {
        let rows = self.instance.host.memory().rows(&Self::tenant(tenant), &format!("SITE#account#{account}"));
        rows.into_iter().next().map(|row| serde_json::from_value(row.value).expect("a site's row reads as a site"))
    }

    /// The steps of a site that are done, in order.
    pub fn done(&self, tenant: &str, account: CrmId) -> Vec<Step> {
        self.site(tenant, account).into_iter().flat_map(|site| site.journal).map(|done| done.step).collect()
    }

    /// All that the engine keeps of the tenants' records and all that it made: rows, webs, messages. Equal before and after
    /// means that nothing happened. How a connection is signed in and how much of its budget is left does not count.
    pub fn everything(&self) -> (Vec<Row<Json>>, Vec<String>, usize) {
        let memory = self.instance.host.memory();
        let is_of_a_connection = |row: &Row<Json>| ["TOKEN#", "BUDGET#"].iter().any(|of| row.key.sort.starts_with(of));
        let rows = TENANTS.iter().flat_map(|tenant| memory.rows(&Self::tenant(tenant), ""));
        let rows = rows.filter(|row| !is_of_a_connection(row)).collect();
        let webs = TENANTS.iter().flat_map(|tenant| self.sites(tenant)).collect();
        (rows, webs, memory.messages("build-site").len())
    }

    /// How many calls were made to a service.
    pub fn call_count(&self, service: Service) -> u64 {
        self.calls(service).iter().map(|(_, count)| count).sum()
    }

    /// Lets time pass; nothing fires and nothing is delivered.
    pub fn wait(&self, by: SignedDuration) {
        self.instance.sandbox.advance(by);
    }

    /// Lets the next call of an operation be turned away for so many seconds: the work stops before it.
    pub fn hold(&self, service: Service, operation: &str, seconds: u32) {
        self.next_calls(service, Some(operation), Fault::Throttle { status: 503, retry_after: Some(seconds) }, 1);
    }

    /// Makes every call of one operation go wrong until [`World::heal`].
    pub fn break_operation(&self, service: Service, operation: &str, fault: Fault) {
        let switch = Switch { service, operation: Some(operation.to_owned()), fault, times: Times::UntilCleared };
        self.instance.sandbox.world().faults.set(switch);
    }

    /// What a person gets who opens an address of SharePoint in a browser.
    pub fn visit(&self, login: &str, path: &str) -> Response<Bytes> {
        let person = people::by_login(login).expect("a seeded person");
        let credentials = BASE64_STANDARD.encode(format!("{login}:{}", person.password));
        let address = format!("{}{}", self.instance.addresses.sharepoint, path.replace(' ', "%20"));
        let request = Request::builder()
            .method(Method::GET)
            .uri(address)
            .header(header::AUTHORIZATION, format!("Basic {credentials}"))
            .body(Bytes::new())
            .expect("a legal request");
        self.instance.sandbox.handle(Service::SharePoint, &request).expect("SharePoint is up")
    }

    /// Whether a person can open a web's home page, and the pages of all its lists: all of them or none.
    pub fn can_open(&self, login: &str, web: &str) -> bool {
        let views: Vec<String> = {
            let world = self.instance.sandbox.world();
            let found = world.sharepoint.web(web).expect("the web is there");
            let views = found.lists().into_iter().filter_map(|list| list.default_view());
            views.map(|view| format!("{web}/{}", view.path)).collect()
        };
        let pages: Vec<StatusCode> =
            views.iter().chain([&web.to_owned()]).map(|page| self.visit(login, page).status()).collect();
        let opened = pages.iter().filter(|status| **status == StatusCode::OK).count();
        assert!(opened == 0 || opened == pages.len(), "{login} can open a part of {web}: {pages:?}");
        opened > 0
    }
}
