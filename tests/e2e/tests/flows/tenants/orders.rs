//! Orders that are not right: every mistake is named by its field, nothing is written, nothing is quoted.

use e2e::{HARBOUR, World};
use sandbox::Service;
use serde_json::{Value, json};

/// The tenant that is ordered wrongly.
const WRONG: &str = "wrong";

/// Puts a value at a place such as `/connections/crm/user`; `None` takes away what is there.
fn put(order: &mut Value, place: &str, value: Option<Value>) {
    let (parent, name) = place.rsplit_once('/').expect("a place begins with a slash");
    let parent = order.pointer_mut(parent).unwrap_or_else(|| panic!("{place} is nowhere"));
    match value {
        Some(value) => parent[name] = value,
        None => drop(parent.as_object_mut().expect("an object").remove(name).expect("it was there")),
    }
}

fn mistakes(answer: &Value) -> Vec<(&str, &str)> {
    let all = answer["error"]["mistakes"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|it| (it["field"].as_str().unwrap_or(""), it["rule"].as_str().unwrap_or(""))).collect()
}

/// EX-46, A3: one wrong field, one mistake, and the rule that it breaks.
#[tokio::test]
async fn each_wrong_field_is_named_with_the_rule_that_it_breaks() {
    let world = World::start().await;
    let long = "x".repeat(2_001);
    let some = |value: Value| Some(value);
    let cases = [
        ("/tenant", None, "tenant", "is missing"),
        ("/tenant", some(json!("Harbour")), "tenant", "a tenant id has"),
        ("/tenant", some(json!("directory")), "tenant", "the engine needs itself"),
        ("/tenant", some(json!("unattributed")), "tenant", "the engine needs itself"),
        ("/tenant", some(json!(7)), "tenant", "is not a text"),
        ("/replace", some(json!("yes")), "replace", "neither true nor false"),
        ("/active", some(json!(false)), "active", "is not known"),
        ("/My Password", some(json!("x")), "", "has a field that is not known"),
        ("/name", None, "name", "is missing"),
        ("/name", some(json!(null)), "name", "is missing"),
        ("/name", some(json!("")), "name", "1 to 2000 characters"),
        ("/name", some(json!("x".repeat(101))), "name", "more than 100 characters"),
        ("/name", some(json!("a\u{7}b")), "name", "control character"),
        ("/name", some(json!(" a")), "name", "begins or ends with a space"),
        ("/origins", None, "origins", "is missing"),
        ("/origins", some(json!([])), "origins", "1 to 20 texts"),
        ("/origins", some(json!("https://a.example")), "origins", "1 to 20 texts"),
        ("/origins", some(json!(["https://a.example/"])), "origins[0]", "is not an origin"),
        ("/origins", some(json!(["https://a.example", "null"])), "origins[1]", "is not an origin"),
        ("/origins", some(json!(["https://a.example", "https://a.example"])), "origins[1]", "is there twice"),
        ("/origins", some(json!([true])), "origins[0]", "is not a text"),
        ("/jsonp", some(json!("on")), "jsonp", "neither true nor false"),
        ("/hosts", None, "hosts", "is missing"),
        ("/hosts", some(json!(["a.example"])), "hosts", "is not an object"),
        ("/hosts/crm", None, "hosts.crm", "is missing"),
        ("/hosts/sharepoint", some(json!([])), "hosts.sharepoint", "1 to 20 texts"),
        ("/hosts/mail", some(json!(["a.example"])), "hosts.mail", "is not known"),
        ("/crm_web", some(json!("crm.example")), "crm_web", "is not an address"),
        ("/crm_web", some(json!("ftp://crm.example/")), "crm_web", "is not https"),
        ("/crm_web", some(json!("https://u:p@crm.example/")), "crm_web", "a user, a query or a fragment"),
        ("/crm_web", some(json!("https://crm.example/?x")), "crm_web", "a user, a query or a fragment"),
        ("/crm_web", some(json!("https://crm.example/a")), "crm_web", "does not end with a slash"),
        ("/logins", None, "logins", "is missing"),
        ("/logins", some(json!("name")), "logins", "is neither"),
        ("/logins", some(json!({})), "logins.table", "is missing"),
        ("/logins", some(json!({ "table": ["a"] })), "logins.table", "is not an object"),
        ("/logins", some(json!({ "table": { "a": 1 } })), "logins.table, entry 1", "is not a text"),
        ("/logins", some(json!({ "table": { "A\\b": "c", "a\\B": "d" } })), "logins.table, entry 2", "twice"),
        ("/logins", some(json!({ "table": {}, "email": {} })), "logins.email", "is not known"),
        ("/directory", some(json!("harbour")), "directory", "invalid"),
        ("/budgets", some(json!({ "crm": 9 })), "budgets.crm", "from 10 to 100000"),
        ("/budgets", some(json!({ "crm": 1.5 })), "budgets.crm", "whole number"),
        ("/budgets", some(json!({ "sharepoint": "60" })), "budgets.sharepoint", "whole number"),
        ("/budgets", some(json!({ "mail": 60 })), "budgets.mail", "is not known"),
        ("/timeouts", some(json!({ "crm": 91 })), "timeouts.crm", "from 1 to 90"),
        ("/timeouts", some(json!({ "sharepoint": -1 })), "timeouts.sharepoint", "whole number"),
        ("/connections", None, "connections", "is missing"),
        ("/connections/crm", None, "connections.crm", "is missing"),
        ("/connections/mail", some(json!({})), "connections.mail", "is not known"),
        ("/connections/crm/discovery", some(json!("here")), "connections.crm.discovery", "is not an address"),
        ("/connections/crm/discovery", some(json!("https://a.example/")), "connections.crm.discovery", "list"),
        ("/connections/crm/organization", some(json!("")), "connections.crm.organization", "1 to 2000"),
        ("/connections/crm/user", some(json!(long)), "connections.crm.user", "1 to 2000"),
        ("/connections/crm/password", None, "connections.crm.password", "is missing"),
        ("/connections/crm/password", some(json!({ "ask": true })), "connections.crm.password", "is not a text"),
        ("/connections/crm/proxy", some(json!("x")), "connections.crm.proxy", "is not known"),
        ("/connections/sharepoint/parent", some(json!("//x")), "connections.sharepoint.parent", "is not an address"),
        ("/connections/sharepoint/sign_in", some(json!({})), "connections.sharepoint.sign_in.basic", "one of"),
        (
            "/connections/sharepoint/sign_in/forms",
            some(json!({ "user": "u", "password": "p" })),
            "connections.sharepoint.sign_in.basic",
            "one of",
        ),
        (
            "/connections/sharepoint/sign_in/basic/password",
            some(json!("")),
            "connections.sharepoint.sign_in.basic.password",
            "1 to 2000",
        ),
        (
            "/connections/sharepoint/sign_in/ntlm",
            some(json!({})),
            "connections.sharepoint.sign_in.ntlm",
            "is not known",
        ),
    ];
    for (place, value, field, rule) in cases.into_iter().chain(wrong_claims()) {
        let mut order = world.newcomer(WRONG);
        put(&mut order, place, value.clone());
        let answer = world.manage(json!({ "add": order })).await;
        assert_eq!(answer["error"]["code"], "invalid", "{place} {value:?}: {answer}");
        let found = mistakes(&answer);
        let is_it = found.len() == 1 && found[0].0 == field && found[0].1.contains(rule);
        assert!(is_it, "{place} {value:?}: {found:?}, not {field:?} {rule:?}");
    }
    nothing_happened(&world).await;
}

/// Where in an order, what is put there, and the field and rule that are named.
type Wrong = (&'static str, Option<Value>, &'static str, &'static str);

fn wrong_claims() -> [Wrong; 5] {
    [
        (
            "/connections/sharepoint/sign_in",
            Some(json!({ "claims": { "password": "p", "sts": "http://127.0.0.1:1/" } })),
            "connections.sharepoint.sign_in.claims.user",
            "is missing",
        ),
        (
            "/connections/sharepoint/sign_in",
            Some(json!({ "claims": { "user": "u", "password": "p", "sts": "here" } })),
            "connections.sharepoint.sign_in.claims.sts",
            "is not an address",
        ),
        // The sandbox's guard allows nothing outside of this machine: as one whose list does not have the service.
        (
            "/connections/sharepoint/sign_in",
            Some(json!({ "claims": { "user": "u", "password": "p", "sts": "https://sts.example/" } })),
            "connections.sharepoint.sign_in.claims.sts",
            "is not an address that is called",
        ),
        (
            "/connections/sharepoint/sign_in",
            Some(json!({ "claims": { "user": "u", "password": "p" } })),
            "connections.sharepoint.sign_in.claims.sts",
            "is https://login.microsoftonline.com/extSTS.srf where none is named, which is not called",
        ),
        (
            "/connections/sharepoint/sign_in/basic/sts",
            Some(json!("http://127.0.0.1:1/")),
            "connections.sharepoint.sign_in.basic.sts",
            "is not known",
        ),
    ]
}

async fn nothing_happened(world: &World) {
    assert!(world.instance.host.memory().rows(&World::tenant(WRONG), "").is_empty());
    let listed = world.manage(json!({ "list": {} })).await;
    assert!(!listed.to_string().contains(WRONG), "{listed}");
    let shown = world.instance.deps.platform.secrets.refresh::<Value>(&World::tenant(WRONG), "crm").await;
    assert!(shown.is_err(), "a secret was stored");
    assert_eq!(world.call_count(Service::Crm) + world.call_count(Service::SharePoint), 0);
}

/// Somebody who fills in a form wants to hear everything at once; and no answer repeats what may be a secret.
#[tokio::test]
async fn all_mistakes_are_told_together_and_no_value_is_repeated() {
    let world = World::start().await;
    let canary = |number: u8| json!(format!("canary-{number} \u{1}"));
    let order = json!({
        "tenant": canary(1), "name": canary(2), "origins": [canary(3)], "hosts": { "crm": [canary(4)] },
        "crm_web": canary(5), "logins": { "table": { "canary-6": canary(6) } }, "directory": canary(7),
        "budgets": { "crm": canary(8) }, "timeouts": canary(9), "replace": canary(10), "canary-11": 1,
        "connections": {
            "crm": { "discovery": canary(12), "organization": canary(13), "user": canary(14), "password": ["canary-15"] },
            "sharepoint": { "parent": canary(16), "sign_in": { "forms": { "user": canary(17), "password": 18 } } },
        },
    });
    let answer = world.manage(json!({ "add": order })).await;
    let fields: Vec<&str> = mistakes(&answer).iter().map(|(field, _)| *field).collect();
    for field in [
        "tenant",
        "name",
        "origins[0]",
        "hosts.crm[0]",
        "hosts.sharepoint",
        "crm_web",
        "logins.table, entry 1",
        "directory",
        "budgets.crm",
        "timeouts",
        "replace",
        "connections.crm.discovery",
        "connections.crm.organization",
        "connections.crm.user",
        "connections.crm.password",
        "connections.sharepoint.parent",
        "connections.sharepoint.sign_in.forms.user",
        "connections.sharepoint.sign_in.forms.password",
    ] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }
    assert!(!answer.to_string().contains("canary"), "{answer}");
}

/// Events of any other shape are answered, and none of them does anything.
#[tokio::test]
async fn what_is_no_order_is_refused() {
    let world = World::start().await;
    let before = world.everything();
    let secret = json!({ "user": "u", "password": "canary-1" });
    let orders = [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!({ "Records": [] }),
        json!({ "destroy": { "tenant": HARBOUR } }),
        json!({ "list": {}, "check": { "tenant": HARBOUR } }),
        json!({ "list": { "all": true } }),
        json!({ "list": null }),
        json!({ "check": HARBOUR }),
        json!({ "check": {} }),
        json!({ "check": { "tenant": HARBOUR, "service": "crm" } }),
        json!({ "disable": { "tenant": [HARBOUR] } }),
        json!({ "disable": { "tenant": "harbour " } }),
        json!({ "disable": { "tenant": "T#harbour" } }),
        json!({ "enable": { "tenant": "directory" } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "crm" } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "mail", "password": "canary-2" } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "crm/../sharepoint", "password": "canary-2" } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "password": "" } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "password": "canary-3", "connection": secret } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "connection": secret } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "connection": "canary-4" } }),
        json!({ "rotate": { "tenant": HARBOUR, "service": "sharepoint", "connection": secret } }),
    ];
    for order in orders {
        let answer = world.manage(order.clone()).await;
        assert_eq!(answer["error"]["code"], "invalid", "{order}: {answer}");
        assert!(!mistakes(&answer).is_empty(), "{order}: {answer}");
        assert!(!answer.to_string().contains("canary"), "{answer}");
    }
    let answer = world.manage(json!({ "rotate": { "tenant": "nobody", "service": "crm", "password": "x" } })).await;
    assert_eq!(answer["error"]["code"], "unknown-tenant", "{answer}");
    assert_eq!(world.everything(), before);
}

/// What is shown of a tenant is what an operator typed, without what signs in.
#[tokio::test]
async fn a_tenant_is_shown_without_its_secrets() {
    let world = World::start().await;
    let mut order = world.newcomer("quayside");
    order["logins"] = json!({ "table": { r"HARBOUR\anna.berg": r"SP\anna" } });
    order["budgets"] = json!({ "crm": 120 });
    order["timeouts"] = json!({ "sharepoint": 45 });
    order["directory"] = json!("8b9f2f6e-5a0c-4a57-9f0e-2f6a3c1d7e10");
    order["connections"]["sharepoint"]["sign_in"] = json!({ "forms": { "user": "svc", "password": "canary-9" } });
    assert_eq!(world.manage(json!({ "add": order })).await["added"], "quayside");
    let shown = world.manage(json!({ "show": { "tenant": "quayside" } })).await;
    for field in ["name", "origins", "hosts", "crm_web", "logins", "directory"] {
        assert_eq!(shown["settings"][field], order[field], "{field}");
    }
    assert_eq!(shown["settings"]["budgets"], json!({ "crm": 120, "sharepoint": null }));
    assert_eq!(shown["settings"]["timeouts"], json!({ "crm": null, "sharepoint": 45 }));
    assert_eq!(shown["connections"]["sharepoint"]["user"], "svc");
    assert_eq!(shown["connections"]["sharepoint"]["sign_in"], "forms");
    let password = order["connections"]["crm"]["password"].as_str().expect("a text");
    let shown = shown.to_string();
    assert!(!shown.contains("canary-9") && !shown.contains(password) && !shown.contains("password"), "{shown}");
}
