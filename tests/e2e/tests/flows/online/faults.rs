//! Every call on the way in, with everything that can go wrong with it: the same site in the end (P1).

use e2e::{LAKESIDE, World};
use sandbox::{Fault, Service, Switch, Times, crm::seed};

use super::{LENA, SITE};

/// How long the world may take to heal.
const HEALED_WITHIN: u32 = 45;

async fn until_ready(world: &World, story: &str) -> String {
    let mut minutes = 0;
    while !world.site(LAKESIDE, seed::account(1)).is_some_and(|site| format!("{:?}", site.state).starts_with("Ready")) {
        assert!(minutes < HEALED_WITHIN, "{story}: not ready after {minutes} minutes");
        world.pass(1).await;
        minutes += 1;
    }
    assert_eq!(world.sites(LAKESIDE), [SITE], "{story}");
    world.web(SITE)
}

/// What a press makes when nothing goes wrong.
async fn golden() -> String {
    let world = World::online().await;
    world.press(LAKESIDE, LENA, seed::account(1)).await;
    world.drain().await;
    until_ready(&world, "nothing goes wrong").await
}

/// What goes wrong once, and whether it is of Live ID's own words.
fn faults() -> [(Fault, bool); 10] {
    [
        (Fault::Refuse, false),
        (Fault::Throttle { status: 503, retry_after: None }, false),
        (Fault::Throttle { status: 429, retry_after: Some(60) }, false),
        (Fault::LoseAnswer, false),
        (Fault::LateEffect { seconds: 20 }, false),
        (Fault::LateEffect { seconds: 90 }, false),
        (Fault::Truncate, false),
        (Fault::Stall, false),
        (Fault::Html, false),
        (Fault::Error { code: "0x80048820".to_owned() }, true),
    ]
}

/// Of the first sign-in, which registers the device, and of the calls of CRM Online that are part of it.
#[tokio::test(start_paused = true)]
async fn each_call_of_a_sign_in_may_fail_once_in_each_way() {
    let golden = golden().await;
    let mut histories = 0;
    for (service, calls) in [(Service::LiveId, 4), (Service::Crm, 2)] {
        for call in 0..calls {
            for (fault, is_live_ids) in faults() {
                // The words of one service are none of the other's, and a registration has words of its own.
                let fault = match (is_live_ids, service, call) {
                    (true, Service::Crm, _) => Fault::Error { code: "0x80044151".to_owned() },
                    (true, _, 1) => Fault::Error { code: "dc11".to_owned() },
                    _ => fault,
                };
                let story = format!("{service:?} call {call}: {fault:?}");
                let world = World::online().await;
                let switch = Switch { service, operation: None, fault, times: Times::Next(1) };
                world.instance.sandbox.world().faults.set_after(call, switch);
                world.press(LAKESIDE, LENA, seed::account(1)).await;
                world.drain().await;
                assert_eq!(until_ready(&world, &story).await, golden, "{story}");
                assert!(world.instance.sandbox.world().faults.switches().is_empty(), "{story}: it was met");
                histories += 1;
            }
        }
    }
    assert_eq!(histories, 60);
}

/// The same for the sign-in that renews a ticket in the middle of a site.
#[tokio::test(start_paused = true)]
async fn each_call_of_a_renewal_may_fail_once_in_each_way() {
    let golden = golden().await;
    for (fault, _) in faults() {
        for operation in ["UserToken", "RetrieveCrmTicket"] {
            let service = if operation == "UserToken" { Service::LiveId } else { Service::Crm };
            let fault = match (&fault, service) {
                (Fault::Error { .. }, Service::Crm) => Fault::Error { code: "0x80044151".to_owned() },
                _ => fault.clone(),
            };
            let story = format!("{operation}: {fault:?}");
            let world = World::online().await;
            world.press(LAKESIDE, LENA, seed::account(1)).await;
            world.instance.sandbox.world().crm.expire_tickets();
            world.next_calls(service, Some(operation), fault, 1);
            world.drain().await;
            assert_eq!(until_ready(&world, &story).await, golden, "{story}");
            assert!(world.instance.sandbox.world().faults.switches().is_empty(), "{story}: it was met");
        }
    }
}
