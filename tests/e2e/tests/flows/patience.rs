//! How long trouble is waited out before a person is asked: a day of trying, and only of trying (P7).

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, World};
use http::Method;
use sandbox::{Fault, Service};

use crate::{
    OLGA,
    mid_flow::{assert_refused, half_done},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A day of trying without any step done, then a person is asked.
#[tokio::test(start_paused = true)]
async fn a_day_of_outage_ends_in_a_refusal_with_its_reason() {
    let world = World::start().await;
    let (request, link) = half_done(&world).await;
    world.break_down(Service::SharePoint, Fault::Refuse);
    world.pass(23 * 60).await;
    assert_eq!(world.status(&link).await["state"], "waiting");
    world.pass(70).await;
    let reason = "SharePoint does not answer as it should; given up after a day of trying";
    assert_refused(&world, &link, request, reason).await;
}

/// A site that stopped in the middle, of itself or because SharePoint was away for three minutes.
async fn stopped(world: &World, failed: bool) -> (CrmId, String) {
    let site = half_done(world).await;
    if failed {
        world.break_down(Service::SharePoint, Fault::Refuse);
        world.pass(3).await;
        world.heal();
    }
    site
}

/// The first try after a time without any meets a SharePoint that is down for a moment. That is no day of trying.
async fn assert_patient(world: &World, link: &str) {
    world.break_down(Service::SharePoint, Fault::Refuse);
    world.pass(7).await;
    let status = world.status(link).await;
    assert_eq!(status["state"], "waiting", "{status}");
    world.heal();
    world.pass(7).await;
    assert_eq!(world.status(link).await["state"], "ready");
}

/// A tenant switched off on Friday and on again on Monday.
#[tokio::test(start_paused = true)]
async fn three_days_switched_off_are_no_days_of_trying() {
    for failed in [false, true] {
        let world = World::start().await;
        let (_, link) = stopped(&world, failed).await;
        world.set(HARBOUR, |settings| settings.active = false).await;
        for _ in 0..6 {
            world.wait(DAY / 2);
            world.pass(2).await;
        }
        let status = world.status(&link).await;
        assert_eq!(
            (&status["state"], status["reason"].as_str().map(|it| it.contains("off"))),
            (&"waiting".into(), Some(true))
        );
        world.set(HARBOUR, |settings| settings.active = true).await;
        assert_patient(&world, &link).await;
    }
}

/// An instance whose timers and queues are stopped for two days.
#[tokio::test(start_paused = true)]
async fn two_days_of_a_paused_instance_are_no_days_of_trying() {
    for failed in [false, true] {
        let world = World::start().await;
        let (_, link) = stopped(&world, failed).await;
        world.wait(DAY * 2);
        assert_patient(&world, &link).await;
    }
}

/// A message that stopped every delivery, and that a person gives back on the second day.
#[tokio::test(start_paused = true)]
async fn two_days_until_a_message_is_given_back_are_no_days_of_trying() {
    for failed in [false, true] {
        let world = World::start().await;
        let (_, link) = stopped(&world, failed).await;
        world.wait(SignedDuration::from_mins(5));
        world.instance.host.fire("wake").await;
        for _ in 0..5 {
            assert_eq!(world.instance.host.memory().receive("build-site", 1).len(), 1);
            world.wait(SignedDuration::from_mins(30));
        }
        world.drain().await;
        let issues = world.listed(OLGA, "tenant=harbour").await;
        let id = issues[0]["id"].as_str().expect("an issue's id");
        world.wait(DAY * 2);
        world.break_down(Service::SharePoint, Fault::Refuse);
        let path = format!("/v1/issues/{HARBOUR}/{id}/return");
        world.operate(Method::POST, &path, &world.token(OLGA)).await;
        world.drain().await;
        assert_patient(&world, &link).await;
    }
}
