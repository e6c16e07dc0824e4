//! Each person at each route with each tenant's message (A1, A2).

use domain::TenantId;
use e2e::{HARBOUR, Heard, NORTHWIND, World};
use http::{Method, StatusCode};
use platform::UNATTRIBUTED;

use crate::{HARRY, NORA, OLGA};

/// What a cell is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    NoToken,
    Unknown,
    Forbidden,
}

use Answer::{Done, Forbidden, NoToken, Unknown};

const ROUTES: [&str; 4] = [
    "GET /v1/issues",
    "GET /v1/issues/{tenant}/{id}",
    "POST /v1/issues/{tenant}/{id}/return",
    "POST /v1/issues/{tenant}/{id}/dismiss",
];

/// In the order of [`ROUTES`], for messages of Harbour, of Northwind, and of nobody.
const CELLS: [(&str, [[Answer; 3]; 4]); 9] = [
    ("", [[NoToken; 3]; 4]),
    (OLGA, [[Done; 3]; 4]),
    ("6c5b4a39-2817-4605-94f3-e2d1c0bfae9d", [[Done; 3]; 4]),
    ("pavel.nemec@partner.example", [[Forbidden; 3]; 4]),
    (HARRY, [[Done, Forbidden, Forbidden], [Done, Forbidden, Forbidden], [Done, Forbidden, Forbidden], [Forbidden; 3]]),
    ("hanne.vik@harbour.example", [[Forbidden; 3]; 4]),
    (NORA, [[Forbidden, Done, Forbidden], [Forbidden, Done, Forbidden], [Forbidden, Done, Forbidden], [Forbidden; 3]]),
    ("sten.borg@stranger.example", [[Unknown; 3]; 4]),
    // A customer that is switched off, and its operator with it.
    ("switched off", [[Unknown; 3]; 4]),
];

async fn ask(world: &World, who: &str, route: &str, issue: &str) -> Heard {
    let (method, pattern) = route.split_once(' ').expect("a method and a path");
    let method: Method = method.parse().expect("a method");
    let path = match pattern.strip_prefix("/v1/issues") {
        Some("") => {
            let tenant = issue.split('/').nth(3).expect("a tenant");
            format!("/v1/issues?tenant={tenant}")
        }
        Some(rest) => format!("{issue}{}", rest.trim_start_matches("/{tenant}/{id}")),
        None => panic!("{route} is not below /v1/issues"),
    };
    if who.is_empty() {
        world.send(method, &path, &[], "").await
    } else {
        world.operate(method, &path, &world.token(who)).await
    }
}

fn answer(heard: &Heard) -> Answer {
    match (heard.status, heard.code()) {
        (StatusCode::OK, "") => Done,
        (StatusCode::UNAUTHORIZED, "no-token") => NoToken,
        (StatusCode::UNAUTHORIZED, "invalid-token") => Unknown,
        (StatusCode::FORBIDDEN, "forbidden") => Forbidden,
        _ => panic!("{heard:?}"),
    }
}

#[tokio::test]
async fn every_cell_of_routes_and_roles_is_as_the_table_says() {
    assert_eq!(operators::routes().collect::<Vec<_>>(), ROUTES, "the table has every route");
    let world = World::start().await;
    let mut cells = 0;
    for (who, rows) in CELLS {
        let is_off = who == "switched off";
        world.set(HARBOUR, |settings| settings.active = !is_off).await;
        for (route, wanted) in ROUTES.into_iter().zip(rows) {
            for (tenant, wanted) in [HARBOUR, NORTHWIND, UNATTRIBUTED].into_iter().zip(wanted) {
                let issue = world.park(tenant).await;
                let before = (world.everything(), world.issues(tenant));
                let heard = ask(&world, if is_off { HARRY } else { who }, route, &issue).await;
                assert_eq!(answer(&heard), wanted, "{who:?} at {route} of {tenant}: {heard:?}");
                if wanted != Done {
                    assert_eq!((world.everything(), world.issues(tenant)), before, "{who:?} at {route} of {tenant}");
                    assert!(!heard.body.to_string().contains("of another version"), "{heard:?}");
                }
                // What went back is parked again.
                world.drain().await;
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 9 * 4 * 3);
}

/// A1: every id of one tenant at the other's door is what an id is that exists nowhere.
#[tokio::test]
async fn no_issue_of_one_tenant_is_found_at_another() {
    let world = World::start().await;
    let (own, foreign) = (world.park(HARBOUR).await, world.park(NORTHWIND).await);
    let id = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
    let token = world.token(HARRY);
    for (method, end) in [(Method::GET, ""), (Method::POST, "/return")] {
        let heard = async |path: String| world.operate(method.clone(), &format!("{path}{end}"), &token).await;
        let nowhere = heard(format!("/v1/issues/{HARBOUR}/nowhere")).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert_eq!(heard(format!("/v1/issues/{HARBOUR}/{}", id(&foreign))).await, nowhere);
        let nobody = heard("/v1/issues/nobody/nowhere".to_owned()).await;
        assert_eq!(nobody.status, StatusCode::FORBIDDEN);
        for path in [&foreign, &format!("/v1/issues/{NORTHWIND}/{}", id(&own)), "/v1/issues/directory/x"] {
            assert_eq!(heard(path.to_owned()).await, nobody, "{path}");
        }
    }
}

/// A customer's directory is what its settings say, at once; one directory may be that of several tenants.
#[tokio::test]
async fn a_directory_counts_as_long_as_the_settings_name_it() {
    let world = World::start().await;
    world.park(HARBOUR).await;
    world.park(NORTHWIND).await;
    let tenants = async || -> Vec<TenantId> {
        let listed = world.listed(HARRY, "").await;
        listed.iter().filter_map(|issue| issue["tenant"].as_str()?.parse().ok()).collect()
    };
    assert_eq!(tenants().await, [World::tenant(HARBOUR)]);
    let harbours = sandbox::identity::seed::directory_of(HARBOUR).expect("seeded").id.parse().expect("a UUID");
    world.set(NORTHWIND, |settings| settings.directory = Some(harbours)).await;
    assert_eq!(tenants().await, [World::tenant(HARBOUR), World::tenant(NORTHWIND)]);
    world.set(HARBOUR, |settings| settings.directory = None).await;
    assert_eq!(tenants().await, [World::tenant(NORTHWIND)]);
    world.set(NORTHWIND, |settings| settings.directory = None).await;
    let heard = world.operate(Method::GET, "/v1/issues", &world.token(HARRY)).await;
    assert_eq!((heard.status, heard.code()), (StatusCode::UNAUTHORIZED, "invalid-token"));
}
