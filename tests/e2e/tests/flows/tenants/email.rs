//! A tenant's account at the e-mail platform: it may be without one, and what is wrong with one is told (EX-38, EX-46).

use e2e::World;
use serde_json::{Value, json};

const NEW: &str = "mailer";

/// An order with an account at the platform that is signed in to like this.
fn order(world: &World, sign_in: &Value, endpoint: bool) -> Value {
    let mut order = world.newcomer(NEW);
    let address = &world.instance.addresses.exacttarget;
    order["hosts"]["exacttarget"] = json!(["localhost"]);
    order["connections"]["exacttarget"] = json!({ "sign_in": sign_in });
    if endpoint {
        order["connections"]["exacttarget"]["endpoint"] = format!("{address}/Service.asmx").into();
    }
    order
}

fn user(password: &str) -> Value {
    json!({ "user": { "name": "harbour_api", "password": password } })
}

fn package(world: &World) -> Value {
    json!({ "package": {
        "token": format!("{}/v2/token", world.instance.addresses.exacttarget),
        "client_id": "harbourpackage0000000001",
        "client_secret": "sandbox-harbour-package-1",
        "account_id": 7_000_001,
    } })
}

/// What a check says of the platform: each stage, and whether it is well.
async fn checked(world: &World) -> Vec<(String, Option<bool>, String)> {
    let report = world.manage(json!({ "check": { "tenant": NEW } })).await;
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("{report}")).iter();
    let own = findings.filter(|finding| finding["service"] == "exacttarget");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    own.map(|it| (text(&it["what"]), it["ok"].as_bool(), text(&it["problem"]))).collect()
}

/// Either way of signing in is stored and works; a tenant without an account is not looked at for one.
#[tokio::test(start_paused = true)]
async fn an_account_is_added_and_checked_with_either_sign_in() {
    let stages = ["secret", "address", "name", "connection", "sign-in", "service"];
    for (of_user, endpoint) in [(true, true), (false, false)] {
        let world = World::start().await;
        let sign_in = if of_user { user("sandbox-harbour-api-1") } else { package(&world) };
        let answer = world.manage(json!({ "add": order(&world, &sign_in, endpoint) })).await;
        assert_eq!(answer["added"], NEW, "{answer}");
        let found = checked(&world).await;
        let well: Vec<_> = found.iter().map(|(what, ok, _)| (what.as_str(), *ok)).collect();
        assert_eq!(well, stages.map(|stage| (stage, Some(true))), "{found:?}");
    }
    let world = World::start().await;
    world.manage(json!({ "add": world.newcomer(NEW) })).await;
    assert!(checked(&world).await.is_empty());
}

/// A password that is not the user's is told; another one, or another secret of a package, comes in its place.
#[tokio::test(start_paused = true)]
async fn a_wrong_secret_is_told_and_rotated() {
    let world = World::start().await;
    world.manage(json!({ "add": order(&world, &user("guess"), true) })).await;
    let found = checked(&world).await;
    let (what, ok, problem) = &found[4];
    assert_eq!((what.as_str(), *ok), ("sign-in", Some(false)), "{found:?}");
    assert!(problem.contains("Login Failed") && !format!("{found:?}").contains("guess"), "{problem}");
    let rotate =
        |password: &str| json!({ "rotate": { "tenant": NEW, "service": "exacttarget", "password": password } });
    assert_eq!(world.manage(rotate("sandbox-harbour-api-1")).await["rotated"], NEW);
    assert_eq!(checked(&world).await[4].1, Some(true));

    let connection = json!({ "rotate": { "tenant": NEW, "service": "exacttarget", "connection": {
        "sign_in": { "package": {
            "token": format!("{}/v2/token", world.instance.addresses.exacttarget),
            "client_id": "harbourpackage0000000001", "client_secret": "guess",
        } },
    } } });
    assert_eq!(world.manage(connection).await["rotated"], NEW);
    assert_eq!(checked(&world).await[4].1, Some(false));
    assert_eq!(world.manage(rotate("sandbox-harbour-package-1")).await["rotated"], NEW);
    assert_eq!(checked(&world).await[4].1, Some(true));
}

/// EX-46, A3: one wrong field, one mistake, and the rule that it breaks.
#[tokio::test]
async fn each_wrong_field_of_an_account_is_named() {
    let world = World::start().await;
    let at = "connections.exacttarget";
    let cases: [(&str, Value, &str, &str); 8] = [
        ("/connections/exacttarget", json!(null), "", "is missing"),
        ("/connections/exacttarget/endpoint", json!(null), ".endpoint", "only a package's token"),
        (
            "/connections/exacttarget/endpoint",
            json!("https://a.example/"),
            ".endpoint",
            "not an address that is called",
        ),
        ("/connections/exacttarget/sign_in", json!({}), ".sign_in.user", "one of user and package"),
        ("/connections/exacttarget/sign_in/user/name", json!(""), ".sign_in.user.name", "1 to 2000"),
        ("/connections/exacttarget/sign_in/user/password", json!(null), ".sign_in.user.password", "is missing"),
        ("/connections/exacttarget/sign_in/user/mail", json!("x"), ".sign_in.user.mail", "is not known"),
        (
            "/connections/exacttarget/sign_in",
            json!({ "package": { "token": "here", "client_id": "c", "client_secret": "s" } }),
            ".sign_in.package.token",
            "is not an address",
        ),
    ];
    for (place, value, field, rule) in cases {
        let mut order = order(&world, &user("p"), true);
        let (parent, name) = place.rsplit_once('/').expect("a place begins with a slash");
        order.pointer_mut(parent).expect("it is there")[name] = value;
        let answer = world.manage(json!({ "add": order })).await;
        let mistakes = answer["error"]["mistakes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_it = mistakes.len() == 1
            && mistakes[0]["field"] == format!("{at}{field}")
            && mistakes[0]["rule"].as_str().is_some_and(|said| said.contains(rule));
        assert!(is_it, "{place}: {answer}");
    }
}

/// EX-05, EX-06, EX-40, A3: how mails are sent is an operator's word; what is wrong with it is told by its field, all at once.
#[tokio::test]
async fn how_mails_are_sent_is_read_and_its_mistakes_are_named() {
    let world = World::start().await;
    let with = |mailing: Value| {
        let mut order = order(&world, &user("p"), true);
        order["mailing"] = mailing;
        json!({ "add": order })
    };
    let wrong = json!({
        "poll_minutes": 0,
        "location": "",
        "batches": { "above": 25_000, "size": 25_001 },
        "imports_at_once": 100,
        "default_campaign": "summer",
        "hourly": true,
        "columns": [
            { "name": "Age", "holds": "years" },
            { "name": "First Name", "holds": "text", "length": 50, "contact": "First Name" },
            { "name": "first name", "holds": "text" },
            { "name": "EmailAddress", "holds": "text" },
        ],
    });
    let answer = world.manage(with(wrong)).await;
    let mistakes = answer["error"]["mistakes"].as_array().unwrap_or_else(|| panic!("{answer}")).iter();
    let mut fields: Vec<&str> = mistakes.filter_map(|mistake| mistake["field"].as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "mailing.batches.size",
            "mailing.columns[0].holds",
            "mailing.columns[1].contact",
            "mailing.columns[2].name",
            "mailing.columns[3].name",
            "mailing.default_campaign",
            "mailing.hourly",
            "mailing.imports_at_once",
            "mailing.location",
            "mailing.poll_minutes",
        ],
        "{answer}"
    );
    let right = json!({ "poll_minutes": 10, "batches": "off", "columns": [
        { "name": "Seats", "holds": "number", "account": "numberofemployees", "default": "1" },
    ] });
    assert_eq!(world.manage(with(right)).await["added"], NEW);
    let shown = world.manage(json!({ "show": { "tenant": NEW } })).await;
    let mailing = &shown["settings"]["mailing"];
    assert_eq!((&mailing["poll_minutes"], &mailing["batches"]), (&10.into(), &Value::Null), "{shown}");
    assert_eq!(mailing["columns"][0]["account"], "numberofemployees");
    assert_eq!(mailing["location"], "ExactTarget Enhanced FTP");
}
