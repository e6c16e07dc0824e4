//! Contract §5: events as they come, typed.

use exacttarget::{Bounce, BounceKind, Event, EventKind, EventPage};
use proptest::prelude::*;

use crate::server::retrieved;

fn page(results: &str) -> Vec<u8> {
    retrieved("OK", "r1", results).2.into_bytes()
}

/// One of each kind, in the shape of the contract's reconstructions; the values are invented.
#[test]
fn each_kind_of_event_is_read_with_what_it_alone_has() {
    let common = |kind: &str| {
        format!(
            "<PartnerKey xsi:nil='true'/><ObjectID xsi:nil='true'/><SendID>71</SendID><SubscriberKey>c &amp; 1</SubscriberKey>\
             <EventDate>2026-01-15T11:00:07.5</EventDate><EventType>{kind}</EventType><BatchID>3</BatchID>"
        )
    };
    let sent = common("Sent")
        + "<PartnerProperties><Name>SubscriberID</Name><Value>9</Value></PartnerProperties>\
           <PartnerProperties><Name>ListID</Name><Value>12</Value></PartnerProperties>";
    let click = common("Click") + "<URLID>9</URLID><URL>https://x.test/?a=1&amp;b=2</URL><URLIDLong>9001</URLIDLong>";
    let bounce = common("OtherBounce")
        + "<SMTPCode>550</SMTPCode><BounceCategory>Block bounce - Spam</BounceCategory><SMTPReason>no &lt;x&gt;</SMTPReason>\
           <BounceType>immediate</BounceType>";
    let unsubscribe = common("Unsubscribe") + "<IsMasterUnsubscribed>false</IsMasterUnsubscribed>";
    let rows = [sent, common("Open"), click, bounce, unsubscribe, common("ForwardedEmail")];
    let results = rows.map(|row| format!("<Results>{row}</Results>")).concat();
    let page = page(&results);
    let mut events = EventPage::over(&page).unwrap();
    let at = "2026-01-15T17:00:07.5Z".parse().unwrap();
    let of = |kind, list| Event { kind, send: 71, subscriber: Some("c & 1"), at, batch: Some(3), list };
    let bounced = Bounce {
        kind: BounceKind::Block,
        category: "Block bounce - Spam",
        smtp_code: "550",
        smtp_reason: "no <x>",
        is_immediate: true,
    };
    for expected in [
        of(EventKind::Sent, Some(12)),
        of(EventKind::Open, None),
        of(EventKind::Click { url_id: Some(9_001), url: "https://x.test/?a=1&b=2" }, None),
        of(EventKind::Bounce(bounced), None),
        of(EventKind::Unsubscribe { is_master: Some(false) }, None),
        of(EventKind::Other("ForwardedEmail"), None),
    ] {
        assert_eq!(events.next_event().unwrap(), Some(expected));
    }
    assert_eq!(events.next_event().unwrap(), None);
    assert_eq!(events.count(), 6);
}

/// An event that cannot be read names itself, by its place and its field.
#[test]
fn what_is_wrong_is_named_by_row_and_field() {
    let good = "<SendID>71</SendID><EventDate>2026-01-15T11:00:07</EventDate><EventType>Open</EventType>";
    for (bad, said) in [
        (good.replace("<SendID>71</SendID>", ""), "Results[1]/SendID: missing"),
        (good.replace("71", "x"), "Results[1]/SendID: expected a number"),
        (good.replace("2026-01-15T11:00:07", "soon"), "Results[1]/EventDate: expected a time"),
        (good.to_owned() + "<BatchID>-1</BatchID>", "Results[1]/BatchID: expected a number"),
    ] {
        let page = page(&format!("<Results>{good}</Results><Results>{bad}</Results>"));
        let mut events = EventPage::over(&page).unwrap();
        assert!(events.next_event().unwrap().is_some());
        let error = events.next_event().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

proptest! {
    /// Whatever a mail server said, and whoever it said it of, is read to the letter.
    #[test]
    fn texts_are_read_to_the_letter(key in "[ -~åß€]{1,40}", reason in "[ -~\n√]{0,200}") {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let page = page(&format!(
            "<Results><SendID>1</SendID><SubscriberKey>{}</SubscriberKey><EventDate>2026-01-15T11:00:07</EventDate>\
             <EventType>HardBounce</EventType><SMTPReason>{}</SMTPReason></Results>",
            escaped(&key), escaped(&reason)
        ));
        let mut events = EventPage::over(&page).unwrap();
        let event = events.next_event().unwrap().unwrap();
        prop_assert_eq!(event.subscriber, Some(&*key));
        let EventKind::Bounce(bounce) = event.kind else { return Err(TestCaseError::fail("no bounce")) };
        prop_assert_eq!(bounce.smtp_reason, &*reason);
    }
}
