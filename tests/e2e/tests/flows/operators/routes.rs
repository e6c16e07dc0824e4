//! Every route of the template is open to everybody or to roles, and which it is is written down.

use std::sync::Arc;

use e2e::World;
use http::{Method, Request, StatusCode};
use localhost::{Host, Wiring};
use operators::Operators;
use platform::Issues;
use tenants::Reach;
use transport::{BackError, InProcess};

use crate::OLGA;

/// The press is proven by CRM, the link is its own secret, and assets are nobody's.
const PUBLIC: [&str; 7] = [
    "POST /v1/presses",
    "GET /v1/presses.js",
    "OPTIONS /v1/presses",
    "GET /v1/sites/{tenant}/{link}",
    "HEAD /v1/sites/{tenant}/{link}",
    "GET /v1/assets/{name}",
    "HEAD /v1/assets/{name}",
];

#[tokio::test]
async fn every_route_is_public_by_name_or_an_operators() {
    let world = World::start().await;
    let mut routes: Vec<String> =
        world.instance.host.wiring().routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let mut known: Vec<String> = PUBLIC.into_iter().chain(operators::routes()).map(str::to_owned).collect();
    routes.sort();
    known.sort();
    assert_eq!(routes, known);
    for route in operators::routes() {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        let path = path.replace("{tenant}", "harbour").replace("{id}", "1");
        let heard = world.send(method.parse().expect("a method"), &path, &[], "").await;
        assert_eq!((heard.status, heard.code()), (StatusCode::UNAUTHORIZED, "no-token"), "{route}");
        for other in ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", if method == "GET" { "POST" } else { "GET" }] {
            let heard = world.operate(other.parse().expect("a method"), &path, &world.token(OLGA)).await;
            assert_eq!(heard.status, StatusCode::NOT_FOUND, "{other} {path}");
        }
    }
}

/// A8: pages of other origins read nothing here; operators' programs are no pages.
#[tokio::test]
async fn no_answer_to_an_operator_is_for_another_origins_page() {
    let world = World::start().await;
    let authorization = format!("Bearer {}", world.token(OLGA));
    let (name, origin) = world.crm_origin();
    for headers in [vec![(name, origin), ("authorization", &*authorization)], vec![(name, origin)]] {
        let heard = world.send(Method::GET, "/v1/issues", &headers, "").await;
        assert!(heard.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{heard:?}");
        assert_eq!(heard.headers["cache-control"], "no-store");
    }
}

/// Deny by default: without settings the routes are closed, to everybody, and nothing is called.
#[tokio::test]
async fn an_instance_without_operators_settings_admits_nobody() {
    let world = World::start().await;
    let platform = world.instance.host.memory().platform();
    let nowhere = Arc::new(InProcess::new(|_| Err(BackError::refused_connection())));
    let operators = Operators::new(&platform, nowhere, Reach::Public, None).expect("nothing is needed");
    let issues = issues::Deps { issues: Issues::of(&platform), operators: Arc::new(operators) };
    let functions = Host::functions(&world.instance.deps, &issues, &platform, sending::Patience::None);
    let wiring: Wiring = world.instance.host.wiring().clone();
    let host =
        Host::new(wiring, functions, world.instance.host.memory().clone(), Arc::new(world.instance.clock.clone()))
            .expect("all functions are here");
    for route in operators::routes() {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        for token in ["", "x", &world.token(OLGA)] {
            let path = path.replace("{tenant}", "harbour").replace("{id}", "1");
            let request =
                Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
            let response = host.http(request.body(bytes::Bytes::new()).expect("a legal request")).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{route}");
            let body: serde_json::Value = serde_json::from_slice(response.body()).expect("JSON");
            assert_eq!(body["code"], "operators-not-set-up");
        }
    }
}
