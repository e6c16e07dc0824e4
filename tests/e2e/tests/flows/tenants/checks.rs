//! A check tells exactly what is missing, and changes nothing.

use std::sync::Arc;

use async_trait::async_trait;
use e2e::{HARBOUR, NORTHWIND, World};
use sandbox::{
    Fault, Service,
    crm::{Right, seed},
    sharepoint::Credentials,
};
use serde_json::{Value, json};
use tenants::{Connections, Reach};
use transport::{Answer, Back, BackError, Call};

async fn check(world: &World, tenant: &str) -> Value {
    world.manage(json!({ "check": { "tenant": tenant } })).await
}

/// What is wrong: service, what, problem.
fn wrong(report: &Value) -> Vec<(&str, &str, &str)> {
    let findings = report["findings"].as_array().expect("a report").iter();
    let failed = findings.filter(|finding| finding["ok"] == false);
    failed
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap_or_default();
            assert!(!text("what_to_do").is_empty(), "{it} says nothing to do");
            (text("service"), text("what"), text("problem"))
        })
        .collect()
}

/// A tenant that is set up well; and asking leaves no trace.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_set_up_well_has_nothing_missing_and_nothing_is_changed() {
    let world = World::start().await;
    let (before, sites) = (world.everything(), world.web("/sites/harbour"));
    let report = check(&world, HARBOUR).await;
    assert_eq!(report["ok"], true, "{report}");
    let seen: Vec<String> = report["findings"]
        .as_array()
        .expect("a report")
        .iter()
        .map(|it| format!("{} {}", it["service"].as_str().unwrap_or(""), it["what"].as_str().unwrap_or("")))
        .collect();
    insta::assert_snapshot!(seen.join("\n"), @r"
    tenant switch
    tenant origins
    crm secret
    crm address
    crm name
    crm connection
    crm sign-in
    crm entities
    crm privileges
    sharepoint secret
    sharepoint address
    sharepoint name
    sharepoint connection
    sharepoint sign-in
    sharepoint parent web
    sharepoint rights
    sharepoint services
    sharepoint page that makes webs
    ");
    assert_eq!((world.everything(), world.web("/sites/harbour")), (before, sites));
    let writes = ["Create", "Update", "Delete", "SetStateDynamicEntity", "POST newsbweb.aspx", "Lists.AddList"];
    let asked: Vec<String> =
        [Service::Crm, Service::SharePoint].into_iter().flat_map(|it| world.calls(it)).map(|(name, _)| name).collect();
    assert!(!asked.iter().any(|name| writes.contains(&name.as_str()) || name.contains(".Add")), "{asked:?}");
}

/// A thing that is taken away, and what the check says of it.
type Case = (&'static str, fn(&World), &'static [(&'static str, &'static str, &'static str)]);

fn organisation<T>(world: &World, change: impl FnOnce(&mut sandbox::crm::Organisation) -> T) -> T {
    change(world.instance.sandbox.world().crm.organisation_mut(HARBOUR).expect("seeded"))
}

fn secret(world: &World, service: &str, change: impl FnOnce(&mut Value)) {
    let tenant = World::tenant(HARBOUR);
    let mut secret = match service {
        "crm" => world.instance.crm_secret(&tenant),
        _ => world.instance.sharepoint_secret(&tenant),
    };
    change(&mut secret);
    world.instance.host.memory().put_secret(&tenant, service, &secret);
}

/// Leaves the account of the SharePoint connection a role on the parent web, or none.
fn demote(world: &World, role: Option<sandbox::sharepoint::Role>) {
    let mut state = world.instance.sandbox.world();
    let login = Credentials::of(HARBOUR).login;
    let user = state.sharepoint.collection("/sites/harbour").and_then(|it| it.user(&login)).expect("seeded").id;
    let grants = state.sharepoint.web_mut("/sites/harbour").expect("seeded").grants.as_mut().expect("its own");
    grants.remove(&user);
    if let Some(role) = role {
        grants.insert(user, sandbox::sharepoint::Grant { roles: [role].into(), ..Default::default() });
    }
}

const CASES: &[Case] = &[
    (
        "no secret of CRM",
        |world| world.instance.host.memory().delete_secret(&World::tenant(HARBOUR), "crm"),
        &[("crm", "secret", "has no secret for crm")],
    ),
    (
        "a secret of another shape",
        |world| world.instance.host.memory().put_secret(&World::tenant(HARBOUR), "sharepoint", &json!({ "user": "u" })),
        &[("sharepoint", "secret", "is not of the expected shape")],
    ),
    (
        "an address that is not called",
        |world| secret(world, "crm", |it| it["discovery"] = "https://169.254.169.254/".into()),
        &[("crm", "address", "the address is not called")],
    ),
    (
        "nobody listens there",
        |world| secret(world, "sharepoint", |it| it["parent"] = "http://127.0.0.1:9/sites/harbour".into()),
        &[("sharepoint", "connection", "no connection can be made")],
    ),
    (
        "both are down",
        |world| {
            world.break_down(Service::Crm, Fault::Refuse);
            world.break_down(Service::SharePoint, Fault::Refuse);
        },
        &[("crm", "connection", "no connection"), ("sharepoint", "connection", "no connection")],
    ),
    (
        "CRM is busy",
        |world| world.break_down(Service::Crm, Fault::Throttle { status: 503, retry_after: Some(60) }),
        &[("crm", "connection", "unavailable")],
    ),
    (
        "a gateway's sign-in page",
        |world| world.break_down(Service::SharePoint, Fault::Html),
        &[("sharepoint", "sign-in", "the sign-in is refused")],
    ),
    (
        "wrong passwords",
        |world| {
            secret(world, "crm", |it| it["password"] = "canary-1".into());
            secret(world, "sharepoint", |it| it["sign_in"]["basic"]["password"] = "canary-2".into());
        },
        &[("crm", "sign-in", "sign-in to CRM was refused"), ("sharepoint", "sign-in", "the sign-in is refused")],
    ),
    (
        "another organization",
        |world| secret(world, "crm", |it| it["organization"] = "nowhere".into()),
        &[("crm", "sign-in", "sign-in to CRM was refused")],
    ),
    (
        "the package is not imported",
        |world| organisation(world, |it| it.unpublish("tl_siterequest", None)),
        &[("crm", "entities", "there is no entity tl_siterequest")],
    ),
    (
        "an older package",
        |world| {
            organisation(world, |it| {
                it.unpublish("tl_siterequest", Some("tl_reason"));
                it.unpublish("account", Some("tl_sitelists"));
                it.unpublish("account", Some("tl_siteenabled"));
            });
        },
        &[
            ("crm", "entities", "entity account has no attribute tl_siteenabled"),
            ("crm", "entities", "entity account has no attribute tl_sitelists"),
            ("crm", "entities", "entity tl_siterequest has no attribute tl_reason"),
        ],
    ),
    (
        "a role without some privileges",
        |world| {
            organisation(world, |it| {
                it.withhold("account", Right::Write, false);
                it.withhold("tl_siterequest", Right::Read, false);
                it.withhold("annotation", Right::Create, false);
                it.withhold("team", Right::Read, false);
            });
        },
        &[
            ("crm", "privileges", "prvCreateNote not at all"),
            ("crm", "privileges", "prvReadTeam not at all"),
            ("crm", "privileges", "prvReadtl_siterequest not at all"),
            ("crm", "privileges", "prvWriteAccount not at all"),
        ],
    ),
    (
        "a role for its own records only",
        |world| {
            organisation(world, |it| {
                it.withhold("account", Right::Read, true);
                it.withhold("annotation", Right::Create, true);
            });
        },
        &[("crm", "privileges", "prvReadAccount not for the whole organization")],
    ),
    (
        "no site collection",
        |world| {
            secret(world, "sharepoint", |it| {
                it["parent"] = json!(format!("{}/sites/nowhere", world.instance.addresses.sharepoint));
            });
        },
        &[("sharepoint", "parent web", "there is no web at the parent's address")],
    ),
    (
        "a folder of the parent in place of a web",
        |world| {
            secret(world, "sharepoint", |it| {
                it["parent"] = json!(format!("{}/sites/harbour/Lists", world.instance.addresses.sharepoint));
            });
        },
        &[("sharepoint", "parent web", "there is no web at the parent's address")],
    ),
    (
        "an account that may not make webs",
        |world| demote(world, Some(sandbox::sharepoint::Role::Contribute)),
        &[("sharepoint", "rights", "has not the right \"Create Subsites\"")],
    ),
    (
        "an account without any right",
        |world| demote(world, None),
        &[("sharepoint", "sign-in", "the parent web is closed to the account")],
    ),
    (
        "a service that is switched off",
        |world| {
            world.break_operation(
                Service::SharePoint,
                "UserGroup.GetGroupCollectionFromWeb",
                Fault::Error { code: "0x80070005".to_owned() },
            );
        },
        &[("sharepoint", "services", "UserGroup.asmx of the parent web refuses to answer")],
    ),
    (
        "another page in place of the one that makes webs",
        |world| {
            let body = "<html><body><form id='aspnetForm'><input name='x'></form></body></html>".to_owned();
            world.break_operation(Service::SharePoint, "GET newsbweb.aspx", Fault::Answer { body });
        },
        &[("sharepoint", "page that makes webs", "has no LbWebTemplate")],
    ),
    (
        "a site definition that is not offered",
        |world| {
            let body = "<html><body><form id='aspnetForm'><select name='a$LbWebTemplate'><option value='STS#0'>Team\
                        </option></select></form></body></html>";
            world.break_operation(Service::SharePoint, "GET newsbweb.aspx", Fault::Answer { body: body.to_owned() });
        },
        &[("sharepoint", "page that makes webs", "does not offer the site definition STS#1")],
    ),
];

/// One thing is taken away, and exactly that is told; the other connection is looked at all the same.
#[tokio::test(start_paused = true)]
async fn what_is_taken_away_is_what_the_check_misses() {
    for (name, take_away, expected) in CASES {
        let world = World::start().await;
        take_away(&world);
        let before = world.everything();
        let report = check(&world, HARBOUR).await;
        assert_eq!(report["ok"], false, "{name}: {report}");
        let found = wrong(&report);
        let is_it = found.len() == expected.len()
            && found
                .iter()
                .zip(*expected)
                .all(|(found, it)| (found.0, found.1) == (it.0, it.1) && found.2.contains(it.2));
        assert!(is_it, "{name}: {found:?}");
        let text = report.to_string();
        assert!(!text.contains("canary") && !text.contains("127.0.0.1"), "{name}: {text}");
        // What depends on a failed stage says so.
        for service in expected.iter().map(|(service, ..)| service) {
            let stages: Vec<&Value> = report["findings"]
                .as_array()
                .expect("a report")
                .iter()
                .filter(|it| it["service"] == *service)
                .collect();
            let failed = stages.iter().position(|it| it["ok"] == false).expect("one failed");
            for later in stages.iter().skip(failed + 1).filter(|it| it["ok"].is_null()) {
                let problem = later["problem"].as_str().unwrap_or_default();
                assert!(problem.starts_with("not looked at: depends on"), "{name}: {later}");
            }
            assert!(stages[..failed].iter().all(|it| it["ok"] != false), "{name}: {report}");
        }
        assert_eq!(world.everything(), before, "{name}");
        // A fault of the service is everybody's; whatever else is taken away is this tenant's alone.
        if world.instance.sandbox.world().faults.switches().is_empty() {
            let other = check(&world, NORTHWIND).await;
            assert_eq!(other["ok"], true, "{name}: {other}");
        }
    }
}

/// What could not be looked at, and why.
fn unseen(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a report").iter().filter(|finding| finding["ok"].is_null());
    findings.map(|it| format!("{} {}: {}", it["service"], it["what"], it["problem"]).replace('"', "")).collect()
}

/// What hides something, how many checks are made, and what the last one has not seen.
type Hidden = (fn(&World), u32, &'static [&'static str]);

/// Nothing is said to be fine that was not looked at.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_looked_at_is_not_said_to_be_fine() {
    let cases: [Hidden; 5] = [
        (
            |world| organisation(world, |it| it.withhold("tl_siterequest", Right::Read, false)),
            1,
            &["crm entities: not looked at: depends on privileges: entity tl_siterequest cannot be read"],
        ),
        (
            |world| demote(world, Some(sandbox::sharepoint::Role::Contribute)),
            1,
            &["sharepoint page that makes webs: not looked at: depends on rights"],
        ),
        (
            |world| {
                let asks = "UserGroup.GetRolesAndPermissionsForCurrentUser";
                world.break_operation(Service::SharePoint, asks, Fault::Error { code: "0x80070005".to_owned() });
            },
            1,
            &["sharepoint rights: not looked at: depends on services"],
        ),
        // Whether the name has an address, nobody can tell.
        (|world| world.break_down(Service::Crm, Fault::Stall), 1, &["crm name: not looked at: nobody answered"]),
        // What the first check heard counts: the second does not call.
        (
            |world| world.break_down(Service::Crm, Fault::Throttle { status: 503, retry_after: Some(600) }),
            2,
            &["crm name: not looked at: nobody answered", "crm connection: not looked at: calling crm"],
        ),
    ];
    for (take_away, checks, expected) in cases {
        let world = World::start().await;
        take_away(&world);
        let mut report = Value::Null;
        for _ in 0..checks {
            report = check(&world, HARBOUR).await;
        }
        assert_eq!(report["ok"], false, "{report}");
        let unseen = unseen(&report);
        for it in expected {
            assert!(unseen.iter().any(|unseen| unseen.starts_with(it)), "{it}: {unseen:?}");
        }
    }
}

/// The same where the function's own time is over first.
#[tokio::test(start_paused = true)]
async fn a_check_whose_time_is_over_says_what_it_has_seen() {
    struct Silent;
    #[async_trait]
    impl Back for Silent {
        async fn send(&self, _: &Call) -> Result<Answer, BackError> {
            std::future::pending().await
        }
    }
    let world = World::start().await;
    let platform = world.instance.host.memory().platform();
    let connections = Arc::new(Connections::new(&platform, Arc::new(Silent), Reach::Loopback));
    let deadline = platform.clock.now() + domain::SignedDuration::from_mins(2);
    let deps = tenancy::Deps { platform, connections };
    let invocation = platform::Invocation { request_id: "r".to_owned(), deadline };
    let report = tenancy::handle(&deps, json!({ "check": { "tenant": HARBOUR } }), invocation).await.expect("a report");
    for service in ["crm", "sharepoint"] {
        let stages = report["findings"].as_array().expect("a report").iter().filter(|it| it["service"] == service);
        let ok: Vec<&Value> = stages.map(|it| &it["ok"]).take(5).collect();
        assert_eq!(ok, [&json!(true), &json!(true), &Value::Null, &json!(false), &Value::Null], "{report}");
    }
}

/// What was repaired is seen at once: a check signs in anew, with the secret that is stored now.
#[tokio::test(start_paused = true)]
async fn a_check_sees_what_is_stored_now_and_not_what_was_kept() {
    let world = World::start().await;
    assert_eq!(check(&world, HARBOUR).await["ok"], true);
    let order = |password: &str| json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "password": password } });
    world.manage(order("wrong")).await;
    let report = check(&world, HARBOUR).await;
    assert_eq!(wrong(&report).first().map(|it| (it.0, it.1)), Some(("crm", "sign-in")), "{report}");
    organisation(&world, |it| it.set_password(seed::user(1), "wrong"));
    let report = check(&world, HARBOUR).await;
    assert_eq!(report["ok"], true, "{report}");
}

/// The password was changed in CRM and SharePoint only: what was got with the old one still works, and says nothing.
#[tokio::test(start_paused = true)]
async fn a_check_does_not_believe_a_ticket_that_is_older_than_itself() {
    for sign_in in ["basic", "forms"] {
        let world = World::start().await;
        if sign_in == "forms" {
            crate::tokens::use_forms(&world);
        }
        world.press(HARBOUR, crate::ANNA, seed::account(1)).await;
        world.drain().await;
        assert_eq!(world.sites(HARBOUR).len(), 1);
        organisation(&world, |it| it.set_password(seed::user(1), "nobody told us"));
        let login = Credentials::of(HARBOUR).login;
        assert!(world.instance.sandbox.world().sharepoint.set_password(&login, "nobody told us"));
        world.instance.sandbox.world().forget_calls();
        let report = check(&world, HARBOUR).await;
        let found: Vec<_> = wrong(&report).iter().map(|it| (it.0, it.1)).collect();
        assert_eq!(found, [("crm", "sign-in"), ("sharepoint", "sign-in")], "{report}");
        for service in [Service::Crm, Service::SharePoint] {
            assert_eq!(world.call_count(service), 1, "one try, {sign_in}");
        }
    }
}

/// What the administrator repaired as told is seen at once, with the secret that was there all the time.
#[tokio::test(start_paused = true)]
async fn a_check_does_not_repeat_a_refusal_that_is_older_than_itself() {
    for sign_in in ["basic", "forms"] {
        let world = World::start().await;
        if sign_in == "forms" {
            crate::tokens::use_forms(&world);
        }
        let of_crm = world.instance.crm_secret(&World::tenant(HARBOUR))["password"].clone();
        let Credentials { login, password } = Credentials::of(HARBOUR);
        let change_crm = |password: &str| {
            organisation(&world, |it| it.set_password(seed::user(1), password));
            world.instance.sandbox.world().crm.expire_tickets();
        };
        let change_sharepoint = |password: &str| {
            assert!(world.instance.sandbox.world().sharepoint.set_password(&login, password));
        };
        let link = world.press(HARBOUR, crate::ANNA, seed::account(1)).await.link();
        change_sharepoint("nobody told us");
        world.drain().await;
        assert_eq!(world.status(&link).await["state"], "waiting", "SharePoint refuses, and that is remembered");
        change_crm("nobody told us");
        let request = world.request(HARBOUR, crate::ANNA, seed::account(5));
        assert_eq!(world.ring(HARBOUR, request).await.status, 503, "and so does CRM");
        change_sharepoint(&password);
        change_crm(of_crm.as_str().expect("a password"));
        let report = check(&world, HARBOUR).await;
        assert_eq!(report["ok"], true, "{sign_in}: {report}");
    }
}

/// The button in CRM rings from CRM's own page.
#[tokio::test]
async fn an_origin_that_was_forgotten_is_told() {
    let world = World::start().await;
    let mut order = world.newcomer("quayside");
    order["origins"] = json!(["https://elsewhere.example"]);
    world.manage(json!({ "add": order })).await;
    let report = check(&world, "quayside").await;
    let found = wrong(&report);
    assert_eq!(found, [("tenant", "origins", "the origin of crm_web is not among the origins")], "{report}");
}
