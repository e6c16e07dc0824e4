//! The built functions as SAM deploys them, on the emulator of AWS: every way that work takes, and what it costs in
//! requests to AWS. What the functions asked for is left in `.tools/aws-calls.jsonl`.

mod operate;
mod sends;
mod stage;
mod work;

use std::time::Instant;

use localhost::{
    AwsCall,
    story::{Chapter, Teller},
};
use stage::{NORTHWIND, account, counted, on_the_cloud, press, until_quiet, until_site_is};

struct Nobody;

impl Teller for Nobody {
    fn say(&self, _: &str) {}
    fn progress(&self, _: u64, _: u64, _: &str) {}
}

/// ST-01, ST-39, EX-01: what runs in the sandbox is what deploys.
#[test]
fn the_chapters_hold_on_the_deployed_functions() {
    on_the_cloud(async |cloud| {
        for chapter in [Chapter::Site, Chapter::Send] {
            let told = chapter.tell(cloud, &Nobody, Some(100)).await.expect("it holds");
            assert!(told.ok, "{:?}", told.facts);
        }
    });
}

/// What a press and a site ask of AWS, when the functions are warm: each request costs money and time.
///
/// A press: the settings, the CRM's budget and the record's row are read; the row and its link are written in one
/// transaction; one message. A site: its row is read, the lease is taken (read and written), the row is read again under
/// it, then the settings and the budget of each service, and both of these again every two seconds that it takes; one
/// transaction starts the work, one records each step and the end, each guarded by the lease; the lease is given back. A
/// cold process also fetches each secret once.
#[test]
fn a_press_and_a_site_ask_of_aws_no_more_than_they_need() {
    on_the_cloud(async |cloud| {
        let (warm, counted_one) =
            (account(cloud, NORTHWIND, "Alpine Ski House"), account(cloud, NORTHWIND, "Ísland hf."));
        let mut started = Instant::now();
        for site in [warm, counted_one] {
            cloud.recorder.forget();
            started = Instant::now();
            press(cloud, NORTHWIND, r"NORTHWIND\adam.able", site).await;
            until_site_is(cloud, NORTHWIND, site, "ready").await;
            until_quiet(cloud, "build-site").await;
        }
        let calls: Vec<AwsCall> = cloud.recorder.calls();
        insta::assert_snapshot!("press", counted(&calls, "request-site"));
        let (reads, others): (Vec<AwsCall>, Vec<AwsCall>) = calls
            .into_iter()
            .filter(|call| call.function == "build-site")
            .partition(|call| call.operation == "GetItem");
        insta::assert_snapshot!("site", counted(&others, "build-site"));
        let again = 4 * usize::try_from(started.elapsed().as_secs() / 2 + 1).expect("seconds");
        assert!((6..=6 + again).contains(&reads.len()), "{} reads of the ledger", reads.len());
    });
}

/// ST-10: also where a hundred presses meet in several processes of a function.
#[test]
fn many_presses_at_once_make_one_site() {
    on_the_cloud(async |cloud| {
        let record = account(cloud, NORTHWIND, "Coho Vineyard & Winery");
        let presses = (0..12).map(|_| press(cloud, NORTHWIND, r"NORTHWIND\beata.nowak", record));
        futures_util::future::join_all(presses).await;
        let row = until_site_is(cloud, NORTHWIND, record, "ready").await;
        let url = row.value["state"]["url"].as_str().expect("it is ready").to_owned();
        let world = cloud.sandbox.world();
        let webs = world.sharepoint.webs().filter(|web| url.ends_with(&web.path.replace(' ', "%20"))).count();
        assert_eq!(webs, 1);
    });
}
