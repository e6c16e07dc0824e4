//! The main job: a press on an account's button makes a site with the right people in it.

use e2e::{HARBOUR, World};
use http::StatusCode;
use sandbox::Service;

const ANNA: &str = r"HARBOUR\anna.berg";
const ACCOUNT: &str = "Harbour & Sons Shipping";

/// ST-01, ST-04, ST-05, ST-06, ST-07: the whole site, as a table.
#[tokio::test]
async fn a_press_makes_the_whole_site() {
    let world = World::start().await;
    let heard = world.press(HARBOUR, ANNA, world.account(HARBOUR, ACCOUNT)).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED);
    world.drain().await;
    assert_eq!(world.status(&heard.link()).await["state"], "ready");
    assert_eq!(world.sites(HARBOUR), ["/sites/harbour/harbour-sons-shipping"]);
    insta::assert_snapshot!(world.web("/sites/harbour/harbour-sons-shipping"));
}

/// What a site costs in calls; a change here is a change of the product.
#[tokio::test]
async fn a_site_costs_no_more_calls_than_it_must() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, world.account(HARBOUR, ACCOUNT)).await;
    world.drain().await;
    let table = |service| {
        let rows = world.calls(service).into_iter().map(|(operation, count)| format!("{count} {operation}"));
        rows.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("calls_to_crm", table(Service::Crm));
    insta::assert_snapshot!("calls_to_sharepoint", table(Service::SharePoint));
}
