//! What changes, breaks and heals while a site is being made (P1, P6, P7; ST-09).

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, World};
use http::StatusCode;
use provisioning::site::Step;
use sandbox::{Fault, Service, crm::seed};

use crate::ANNA;

const SITE: &str = "/sites/harbour/harbour-sons-shipping";
/// The SharePoint call before which stories stop: web, lists and rows are done then.
const MIDDLE: &str = "WebPartPages.AddWebPartToZone";

fn account() -> CrmId {
    seed::account(1)
}

/// A press whose building has stopped in the middle for half a minute: its request and its link.
pub(crate) async fn half_done(world: &World) -> (CrmId, String) {
    world.hold(Service::SharePoint, MIDDLE, 30);
    let request = world.request(HARBOUR, ANNA, account());
    let link = world.ring(HARBOUR, request).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "waiting");
    assert_eq!(world.done(HARBOUR, account()), [Step::Web, Step::Lists, Step::Links]);
    (request, link)
}

pub(crate) async fn assert_refused(world: &World, link: &str, request: CrmId, reason: &str) {
    let status = world.status(link).await;
    assert_eq!((&status["state"], &status["reason"]), (&"refused".into(), &reason.into()), "{status}");
    let answered = world.answered(HARBOUR, request);
    assert_eq!((answered.status, &*answered.reason, &*answered.url), (4, reason, ""));
}

/// Bad input: record deactivated in mid-flow. It goes no further, and the record itself says why, once.
#[tokio::test(start_paused = true)]
async fn a_record_that_is_deactivated_in_mid_flow_gets_no_site() {
    let world = World::start().await;
    let (request, link) = half_done(&world).await;
    world.set_active(HARBOUR, account(), false);
    world.pass(10).await;
    assert_refused(&world, &link, request, "the record was deactivated in CRM").await;
    let note = "The SharePoint site could not be made: the record was deactivated in CRM.";
    assert_eq!(world.notes(HARBOUR, account()), [("No SharePoint site".to_owned(), note.to_owned())]);
    let enabled = world.edit(HARBOUR, "account", account(), |record| record.get("tl_siteurl").cloned());
    assert_eq!(enabled, None, "the record does not point to half a site");
    // Activated again, a press goes on with the same web.
    world.set_active(HARBOUR, account(), true);
    world.press(HARBOUR, ANNA, account()).await;
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(world.sites(HARBOUR), [SITE]);
}

/// Bad input: record deleted in mid-flow. There is no record to write on; the request and the page say it.
#[tokio::test(start_paused = true)]
async fn a_record_that_is_deleted_in_mid_flow_gets_no_site() {
    let world = World::start().await;
    let (request, link) = half_done(&world).await;
    world.delete_account(HARBOUR, account());
    world.pass(10).await;
    assert_refused(&world, &link, request, "the record was deleted in CRM").await;
    let before = world.call_count(Service::SharePoint);
    world.pass(60).await;
    assert_eq!(world.call_count(Service::SharePoint), before, "it goes no further");
}

/// Bad input: record deleted before the building begins: no web is made.
#[tokio::test]
async fn a_record_that_is_deleted_before_the_building_gets_no_web() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    let link = world.ring(HARBOUR, request).await.link();
    world.delete_account(HARBOUR, account());
    world.drain().await;
    assert_refused(&world, &link, request, "the record was deleted in CRM").await;
    assert_eq!((world.sites(HARBOUR), world.call_count(Service::SharePoint)), (Vec::new(), 0));
}

/// Bad input: record renamed in mid-flow: title, address, groups and rows have one name, the first.
#[tokio::test(start_paused = true)]
async fn a_record_that_is_renamed_in_mid_flow_keeps_one_name() {
    let plain = World::start().await;
    plain.press(HARBOUR, ANNA, account()).await;
    plain.drain().await;
    let world = World::start().await;
    let (_, link) = half_done(&world).await;
    world.rename(HARBOUR, account(), "Quite Another Name");
    world.pass(2).await;
    let status = world.status(&link).await;
    assert_eq!((&status["state"], &status["title"]), (&"ready".into(), &"Harbour & Sons Shipping".into()));
    assert_eq!(world.web(SITE), plain.web(SITE));
}

/// P7: CRM down at the press: the caller is told to come back, and the timer does it without them.
#[tokio::test(start_paused = true)]
async fn a_press_while_crm_is_down_is_taken_up_when_it_is_back() {
    for fault in [Fault::Refuse, Fault::Stall, Fault::Truncate, Fault::Throttle { status: 503, retry_after: Some(120) }]
    {
        let world = World::start().await;
        let request = world.request(HARBOUR, ANNA, account());
        world.break_down(Service::Crm, fault.clone());
        let heard = world.ring(HARBOUR, request).await;
        assert_eq!((heard.status, heard.code()), (StatusCode::SERVICE_UNAVAILABLE, "later"), "{fault:?}");
        assert!(heard.headers.contains_key("retry-after"));
        world.pass(20).await;
        assert!(world.everything().1.is_empty());
        world.heal();
        world.pass(5).await;
        assert_eq!(world.answered(HARBOUR, request).status, 3, "{fault:?}");
    }
}

/// P7: a system that goes down in mid-flow is waited for, and the site is the one it would have been.
#[tokio::test(start_paused = true)]
async fn a_site_is_finished_after_an_outage_in_mid_flow() {
    let plain = World::start().await;
    plain.press(HARBOUR, ANNA, account()).await;
    plain.drain().await;
    for service in [Service::Crm, Service::SharePoint] {
        for fault in [Fault::Refuse, Fault::Stall, Fault::Truncate, Fault::LoseAnswer] {
            let world = World::start().await;
            let (request, link) = half_done(&world).await;
            world.break_down(service, fault.clone());
            world.pass(45).await;
            let status = world.status(&link).await;
            assert_eq!(status["state"], "waiting", "{service:?} {fault:?}: {status}");
            let name = if service == Service::Crm { "CRM" } else { "SharePoint" };
            assert_eq!(status["reason"], format!("{name} does not answer as it should"));
            world.heal();
            world.pass(7).await;
            assert_eq!(world.status(&link).await["state"], "ready", "{service:?} {fault:?}");
            assert_eq!(world.web(SITE), plain.web(SITE), "{service:?} {fault:?}");
            assert_eq!(world.answered(HARBOUR, request).status, 3);
        }
    }
}

/// P6: an hour of throttling. No call before the hour is over, no delivery used up, and it goes on by itself.
#[tokio::test(start_paused = true)]
async fn an_hour_of_throttling_is_waited_out_without_a_call() {
    for (service, status) in [(Service::SharePoint, 429), (Service::SharePoint, 503), (Service::Crm, 503)] {
        let world = World::start().await;
        let (_, link) = half_done(&world).await;
        let memory = world.instance.host.memory();
        world.break_down(service, Fault::Throttle { status, retry_after: Some(3_600) });
        world.wait(SignedDuration::from_mins(1));
        world.instance.host.fire("wake").await;
        world.instance.sandbox.world().forget_calls();
        world.drain().await;
        assert_eq!(world.call_count(service), 1, "one call is turned away");
        assert!(memory.messages("build-site").is_empty(), "the message is done with; the row waits");
        let told = world.status(&link).await;
        assert_eq!((&told["state"], &told["until"]), (&"waiting".into(), &"2026-06-01T09:01:00Z".into()), "{told}");
        // A second press does not hurry it: CRM answers the press, the site waits.
        if service == Service::SharePoint {
            world.press(HARBOUR, r"HARBOUR\bjorn.aas", account()).await;
        }
        world.instance.sandbox.world().forget_calls();
        for _ in 0..59 {
            world.wait(SignedDuration::from_mins(1));
            world.instance.host.fire("wake").await;
            world.drain().await;
        }
        assert_eq!(world.call_count(service), 0, "{service:?} is called before its time");
        world.heal();
        world.wait(SignedDuration::from_mins(1));
        world.instance.host.fire("wake").await;
        world.drain().await;
        assert_eq!(world.status(&link).await["state"], "ready");
        assert_eq!(world.issues(HARBOUR), []);
    }
}

/// A9, A6: what comes instead of an answer, and whether it may be better next time.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_answer_is_never_believed() {
    let bomb = {
        let level = |name: char, of: char| format!("<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10));
        let levels: String = ('b'..='i').zip('a'..='h').map(|(name, of)| level(name, of)).collect();
        format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"lol\">{levels}]><x>&i;</x>")
    };
    let file = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><x>&f;</x>".to_owned();
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let large = format!("<a>{}</a>", "x".repeat(70 << 20));
    let half = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><GetLis".to_owned();
    for (what, body, gets_better) in [
        ("bomb", bomb, false),
        ("file", file, false),
        ("deep", deep, false),
        ("large", large, false),
        ("half", half, true),
    ] {
        for (service, operation) in [
            (Service::SharePoint, "UserGroup.GetGroupCollectionFromWeb"),
            (Service::Crm, "RetrieveSharedPrincipalsAndAccess"),
        ] {
            let world = World::start().await;
            world.break_operation(service, operation, Fault::Answer { body: body.clone() });
            let request = world.request(HARBOUR, ANNA, account());
            let link = world.ring(HARBOUR, request).await.link();
            world.drain().await;
            let status = world.status(&link).await;
            assert!(!status.to_string().contains("lol") && !status.to_string().contains("root:"), "{status}");
            assert_eq!(
                status["state"],
                if gets_better { "waiting" } else { "refused" },
                "{what} {operation}: {status}"
            );
            if !gets_better {
                assert_eq!(world.answered(HARBOUR, request).status, 4);
                assert_eq!(world.notes(HARBOUR, account()).len(), 1);
                continue;
            }
            world.heal();
            world.pass(2).await;
            assert_eq!(world.status(&link).await["state"], "ready", "{what} {operation}");
        }
    }
}

/// A refusal that CRM could not be told of is told later; nobody is left with a request that looks accepted.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_when_crm_is_back() {
    let world = World::start().await;
    let (request, link) = half_done(&world).await;
    let refusal = || world.break_operation(Service::SharePoint, MIDDLE, Fault::Error { code: "0x80070005".to_owned() });
    refusal();
    world.break_operation(Service::Crm, "Update", Fault::Refuse);
    world.pass(10).await;
    assert_eq!((&world.status(&link).await["state"], world.answered(HARBOUR, request).status), (&"waiting".into(), 2));
    world.heal();
    refusal();
    world.pass(6).await;
    assert_eq!(world.status(&link).await["state"], "refused");
    assert_eq!(world.answered(HARBOUR, request).status, 4);
    assert_eq!(world.notes(HARBOUR, account()).len(), 1);
}
