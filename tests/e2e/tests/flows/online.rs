//! A tenant whose CRM is online: the same product, by another way in (ST-35, ST-41).

mod adapter;
mod checks;
mod faults;
mod sign_in;

use e2e::{LAKESIDE, World};
use http::StatusCode;
use sandbox::{Service, crm::seed};

/// Owns Lakeside's first account.
const LENA: &str = "lena.fischer@lakeside.example";
/// What a press on it makes.
const SITE: &str = "/sites/lakeside/seeblick-klinik-gmbh";

/// ST-01, ST-35, ST-41: a press makes the site, with the people of the record in it.
#[tokio::test(start_paused = true)]
async fn a_press_in_crm_online_makes_the_whole_site() {
    let world = World::online().await;
    let heard = world.press(LAKESIDE, LENA, seed::account(1)).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED);
    world.drain().await;
    assert_eq!(world.status(&heard.link()).await["state"], "ready");
    assert_eq!(world.sites(LAKESIDE), [SITE]);
    let web = world.web(SITE);
    assert!(web.contains("Lena Fischer") && !web.contains("Quentin"), "{web}");
    assert_eq!(world.call_count(Service::SharePoint), 0, "nor is its SharePoint on premise");
    let asked: Vec<_> =
        world.calls(Service::LiveId).into_iter().map(|(name, count)| format!("{count} {name}")).collect();
    assert_eq!(asked, ["1 DeviceAdd", "2 DeviceToken", "1 UserToken"], "the device is new, and then known");
    let other = World::start().await;
    other.press(e2e::HARBOUR, crate::ANNA, seed::account(1)).await;
    other.drain().await;
    assert_eq!(other.call_count(Service::LiveId), 0, "nobody on premise asks Live ID");
}
