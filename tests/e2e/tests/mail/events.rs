//! Events, page by page (contract §4, §5).

use std::collections::BTreeSet;

use domain::{SignedDuration, Timestamp};
use exacttarget::{EventKind, ExactTarget, ExactTargetError, Filter, operations::Retrieve};
use sandbox::exacttarget::What;

use crate::world::{BEGIN, World};

const SENT: [&str; 6] = ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID", "ListID"];

/// Job, key and time of every row; rows, not events: what comes twice is here twice.
async fn read(platform: &ExactTarget, ask: Retrieve) -> Result<Vec<(u64, String, Timestamp)>, ExactTargetError> {
    let mut rows = Vec::new();
    let mut pages = platform.pages(ask);
    while let Some(page) = pages.next().await? {
        let mut events = page.events()?;
        while let Some(event) = events.next_event()? {
            rows.push((event.send, event.subscriber.unwrap_or_default().to_owned(), event.at));
        }
    }
    Ok(rows)
}

fn all_of(world: &World, is: fn(&What) -> bool) -> BTreeSet<(u64, String, Timestamp)> {
    let now = world.sandbox.now();
    world.account(|account| {
        let events = account.events_by(now).filter(|event| event.at <= now && is(&event.what));
        events.map(|event| (u64::from(event.job), event.key.to_string(), event.at)).collect()
    })
}

/// Two years of events come in pages of 2,500 and none is missing.
#[tokio::test]
async fn two_years_of_events_are_read_page_by_page() {
    let world = World::new();
    let rows = read(&world.harbour(), Retrieve::of("SentEvent", SENT)).await.unwrap();
    let wanted = all_of(&world, |what| *what == What::Sent);
    assert!(rows.len() > 5_000, "{} rows", rows.len());
    assert_eq!(rows.len(), wanted.len());
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), wanted);
    assert_eq!(world.calls("Retrieve"), u64::try_from(wanted.len().div_ceil(2_500)).unwrap());
}

/// A page whose last row comes again on the next one loses nothing, and windows that touch share what is on the seam.
#[tokio::test]
async fn what_comes_twice_at_a_seam_is_the_same_event() {
    let world = World::new();
    world.account(|account| account.quirks.repeats_at_seams = true);
    let platform = world.harbour();
    let wanted = all_of(&world, |what| *what == What::Sent);
    let rows = read(&platform, Retrieve::of("SentEvent", SENT)).await.unwrap();
    assert!(rows.len() > wanted.len());
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), wanted);

    let begin: Timestamp = BEGIN.parse().unwrap();
    let week = SignedDuration::from_hours(168);
    // A seam to the second on the send of a week: the window's ends belong to both.
    let seam = begin - week;
    let window = |from, until| Retrieve::of("SentEvent", SENT).only(Filter::between("EventDate", from, until));
    let before = read(&platform, window(begin - week * 2, seam)).await.unwrap();
    let behind = read(&platform, window(seam, begin)).await.unwrap();
    let (before, behind): (BTreeSet<_>, BTreeSet<_>) = (before.into_iter().collect(), behind.into_iter().collect());
    assert!(before.intersection(&behind).count() >= 1);
    let both: BTreeSet<_> = before.union(&behind).cloned().collect();
    let wanted: BTreeSet<_> = wanted.into_iter().filter(|(.., at)| *at >= begin - week * 2).collect();
    assert_eq!(both, wanted);
}

/// The five kinds of bounces come in the mix of the contract, and each event of the others is what it says.
#[tokio::test]
async fn every_kind_of_event_is_understood() {
    let world = World::new();
    let platform = world.harbour();
    let of = |object: &str, more: &[&str]| Retrieve::of(object, [&SENT[..5], more].concat());
    let asks = [
        of("OpenEvent", &[]),
        of("ClickEvent", &["URL", "URLIDLong"]),
        of("BounceEvent", &["SMTPCode", "BounceCategory", "SMTPReason", "BounceType"]),
        of("UnsubEvent", &["IsMasterUnsubscribed"]),
    ];
    let mut seen = BTreeSet::new();
    for ask in asks {
        let mut pages = platform.pages(ask);
        while let Some(page) = pages.next().await.unwrap() {
            let mut events = page.events().unwrap();
            while let Some(event) = events.next_event().unwrap() {
                seen.insert(match event.kind {
                    EventKind::Open => "open",
                    EventKind::Click { url, url_id: Some(_) } if url.starts_with("https://") => "click",
                    EventKind::Bounce(_) => "bounce",
                    EventKind::Unsubscribe { is_master: Some(false) } => "unsubscribe",
                    other => panic!("{other:?}"),
                });
            }
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["bounce", "click", "open", "unsubscribe"]);
}

/// A property that the account does not have is left out and told, and the rows come.
#[tokio::test]
async fn a_property_that_an_account_lacks_is_left_out() {
    let world = World::new();
    world.account(|account| account.quirks.missing_properties.insert(("OpenEvent".to_owned(), "BatchID".to_owned())));
    let platform = world.harbour();
    let mut pages = platform.pages(Retrieve::of("OpenEvent", [&SENT[..5], &["LinkName"]].concat()));
    assert!(pages.next().await.unwrap().is_some());
    assert_eq!(pages.without().iter().collect::<Vec<_>>(), ["BatchID", "LinkName"]);
}

/// A session that is gone between two pages, and an answer to a later page that is lost, are errors that a new beginning
/// heals; neither is taken for the end, and a later page is never asked for twice.
#[tokio::test(start_paused = true)]
async fn a_page_that_is_lost_is_no_end() {
    let world = World::new();
    let platform = world.harbour();
    let ask = || Retrieve::of("SentEvent", SENT);
    let mut pages = platform.pages(ask());
    pages.next().await.unwrap().unwrap();
    world.sandbox.world().exacttarget.forget_sessions();
    let error = pages.next().await.err().expect("an error");
    assert!(matches!(error, ExactTargetError::SessionLost { pages: 1, .. }) && error.is_transient(), "{error:?}");

    let mut pages = platform.pages(ask());
    pages.next().await.unwrap().unwrap();
    let before = world.calls("Retrieve");
    world.next("Retrieve", sandbox::Fault::LoseAnswer);
    let error = pages.next().await.err().expect("an error");
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(world.calls("Retrieve"), before + 1);
    assert_eq!(read(&platform, ask()).await.unwrap().len(), all_of(&world, |what| *what == What::Sent).len());
}
