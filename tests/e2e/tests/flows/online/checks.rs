//! Adding and checking a tenant whose CRM is online: each mistake by its field, each lack by who refuses what (EX-46).

use e2e::{LAKESIDE, World};
use sandbox::{Fault, Service, crm::seed, live_id::Device};
use serde_json::{Value, json};

async fn check(world: &World) -> Value {
    world.manage(json!({ "check": { "tenant": LAKESIDE } })).await
}

fn change(world: &World, change: impl FnOnce(&mut Value)) {
    let tenant = World::tenant(LAKESIDE);
    let mut secret = world.instance.crm_secret(&tenant);
    change(&mut secret);
    world.instance.host.memory().put_secret(&tenant, "crm", &secret);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_online_has_nothing_missing_and_shows_no_secret() {
    let world = World::online().await;
    let report = check(&world).await;
    assert_eq!(report["ok"], true, "{report}");
    let shown = world.manage(json!({ "show": { "tenant": LAKESIDE } })).await;
    let live_id = &world.instance.addresses.live_id;
    assert_eq!(
        shown["connections"]["crm"],
        json!({
            "discovery": format!("{}/MSCRMServices/2007/Passport/CrmDiscoveryService.asmx", world.instance.addresses.crm),
            "organization": LAKESIDE,
            "user": "tieline@lakeside.example",
            "sign_in": "live_id",
            "issuer": format!("{live_id}/wstlogin.srf"),
            "registration": format!("{live_id}/ppsecure/DeviceAddCredential.srf"),
            "partner": "crm.dynamics.com",
            "device": Device::LAKESIDE.name,
        })
    );
}

/// What is changed, and what the check says of it: stage, problem, what to do.
type Case = (&'static str, fn(&World), [&'static str; 3]);

const CASES: &[Case] = &[
    (
        "another password",
        |world| world.instance.sandbox.world().live_id.set_password("tieline@lakeside.example", "another"),
        ["sign-in", "Live ID refuses the user's name or password (code 0x80048821)", "correct user or password"],
    ),
    (
        "nobody",
        |world| change(world, |it| it["user"] = "nobody@lakeside.example".into()),
        ["sign-in", "Live ID refuses the user's name or password", "correct user or password"],
    ),
    (
        "a device of somebody else's",
        |world| {
            let device = Device { password: "somebody-else", ..Device::LAKESIDE };
            world.instance.sandbox.world().live_id.register(&device);
        },
        ["sign-in", "Live ID knows the device's name with another password", "give the device another name"],
    ),
    (
        "a device that is none",
        |world| change(world, |it| it["sign_in"]["live_id"]["device"]["name"] = "Lake Side".into()),
        ["sign-in", "Live ID does not register the device (code dc9)", "correct it"],
    ),
    (
        "another partner",
        |world| change(world, |it| it["sign_in"]["live_id"]["partner"] = "crm.example.com".into()),
        ["sign-in", "Live ID gives no ticket for this partner under the policy", "correct partner"],
    ),
    (
        "a policy that Live ID does not know",
        |world| {
            let fault = Fault::Error { code: "0x80048831".to_owned() };
            world.break_operation(Service::LiveId, "UserToken", fault);
        },
        ["sign-in", "under the policy that CRM names (code 0x80048831)", "which partner and policy"],
    ),
    (
        "a locked account",
        |world| {
            let fault = Fault::Error { code: "0x80048823".to_owned() };
            world.break_operation(Service::LiveId, "UserToken", fault);
        },
        ["sign-in", "Live ID has locked the user's account", "in a browser"],
    ),
    (
        "the discovery service of the other kind",
        |world| {
            change(world, |it| {
                it["discovery"] = it["discovery"].as_str().expect("a text").replace("Passport", "SPLA").into();
            });
        },
        ["sign-in", "the discovery service names no policy of Live ID", "/2007/Passport/"],
    ),
    (
        "another organization",
        |world| change(world, |it| it["organization"] = "harbour".into()),
        ["sign-in", "CRM does not take Live ID's ticket for this organization", "correct organization or user"],
    ),
    (
        "a user who is disabled in CRM",
        |world| {
            let mut state = world.instance.sandbox.world();
            let organisation = state.crm.organisation_mut(LAKESIDE).expect("seeded");
            let user = organisation.record_mut("systemuser", seed::user(1)).expect("seeded");
            user.insert("isdisabled".to_owned(), sandbox::crm::Value::Flag(true));
        },
        ["sign-in", "CRM does not take Live ID's ticket", "let the user into the organization"],
    ),
    (
        "an issuer that is not called",
        |world| change(world, |it| it["sign_in"]["live_id"]["issuer"] = "https://login.example/".into()),
        ["address", "the address of Live ID's issuer is not called", "correct hosts.crm"],
    ),
    (
        "a registration that is not called",
        |world| change(world, |it| it["sign_in"]["live_id"]["registration"] = "https://login.example/".into()),
        ["address", "the address of Live ID's registration is not called", "correct hosts.crm"],
    ),
    (
        "Live ID is not there",
        |world| world.break_down(Service::LiveId, Fault::Refuse),
        ["connection", "no connection can be made", "be reached"],
    ),
    (
        "no device",
        |world| change(world, |it| drop(it["sign_in"]["live_id"].as_object_mut().expect("one").remove("device"))),
        ["secret", "not of the expected shape", "scripts/tenant rotate lakeside crm"],
    ),
];

#[tokio::test(start_paused = true)]
async fn a_check_says_who_refuses_what() {
    for (what, spoil, [stage, problem, todo]) in CASES {
        let world = World::online().await;
        spoil(&world);
        let report = check(&world).await;
        let findings = report["findings"].as_array().expect("a report");
        let wrong: Vec<&Value> = findings.iter().filter(|it| it["ok"] == false).collect();
        let [only] = wrong[..] else { panic!("{what}: {report}") };
        let has = |name: &str, part: &str| only[name].as_str().is_some_and(|text| text.contains(part));
        assert!(
            only["service"] == "crm" && only["what"] == *stage && has("problem", problem) && has("what_to_do", todo),
            "{what}: {only}"
        );
    }
}

/// One wrong field, one mistake; nothing is quoted.
#[tokio::test]
async fn each_wrong_field_of_live_id_is_named_with_the_rule_that_it_breaks() {
    let world = World::start().await;
    let place = |name: &str| format!("/sign_in/live_id{name}");
    let some = Some;
    let cases: [(&str, Option<Value>, &str, &str); 19] = [
        ("", None, "", "is missing"),
        ("", some(json!("yes")), "", "is not an object"),
        ("/issuer", None, ".issuer", "is missing"),
        ("/issuer", some(json!("here")), ".issuer", "is not an address"),
        ("/issuer", some(json!("https://login.example/")), ".issuer", "list"),
        ("/registration", None, ".registration", "is missing"),
        ("/registration", some(json!("https://login.example/")), ".registration", "list"),
        ("/partner", None, ".partner", "is missing"),
        ("/partner", some(json!("")), ".partner", "1 to 2000"),
        ("/device", None, ".device", "is missing"),
        ("/device/name", None, ".device.name", "is missing"),
        ("/device/name", some(json!("Lakeside")), ".device.name", "small letters and digits"),
        ("/device/name", some(json!("a".repeat(25))), ".device.name", "1 to 24"),
        ("/device/password", None, ".device.password", "is missing"),
        ("/device/password", some(json!("x".repeat(25))), ".device.password", "1 to 24"),
        ("/device/password", some(json!("canary ä")), ".device.password", "letters, digits"),
        ("/device/password", some(json!({ "ask": true })), ".device.password", "is not a text"),
        ("/device/type", some(json!("x")), ".device.type", "is not known"),
        ("/user", some(json!("x")), ".user", "is not known"),
    ];
    for (at, value, field, rule) in cases {
        let mut connection = world.instance.crm_secret(&World::tenant(LAKESIDE));
        put(&mut connection, &place(at), value.clone());
        let mut order = world.newcomer("wrong");
        order["connections"]["crm"] = connection;
        let answer = world.manage(json!({ "add": order })).await;
        let field = format!("connections.crm.sign_in.live_id{field}");
        let mistakes = answer["error"]["mistakes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_it = mistakes.len() == 1
            && mistakes[0]["field"] == field
            && mistakes[0]["rule"].as_str().is_some_and(|it| it.contains(rule));
        assert!(is_it && !answer.to_string().contains("canary"), "{at} {value:?}: {answer}");
    }
    for (sign_in, field) in [(json!("live_id"), ""), (json!({ "live_id": {}, "ifd": {} }), ".ifd")] {
        let mut order = world.newcomer("wrong");
        order["connections"]["crm"]["sign_in"] = sign_in;
        let answer = world.manage(json!({ "add": order })).await.to_string();
        assert!(answer.contains(&format!("\"connections.crm.sign_in{field}\"")), "{answer}");
    }
    assert!(world.instance.host.memory().rows(&World::tenant("wrong"), "").is_empty());
}

fn put(order: &mut Value, place: &str, value: Option<Value>) {
    let (parent, name) = place.rsplit_once('/').expect("a place begins with a slash");
    let parent = order.pointer_mut(parent).unwrap_or_else(|| panic!("{place} is nowhere"));
    match value {
        Some(value) => parent[name] = value,
        None => drop(parent.as_object_mut().expect("an object").remove(name).expect("it was there")),
    }
}

/// The example that operators begin with is an order, once its secrets are filled in.
#[test]
fn the_example_of_a_tenant_online_can_be_read_by_the_adapter() {
    let example = include_str!("../../../../../infra/tenants/example-online.json");
    let mut example: Value = serde_json::from_str(example).expect("JSON");
    let crm = &mut example["connections"]["crm"];
    crm["password"] = "x".into();
    crm["sign_in"]["live_id"]["device"]["password"] = "x".into();
    let connection: crm::classic::Connection = serde_json::from_value(crm.take()).expect("a connection");
    let crm::classic::SignIn::LiveId(live_id) = &connection.sign_in else { panic!("of Live ID") };
    let hosts: Vec<&str> =
        example["hosts"]["crm"].as_array().expect("hosts").iter().filter_map(Value::as_str).collect();
    let guard = transport::Guard::new(&hosts).expect("hosts");
    for url in [&connection.discovery, &live_id.issuer, &live_id.registration] {
        assert_eq!(guard.check(url), Ok(()), "{url}");
    }
    let account = &mut example["connections"]["exacttarget"];
    account["sign_in"]["package"]["client_secret"] = "x".into();
    let connection: exacttarget::Connection = serde_json::from_value(account.take()).expect("a connection");
    let exacttarget::SignIn::Package(package) = &connection.sign_in else { panic!("of a package") };
    let hosts = example["hosts"]["exacttarget"].as_array().expect("hosts");
    let hosts: Vec<&str> = hosts.iter().filter_map(Value::as_str).collect();
    assert_eq!(transport::Guard::new(&hosts).expect("hosts").check(&package.token), Ok(()));
}
