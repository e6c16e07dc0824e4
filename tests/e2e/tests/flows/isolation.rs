//! Every id, of every tenant, at every operation of the HTTP API: nothing of one tenant comes out at another's door
//! (ST-39; A1).

use e2e::{HARBOUR, Heard, NORTHWIND, World};
use http::Method;
use sandbox::{crm::seed, people};
use serde_json::json;

use crate::ANNA;

/// An id and whose door it opens, if any.
struct Id {
    text: String,
    request_of: Option<&'static str>,
    link_of: Option<&'static str>,
}

/// All ways in which the API takes an id.
const OPERATIONS: [&str; 5] = ["press", "press from a page", "status as JSON", "status as a page", "status by HEAD"];

async fn ask(world: &World, operation: &str, tenant: &str, id: &str) -> Heard {
    let body = json!({ "tenant": tenant, "request": id }).to_string();
    let page = format!("/v1/sites/{tenant}/{id}");
    match operation {
        "press" => world.send(Method::POST, "/v1/presses", &[], body).await,
        "press from a page" => world.send(Method::POST, "/v1/presses", &[world.crm_origin()], body).await,
        "status as JSON" => world.send(Method::GET, &page, &[("accept", "application/json")], "").await,
        "status as a page" => world.send(Method::GET, &page, &[("accept", "text/html")], "").await,
        _ => world.send(Method::HEAD, &page, &[], "").await,
    }
}

/// What must not be read at another tenant's door.
fn is_of(tenant: &str, heard: &Heard) -> bool {
    let text = format!("{heard:?}");
    let names = people::of(tenant).map(|person| person.name).filter(|name| *name != "Tieline Service");
    let title = if tenant == HARBOUR { "Harbour & Sons" } else { "Alpine Ski House" };
    let path = format!("/sites/{tenant}");
    names.chain([title, &*title.replace('&', "&amp;")]).any(|name| text.contains(name)) || text.contains(&path)
}

#[tokio::test]
async fn no_id_of_one_tenant_opens_anything_at_another() {
    let world = World::start().await;
    let mut ids: Vec<Id> = Vec::new();
    let plain = |text: String| Id { text, request_of: None, link_of: None };
    for (tenant, login) in [(HARBOUR, ANNA), (NORTHWIND, r"NORTHWIND\adam.able")] {
        let request = world.request(tenant, login, seed::account(1));
        let link = world.ring(tenant, request).await.link();
        let secret = link.rsplit('/').next().unwrap_or_default().to_owned();
        world.drain().await;
        let site = world.site(tenant, seed::account(1)).expect("a site");
        ids.push(Id { request_of: Some(tenant), ..plain(request.to_string()) });
        ids.push(Id { link_of: Some(tenant), ..plain(secret) });
        ids.extend(site.facts.lists.iter().map(|list| plain(list.id.clone())));
        for entity in ["account", "systemuser", "team", "teammembership", "opportunity", "annotation", "businessunit"] {
            let state = world.instance.sandbox.world();
            let organisation = state.crm.organisation(tenant).expect("seeded");
            ids.extend(organisation.records(entity).map(|(id, _)| plain(id.to_string())));
        }
    }
    let everything = world.everything();
    let (no_request, no_link) = ("0e0e0e0e-0000-4000-8000-000000000000", "A".repeat(43));
    let (mut cells, mut opened) = (0, 0);
    for operation in OPERATIONS {
        for tenant in [HARBOUR, NORTHWIND, "nobody"] {
            let other = if tenant == HARBOUR { NORTHWIND } else { HARBOUR };
            for id in &ids {
                let heard = ask(&world, operation, tenant, &id.text).await;
                let owner = if operation.starts_with("press") { id.request_of } else { id.link_of };
                cells += 1;
                assert!(!is_of(other, &heard), "{operation} at {tenant} with {}: {heard:?}", id.text);
                if owner == Some(tenant) {
                    assert!(heard.status.is_success(), "{operation} at {tenant}: {heard:?}");
                    opened += 1;
                    continue;
                }
                // Not even that it exists elsewhere: the answer is the one to an id that exists nowhere.
                let is_id = id.text.parse::<domain::CrmId>().is_ok();
                let nowhere = if is_id || !operation.starts_with("press") { no_request } else { &*no_link };
                let expected = ask(&world, operation, tenant, nowhere).await;
                assert!(heard.status.is_client_error(), "{operation} at {tenant} with {}: {heard:?}", id.text);
                assert_eq!(heard, expected, "{operation} at {tenant} with {}", id.text);
            }
        }
    }
    assert_eq!(opened, 2 * OPERATIONS.len());
    assert!(cells > 1_000, "{cells} cells");
    world.drain().await;
    assert_eq!(world.everything(), everything, "asking changed something");
}
