//! The platform's own trouble (contract §7), and answers that do not arrive.

use exacttarget::{
    ExactTargetError, Released,
    objects::Object,
    operations::{Create, GetSystemStatus, Retrieve, Start},
    was_released,
};
use sandbox::Fault;

use crate::world::{World, send_to};

/// A rate limit, an outage and maintenance ask for patience; a final fault does not; security is told apart from both.
#[tokio::test(start_paused = true)]
async fn faults_are_told_apart() {
    let world = World::new();
    let platform = world.harbour();
    let create = Create { objects: vec![Object::by_key("List", "x")], upsert: false };
    for (code, is_transient) in [("17", true), ("2", true), ("9", true), ("10", true), ("8", false), ("11", false)] {
        world.next("Create", Fault::Error { code: code.to_owned() });
        let error = platform.send(&create).await.unwrap_err();
        assert_eq!(error.is_transient(), is_transient, "{code}: {error:?}");
        assert_eq!(matches!(error, ExactTargetError::Busy { .. }), is_transient, "{code}: {error:?}");
    }
    assert_eq!(world.calls("Create"), 6, "none is repeated by itself");
}

/// Contract §4: a status that begins with *Error* is an error though HTTP says 200, whatever the operation.
#[tokio::test]
async fn a_status_that_is_an_error_is_never_the_end_of_the_data() {
    let texts = [
        "Error: Unable to find a handler for object type: DeliveryProfile. Object types are case-sensitive, check spelling.",
        "Error: Invalid column name 'Nickname'.",
        "Error: API Permission Failed. Object type: Send",
        "Error: The Request Property(s) ID do not match with the fields of Send retrieve",
        "Error",
    ];
    let world = World::new();
    let platform = world.harbour();
    for text in texts {
        world.next("Retrieve", Fault::Error { code: text.to_owned() });
        assert!(platform.send(&Retrieve::of("Send", ["ID"])).await.is_err(), "{text}");
    }
    for operation in ["Create", "Perform"] {
        world.next(operation, Fault::Error { code: "Error: something".to_owned() });
    }
    let objects = vec![Object::by_key("List", "x")];
    assert!(platform.send(&Create { objects, upsert: false }).await.is_err());
    assert!(platform.send(&Start(Object::by_key("ImportDefinition", "x"))).await.is_err());
}

/// What is cut, a sign-in page, and text that is no XML are errors; a read is asked for again by itself.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_none_is_an_error() {
    let world = World::new();
    let platform = world.harbour();
    for fault in [Fault::Truncate, Fault::Html, Fault::Answer { body: "<a>".to_owned() }] {
        world.next("Create", fault.clone());
        let objects = vec![Object::by_key("List", "x")];
        assert!(platform.send(&Create { objects, upsert: false }).await.is_err(), "{fault:?}");
    }
    for fault in [Fault::Refuse, Fault::LoseAnswer] {
        world.next("GetSystemStatus", fault.clone());
        assert!(platform.send(&GetSystemStatus).await.is_ok(), "{fault:?}");
    }
    world.next("GetSystemStatus", Fault::Throttle { status: 503, retry_after: Some(60) });
    let error = platform.send(&GetSystemStatus).await.unwrap_err();
    assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(60));
}

/// A start whose answer is lost did send; it is not repeated, and asking by number of the newest job finds it.
#[tokio::test(start_paused = true)]
async fn a_start_is_never_repeated_by_itself() {
    for (fault, jobs) in [(Fault::LoseAnswer, 1), (Fault::Refuse, 0), (Fault::Truncate, 1), (Fault::Stall, 0)] {
        let world = World::new();
        let platform = world.harbour();
        let people = world.people(&platform, "people", 3).await;
        let objects = vec![Object::from(&send_to("once", &people, &[]))];
        platform.send(&Create { objects, upsert: false }).await.unwrap();
        world.next("Perform", fault.clone());
        let before = world.calls("Perform");
        assert!(platform.send(&Start(Object::by_key("EmailSendDefinition", "once"))).await.is_err(), "{fault:?}");
        assert_eq!(world.calls("Perform"), before + 1, "{fault:?}");
        let started: Vec<u32> = world.account(|account| account.jobs.keys().copied().collect());
        assert_eq!(started.len(), jobs, "{fault:?}");
        if let [job] = started[..] {
            let found = was_released(&platform, "ID", &job.to_string(), None).await;
            assert_eq!(found, Ok(Released::Found(vec![u64::from(job)])));
        }
    }
}
