//! Contract §4: every page once, in order, or an error that says what is missing.

use exacttarget::{ExactTargetError, Filter, Pages, operations::Retrieve};

use crate::server::*;

fn row(key: &str) -> String {
    format!(
        r#"<Results xsi:type="OpenEvent"><Client><ID>7</ID></Client><SendID>71</SendID><SubscriberKey>{key}</SubscriberKey>
           <EventDate>2026-01-15T11:05:00</EventDate><EventType>Open</EventType><BatchID>0</BatchID></Results>"#
    )
}

fn opens() -> Retrieve {
    Retrieve::of("OpenEvent", ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"])
        .only(Filter::equals("SendID", 71))
}

async fn keys(pages: &mut Pages<'_>) -> Result<Vec<String>, ExactTargetError> {
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await? {
        let mut events = page.events()?;
        while let Some(event) = events.next_event()? {
            keys.extend(event.subscriber.map(ToOwned::to_owned));
        }
    }
    Ok(keys)
}

/// Each page continues the one before it, by the id of the last answer, and repeats its size: without it the platform
/// falls back to 2,500 rows.
#[tokio::test]
async fn a_page_continues_the_last_one_and_repeats_its_size() {
    let says = [
        retrieved("MoreDataAvailable", "r1", &(row("a") + &row("b"))),
        retrieved("MoreDataAvailable", "r2", &row("c")),
        retrieved("OK", "r3", ""),
    ];
    let world = World::saying(says);
    let platform = world.as_user();
    assert_eq!(keys(&mut platform.pages(opens().in_pages_of(2))).await.unwrap(), ["a", "b", "c"]);
    let asked: Vec<_> =
        world.heard().iter().map(|heard| sent(heard).body.child("RetrieveRequest").unwrap().clone()).collect();
    let continued: Vec<String> = asked.iter().map(|request| request.child_text("ContinueRequest")).collect();
    assert_eq!(continued, ["", "r1", "r2"]);
    for request in &asked {
        assert_eq!(request.child("Options").unwrap().child_text("BatchSize"), "2");
        assert_eq!(request.child_text("ObjectType"), "OpenEvent");
    }
    assert!(asked[0].child("Filter").is_some() && asked[1].child("Filter").is_none());
}

/// What is known by a number or a key is what has it, whatever else comes.
#[tokio::test]
async fn one_object_is_found_by_what_it_is_known_by() {
    let sends = "<Results><ID>70</ID></Results><Results><ID> 71 </ID><Status>Complete</Status></Results>";
    for (says, expected) in [(sends, Some("Complete")), ("<Results><ID>70</ID></Results>", None), ("", None)] {
        let world = World::saying([retrieved("OK", "r", says)]);
        let found = world.as_user().find("Send", "ID", 71, &["Status"]).await.unwrap();
        assert_eq!(found.map(|send| send.child_text("Status")).as_deref(), expected);
        let asked = sent(&world.heard()[0]).body.child("RetrieveRequest").unwrap().clone();
        assert_eq!(texts(&asked, "Properties"), ["ID", "Status"]);
        let filter = asked.child("Filter").unwrap();
        assert_eq!((filter.child_text("Property"), filter.child_text("Value")), ("ID".to_owned(), "71".to_owned()));
    }
}

/// An `Error` on HTTP 200 is never the end of the data.
#[tokio::test]
async fn an_error_status_is_not_an_empty_page() {
    for status in ["Error", "Error: Invalid column name 'x'.", "Anything"] {
        let world = World::saying([retrieved(status, "r1", "")]);
        let error = keys(&mut world.as_user().pages(opens())).await.unwrap_err();
        assert!(matches!(error, ExactTargetError::Failed { .. }), "{status}: {error:?}");
    }
    let unknown =
        "Error: Unable to find a handler for object type: OpenEvents. Object types are case-sensitive, check spelling.";
    let world = World::saying([retrieved(unknown, "r1", "")]);
    let error = keys(&mut world.as_user().pages(opens())).await.unwrap_err();
    assert!(matches!(error, ExactTargetError::UnknownObject { .. }), "{error:?}");
}

/// A property that this account does not have is left out, and told; a property that is all there is, is an error.
#[tokio::test]
async fn a_refused_property_is_left_out_and_told() {
    let refused = "Error: The Request Property(s) BatchID, ListID do not match with the fields of OpenEvent retrieve";
    let world = World::saying([retrieved(refused, "r1", ""), retrieved("OK", "r2", &row("a"))]);
    let platform = world.as_user();
    let mut pages = platform.pages(opens());
    assert_eq!(keys(&mut pages).await.unwrap(), ["a"]);
    assert_eq!(pages.without().iter().collect::<Vec<_>>(), ["BatchID", "ListID"]);
    let second = sent(&world.heard()[1]).body;
    let asked = texts(second.child("RetrieveRequest").unwrap(), "Properties");
    assert_eq!(asked, ["SendID", "SubscriberKey", "EventDate", "EventType"]);

    let world = World::saying([retrieved(
        "Error: The Request Property(s) Foo do not match with the fields of X retrieve",
        "r",
        "",
    )]);
    let platform = world.as_user();
    let error = keys(&mut platform.pages(Retrieve::of("X", ["Foo"]))).await.unwrap_err();
    assert_eq!(error.to_string(), "Retrieve: X has no Foo");
    // A platform that refuses what was not asked for is asked once.
    let world = World::saying([retrieved(refused, "r", "")]);
    let platform = world.as_user();
    assert!(keys(&mut platform.pages(Retrieve::of("OpenEvent", ["SendID"]))).await.is_err());
}

/// A session that ended between two pages is no end: the caller begins anew.
#[tokio::test]
async fn a_session_that_is_lost_is_told() {
    let lost = "Error: The RequestID is not known";
    let world = World::saying([retrieved("MoreDataAvailable", "r1", &row("a")), retrieved(lost, "r2", "")]);
    let error = keys(&mut world.as_user().pages(opens())).await.unwrap_err();
    assert!(matches!(error, ExactTargetError::SessionLost { pages: 1, .. }), "{error:?}");
    assert!(error.is_transient());
}

/// A reply that is cut anywhere is an error, never a short page.
#[tokio::test]
async fn a_cut_reply_is_never_the_end_of_the_data() {
    let (status, kind, whole) = retrieved("OK", "r1", &(row("a") + &row("b")));
    for cut in 0..whole.len() {
        let world = World::saying([(status, kind, whole[..cut].to_owned())]);
        let outcome = keys(&mut world.as_user().pages(opens())).await;
        assert!(outcome.is_err(), "cut at {cut}: {outcome:?}");
    }
}

/// Reads may be repeated at once when an answer is lost on its way.
#[tokio::test(start_paused = true)]
async fn a_gateway_in_trouble_is_asked_again() {
    let world = World::saying([(502, "text/html", String::new()), retrieved("OK", "r1", &row("a"))]);
    assert_eq!(keys(&mut world.as_user().pages(opens())).await.unwrap(), ["a"]);
}

/// A later page is not: whether the platform would give it again, or the one behind it, is documented nowhere.
#[tokio::test(start_paused = true)]
async fn a_later_page_is_asked_for_once() {
    let first = retrieved("MoreDataAvailable", "r1", &row("a"));
    let world = World::saying([first, (502, "text/html", String::new()), retrieved("OK", "r1", &row("c"))]);
    let error = keys(&mut world.as_user().pages(opens())).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(world.actions().len(), 2);
    // Nor where somebody goes through the pages by hand.
    let world = World::saying([(502, "text/html", String::new()), retrieved("OK", "r1", &row("c"))]);
    let later = Retrieve { continues: Some("r1".to_owned()), ..opens() };
    assert!(world.as_user().send(&later).await.is_err());
    assert_eq!(world.actions().len(), 1);
}
