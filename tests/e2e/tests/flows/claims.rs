//! A tenant whose SharePoint is online: signed in to with claims (ST-13, ST-40; P1, P7, P10, A15).

use domain::SignedDuration;
use e2e::{NORTHWIND, World};
use http::StatusCode;
use sandbox::{Fault, Service, crm::seed, sharepoint::Credentials};
use serde_json::json;

use crate::{
    quiet::{Captured, forms},
    tokens::{another_process, calls_of},
};

const ADAM: &str = r"NORTHWIND\adam.able";
/// The two calls of a sign-in.
const ASK: (Service, &str) = (Service::Identity, "RequestSecurityToken");
const TURN_IN: (Service, &str) = (Service::SharePointOnline, "wsignin1.0");
/// The SharePoint call before which stories stop: web, lists and rows are done then.
const MIDDLE: &str = "WebPartPages.AddWebPartToZone";

/// A world in which Northwind has moved to the online host.
async fn online() -> World {
    let world = World::start().await;
    store(&world, &Credentials::online(NORTHWIND).password);
    world.set(NORTHWIND, |settings| settings.logins = tenants::LoginRule::Email).await;
    world.instance.sandbox.world().forget_calls();
    world
}

fn store(world: &World, password: &str) {
    let mut secret = world.instance.online_secret(NORTHWIND);
    secret["sign_in"]["claims"]["password"] = password.into();
    world.instance.host.memory().put_secret(&World::tenant(NORTHWIND), "sharepoint", &secret);
}

fn change_password(world: &World, password: &str) {
    let mut state = world.instance.sandbox.world();
    assert!(state.identity.sts.set_password(&Credentials::online(NORTHWIND).login, password));
}

fn end_sessions(world: &World) {
    world.instance.sandbox.world().sharepoint_online.claims.as_mut().expect("an online host").expire_sessions();
}

/// How often a token was asked for, and turned in.
fn sign_ins(world: &World) -> (u64, u64) {
    (calls_of(world, ASK.0, ASK.1), calls_of(world, TURN_IN.0, TURN_IN.1))
}

/// The sites that were made online, as tables.
fn sites(world: &World) -> String {
    let state = world.instance.sandbox.world();
    let paths = state.sharepoint_online.webs().map(|web| web.path.clone());
    let sites: Vec<_> = paths.filter(|path| path.starts_with("/sites/northwind/")).collect();
    sites.iter().map(|path| state.sharepoint_online.table_of(path)).collect()
}

/// What a press makes when nothing goes wrong.
async fn golden() -> String {
    let world = online().await;
    let link = world.press(NORTHWIND, ADAM, seed::account(1)).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    sites(&world)
}

/// ST-13: the same site, person by person, as on the host of 2007; nothing is made there.
#[tokio::test(start_paused = true)]
async fn a_press_makes_the_same_site_online() {
    let classic = World::start().await;
    classic.press(NORTHWIND, ADAM, seed::account(1)).await;
    classic.drain().await;
    let paths = classic.sites(NORTHWIND);
    let there: String = paths.iter().map(|path| classic.web(path)).collect();
    assert!(there.lines().count() > 20, "{there}");

    let world = online().await;
    let link = world.press(NORTHWIND, ADAM, seed::account(1)).await.link();
    world.drain().await;
    let status = world.status(&link).await;
    assert_eq!(status["state"], "ready", "{status}");
    assert_eq!(sites(&world), there);
    assert_eq!((world.sites(NORTHWIND), world.call_count(Service::SharePoint)), (paths, 0));
    assert_eq!(sign_ins(&world), (1, 1));
}

/// P10: one sign-in for many presses in many processes, and one more when the session ends.
#[tokio::test(start_paused = true)]
async fn one_sign_in_serves_many_presses() {
    let world = online().await;
    for (round, numbers) in [(1, [1, 5]), (2, [7, 14])] {
        for number in numbers {
            let request = world.request(NORTHWIND, ADAM, seed::account(number));
            let process = another_process(&world);
            assert_eq!(world.ring_at(&process, NORTHWIND, request).await.status, StatusCode::ACCEPTED);
            process.drain().await;
            assert_eq!(world.answered(NORTHWIND, request).status, 3, "{number}");
        }
        assert_eq!(sign_ins(&world), (round, round));
        end_sessions(&world);
    }
}

/// P1: each thing that can go wrong once, at each of the two calls: the same site in the end, and soon.
#[tokio::test(start_paused = true)]
async fn a_sign_in_that_goes_wrong_once_changes_nothing() {
    let golden = golden().await;
    let mut histories = 0;
    for (service, operation) in [ASK, TURN_IN] {
        // The service's own trouble, in numbers and in words that have none.
        let trouble = [Fault::Error { code: "0x80048820".to_owned() }, Fault::Answer { body: receiver() }];
        let trouble = trouble.into_iter().filter(|_| operation == ASK.1);
        for fault in trouble.chain([
            Fault::Refuse,
            Fault::Stall,
            Fault::LoseAnswer,
            Fault::Truncate,
            Fault::Html,
            Fault::LateEffect { seconds: 20 },
            Fault::LateEffect { seconds: 90 },
            Fault::Throttle { status: 503, retry_after: None },
            Fault::Throttle { status: 429, retry_after: Some(60) },
            Fault::Throttle { status: 503, retry_after: Some(200) },
            Fault::Throttle { status: 401, retry_after: None },
            Fault::Error { code: "0x8004886E".to_owned() },
        ]) {
            // Said again and again, these are a refusal in the end, as with every other sign-in.
            let is_a_no = match &fault {
                Fault::Error { code } => code != "0x80048820",
                fault => matches!(fault, Fault::Html | Fault::Throttle { status: 401, .. }),
            };
            for times in if is_a_no { 1..=1 } else { 1..=3 } {
                let story = format!("{operation} {fault:?} {times}");
                let world = online().await;
                world.next_calls(service, Some(operation), fault.clone(), times);
                let link = world.press(NORTHWIND, ADAM, seed::account(1)).await.link();
                world.drain().await;
                let mut minutes = 0;
                while world.status(&link).await["state"] != "ready" {
                    assert!(minutes < 45, "{story}: {}", world.status(&link).await);
                    world.pass(1).await;
                    minutes += 1;
                }
                assert_eq!(sites(&world), golden, "{story}");
                assert_eq!(world.instance.sandbox.world().faults.switches().len(), 0, "{story} was met");
                histories += 1;
            }
        }
    }
    // Of each call 9 that pass, up to three times, and 3 that are a no; of the first one 2 more that pass.
    assert_eq!(histories, 2 * (9 * 3 + 3) + 2 * 3);
}

/// A fault of SOAP 1.2 that blames the service and says no more. Invented.
fn receiver() -> String {
    let soap = "http://www.w3.org/2003/05/soap-envelope";
    format!(
        r#"<s:Envelope xmlns:s="{soap}"><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">busy</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#
    )
}

/// P1, P10: a session that ends before any one call of a press costs one sign-in, and nobody sees anything of it.
#[tokio::test(start_paused = true)]
async fn a_session_that_ends_before_any_call_is_renewed_once() {
    let golden = golden().await;
    let world = online().await;
    world.press(NORTHWIND, ADAM, seed::account(1)).await;
    world.drain().await;
    let operations: Vec<_> = world.calls(Service::SharePointOnline).into_iter().map(|(name, _)| name).collect();
    assert!(operations.len() > 15, "{operations:?}");
    for operation in operations.iter().filter(|name| **name != TURN_IN.1) {
        let world = online().await;
        // The first sign-in is over before anything is held.
        world.hold(Service::SharePointOnline, operation, 30);
        let link = world.press(NORTHWIND, ADAM, seed::account(1)).await.link();
        world.drain().await;
        assert_eq!(world.status(&link).await["state"], "waiting", "{operation}");
        end_sessions(&world);
        world.pass(2).await;
        assert_eq!(world.status(&link).await["state"], "ready", "{operation}");
        assert_eq!(sites(&world), golden, "{operation}");
        assert_eq!(sign_ins(&world), (2, 2), "{operation}");
    }
}

/// The same by the host's own clock, hours later.
#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_by_the_clock_is_renewed() {
    let world = online().await;
    world.press(NORTHWIND, ADAM, seed::account(1)).await;
    world.drain().await;
    world.wait(sandbox::sharepoint::CLAIMS_LIFETIME);
    let link = world.press(NORTHWIND, ADAM, seed::account(5)).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(sign_ins(&world), (2, 2));
}

/// A15: a wrong password is tried once in a quarter of an hour by all processes, and at once when it was stored anew.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_tried_once_by_all_processes() {
    let world = online().await;
    change_password(&world, "nobody told us");
    let mut requests = Vec::new();
    for number in [1, 5, 7] {
        let request = world.request(NORTHWIND, ADAM, seed::account(number));
        assert_eq!(world.ring(NORTHWIND, request).await.status, StatusCode::ACCEPTED);
        requests.push(request);
    }
    for _ in 0..3 {
        another_process(&world).deliver().await;
    }
    world.pass(14).await;
    assert_eq!(sign_ins(&world), (1, 0));
    world.pass(16).await;
    assert!(sign_ins(&world).0 <= 3, "{:?} in half an hour", sign_ins(&world));
    assert!(sites(&world).is_empty());
    store(&world, "nobody told us");
    world.pass(2).await;
    let made = requests.iter().filter(|request| world.answered(NORTHWIND, **request).status == 3).count();
    assert!(made >= 2, "which one was refused for good is the one that asked twice: {made}");
}

/// ST-40: rotated in mid-flow; the session that is open goes on, and the next one is got with the new password.
#[tokio::test(start_paused = true)]
async fn a_password_that_is_rotated_in_mid_flow_does_not_end_the_flow() {
    let world = online().await;
    world.hold(Service::SharePointOnline, MIDDLE, 30);
    let link = world.press(NORTHWIND, ADAM, seed::account(1)).await.link();
    world.drain().await;
    change_password(&world, "rotated");
    let order = json!({ "tenant": NORTHWIND, "service": "sharepoint", "password": "rotated" });
    let answer = world.manage(json!({ "rotate": order })).await;
    assert!(answer["error"].is_null(), "{answer}");
    world.pass(2).await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(sign_ins(&world), (1, 1));
    let process = another_process(&world);
    let request = world.request(NORTHWIND, ADAM, seed::account(5));
    world.ring_at(&process, NORTHWIND, request).await;
    process.drain().await;
    assert_eq!(world.answered(NORTHWIND, request).status, 3);
    assert_eq!(sign_ins(&world), (2, 2), "a token that was got with another secret is nobody's");
}

/// EX-46: a check says what is wrong with this sign-in, and asks once.
#[tokio::test(start_paused = true)]
async fn a_check_tells_what_is_wrong_with_a_claims_sign_in() {
    let check = async |world: &World| {
        let report = world.manage(json!({ "check": { "tenant": NORTHWIND } })).await;
        let wrong = report["findings"].as_array().expect("a report").iter().find(|it| it["ok"] == false).cloned();
        wrong.map(|it| {
            ["service", "what", "problem", "what_to_do"].map(|name| it[name].as_str().expect("text").to_owned())
        })
    };
    let world = online().await;
    assert_eq!(check(&world).await, None);

    change_password(&world, "nobody told us");
    world.instance.sandbox.world().forget_calls();
    let [service, what, problem, todo] = check(&world).await.expect("something is wrong");
    assert_eq!((&*service, &*what, sign_ins(&world)), ("sharepoint", "sign-in", (1, 0)));
    assert_eq!(problem, "the sign-in service refuses the user's name or password (code 0x80048821)");
    assert!(todo.starts_with("correct user or password"), "{todo}");

    let code = |code: &str| Fault::Error { code: code.to_owned() };
    for ((service, operation), fault, said, to_do) in [
        (
            ASK,
            code("0x80048823"),
            "has locked the user's account, or wants a new password (code 0x80048823)",
            "sign in",
        ),
        (ASK, code("0x8004882A"), "gives the user no token for this host (code 0x8004882A)", "correct parent, sts"),
        (ASK, code("0x80048820"), "the sign-in service is in trouble (code 0x80048820)", "check again"),
        (ASK, Fault::Answer { body: receiver() }, "the sign-in service is in trouble (code none)", "check again"),
        (TURN_IN, Fault::Html, "the host takes no token of the sign-in service (code no cookies)", "correct sts"),
    ] {
        let world = online().await;
        world.next_calls(service, Some(operation), fault, 1);
        let [service, what, problem, todo] = check(&world).await.expect("something is wrong");
        assert_eq!((&*service, &*what), ("sharepoint", "sign-in"), "{problem}");
        assert!(problem.contains(said) && todo.starts_with(to_do), "{problem}: {todo}");
    }

    let world = online().await;
    let mut secret = world.instance.online_secret(NORTHWIND);
    secret["sign_in"]["claims"].as_object_mut().expect("claims").remove("sts");
    world.instance.host.memory().put_secret(&World::tenant(NORTHWIND), "sharepoint", &secret);
    let [service, what, problem, _] = check(&world).await.expect("something is wrong");
    assert_eq!((&*service, &*what), ("sharepoint", "address"));
    assert!(problem.contains("not called"), "{problem}");
    assert_eq!(sign_ins(&world), (0, 0));

    // Basic credentials are none there.
    let world = online().await;
    let mut secret = world.instance.online_secret(NORTHWIND);
    let Credentials { login, password } = Credentials::online(NORTHWIND);
    secret["sign_in"] = json!({ "basic": { "user": login, "password": password } });
    world.instance.host.memory().put_secret(&World::tenant(NORTHWIND), "sharepoint", &secret);
    let [service, what, problem, _] = check(&world).await.expect("something is wrong");
    assert_eq!((&*service, &*what), ("sharepoint", "sign-in"));
    assert!(problem.starts_with("the sign-in is refused, or the parent web is closed"), "{problem}");
}

/// An operator adds such a tenant, and sees of it what is no secret.
#[tokio::test(start_paused = true)]
async fn a_tenant_with_claims_is_added_and_shown_without_its_password() {
    let world = World::start().await;
    let mut order = world.newcomer("quayside");
    order["connections"]["sharepoint"] = world.instance.online_secret("lakeside");
    let password = order["connections"]["sharepoint"]["sign_in"]["claims"]["password"].clone();
    assert_eq!(world.manage(json!({ "add": order })).await["added"], "quayside");
    let shown = world.manage(json!({ "show": { "tenant": "quayside" } })).await;
    let of = |name: &str| shown["connections"]["sharepoint"][name].clone();
    assert_eq!((of("sign_in"), of("user")), (json!("claims"), json!("svc-sharepoint@lakeside.example")));
    assert_eq!(of("sts"), world.instance.online_secret("lakeside")["sign_in"]["claims"]["sts"]);
    assert!(!shown.to_string().contains(password.as_str().expect("a text")), "{shown}");
}

/// A15, ST-36: no cookie, token or password in a log or in the table, whatever goes wrong.
#[tokio::test(start_paused = true)]
async fn nothing_of_a_sign_in_is_in_the_logs_or_in_the_table() {
    let captured = Captured::default();
    // As in `quiet`: a second subscriber makes `tracing` ask both.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let guard = tracing::subscriber::set_default(platform::telemetry::subscriber("trace", captured.clone()));
    let world = online().await;
    let mut cookies = Vec::new();
    for (number, (service, operation), fault) in [
        (1, ASK, Fault::Truncate),
        (5, TURN_IN, Fault::LoseAnswer),
        (7, TURN_IN, Fault::Html),
        (14, ASK, Fault::Error { code: "0x80048821".to_owned() }),
    ] {
        world.next_calls(service, Some(operation), fault, 1);
        world.press(NORTHWIND, ADAM, seed::account(number)).await;
        world.drain().await;
        world.pass(17).await;
        let state = world.instance.sandbox.world();
        assert!(state.faults.switches().is_empty(), "{operation} of {number} was met");
        let claims = state.sharepoint_online.claims.as_ref().expect("an online host");
        cookies.extend(claims.cookies().map(ToOwned::to_owned));
        drop(state);
        end_sessions(&world);
    }
    world.manage(json!({ "check": { "tenant": NORTHWIND } })).await;
    drop(guard);
    assert!(cookies.len() >= 4 && !sites(&world).is_empty(), "{cookies:?}");
    let Credentials { login, password } = Credentials::online(NORTHWIND);
    cookies.extend([login, password, "FedAuth=".to_owned(), "rtFa=".to_owned(), "adam.able@".to_owned()]);
    let rows = world.instance.host.memory().rows(&World::tenant(NORTHWIND), "TOKEN#");
    let (log, table) = (captured.text(), format!("{rows:?}"));
    assert!(log.lines().count() > 100 && table.contains("TOKEN#sharepoint"));
    for canary in &cookies {
        for form in forms(canary) {
            let line = log.lines().find(|line| line.contains(&form));
            assert_eq!(line, None, "{canary:?} is in the log as {form:?}");
            assert!(!table.contains(&form), "{canary:?} is in the table as {form:?}");
        }
    }
    // What a token looks like, whichever it was.
    assert!(!log.contains("t=ey") && !log.contains("BinarySecurityToken"));
}

/// P7: an hour of a sign-in service that is down: the site waits, and is made within minutes of its healing.
#[tokio::test(start_paused = true)]
async fn a_site_waits_for_the_sign_in_service() {
    let world = online().await;
    world.break_operation(ASK.0, ASK.1, Fault::Refuse);
    let link = world.press(NORTHWIND, ADAM, seed::account(1)).await.link();
    world.drain().await;
    world.pass(60).await;
    assert_eq!(world.status(&link).await["state"], "waiting");
    world.heal();
    world.pass(6).await;
    assert_eq!(world.status(&link).await["state"], "ready");
    world.wait(SignedDuration::from_mins(1));
}
