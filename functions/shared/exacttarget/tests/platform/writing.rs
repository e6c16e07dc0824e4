//! Contract §6: what becomes of each object.

use exacttarget::{
    ExactTargetError,
    objects::{Object, Subscriber},
    operations::{Create, Delete, Describe, LogUnsubEvent, Logged, Outcome, Performed, Start, Update},
};

use crate::server::*;

fn subscribers() -> Create {
    let of = |key: &str| Object::from(&Subscriber { key: key.to_owned(), ..Subscriber::default() });
    Create { objects: vec![of("c1"), of("c2")], upsert: false }
}

fn created(overall: &str, second: &str) -> Said {
    reply(&format!(
        "<CreateResponse><Results><StatusCode>OK</StatusCode><StatusMessage>Created.</StatusMessage><OrdinalID>0</OrdinalID>\
         <NewID>88</NewID></Results><Results><StatusCode>Error</StatusCode><StatusMessage>x@y.test is on the list</StatusMessage>\
         <OrdinalID>1</OrdinalID><ErrorCode>{second}</ErrorCode><NewID>0</NewID></Results><RequestID>r</RequestID>\
         <OverallStatus>{overall}</OverallStatus></CreateResponse>"
    ))
}

/// Mixed results are told object by object; the text of the platform, which may name a person, is not kept.
#[tokio::test]
async fn each_object_has_a_result_of_its_own() {
    for overall in ["Has Errors", "Has Error", "Error"] {
        let world = World::saying([created(overall, "12014")]);
        let results = world.as_user().send(&subscribers()).await.unwrap().0;
        let of = |ordinal, is_ok, code, new_id| Outcome { ordinal, is_ok, code, new_id, new_object_id: None };
        let already = Some(Outcome::ALREADY_ON_LIST);
        assert_eq!(results, [of(0, true, None, Some(88)), of(1, false, already, None)]);
    }
}

/// Who may not write at all hears that.
#[tokio::test]
async fn a_call_that_is_refused_as_a_whole_is_an_error() {
    let world = World::saying([created("Error: API Permission Failed.", "0")]);
    let error = world.as_user().send(&subscribers()).await.unwrap_err();
    assert_eq!(error.to_string(), "Create: the user may not use Subscriber");
}

/// EX-11: a start is never repeated by itself, because nothing keeps the platform from sending twice.
#[tokio::test(start_paused = true)]
async fn a_start_whose_answer_is_lost_is_not_repeated() {
    let world = World::saying([(504, "text/html", String::new())]);
    let error = world.as_user().send(&Start(Object::by_key("EmailSendDefinition", "S1"))).await.unwrap_err();
    let ExactTargetError::Call { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.may_have_landed());
    assert_eq!(world.actions(), ["Perform"]);
}

/// The task's number is what a send is tracked by. Recorded replies of other definitions have none; a result that is not
/// OK is no start, whatever the reply says as a whole.
#[tokio::test]
async fn a_start_gives_the_task_where_there_is_one() {
    let performed = |status: &str, task: &str| {
        reply(&format!(
            "<PerformResponseMsg><Results><Result><StatusCode>{status}</StatusCode>{task}</Result></Results>\
             <OverallStatus>OK</OverallStatus><OverallStatusMessage/><RequestID>r</RequestID></PerformResponseMsg>"
        ))
    };
    let task = "<Task><StatusCode>OK</StatusCode><ID>77</ID></Task>";
    for (status, task, expected) in [
        ("OK", task, Some(Some(77))),
        ("OK", "", Some(None)),
        ("OK", "<Task><ID/></Task>", Some(None)),
        ("OK", "<Task><ID>x</ID></Task>", None),
        ("Error", task, None),
    ] {
        let world = World::saying([performed(status, task)]);
        let told = world.as_user().send(&Start(Object::by_key("EmailSendDefinition", "S1"))).await;
        assert_eq!(told.ok(), expected.map(|task| Performed { task }), "{status} {task}");
    }
}

/// EX-32: an opt-out is logged for the mail that it came from; a refusal has its code.
#[tokio::test]
async fn an_opt_out_is_logged_or_refused_with_a_code() {
    let executed = |overall: &str, result: &str| {
        reply(&format!(
            "<ExecuteResponseMsg><OverallStatus>{overall}</OverallStatus><RequestID>r</RequestID><Results>{result}</Results>\
             </ExecuteResponseMsg>"
        ))
    };
    let event = LogUnsubEvent { subscriber: "c1".to_owned(), job: Some(71), ..LogUnsubEvent::default() };
    let says = [
        executed("OK", "<StatusCode>OK</StatusCode><StatusMessage>Event posted</StatusMessage>"),
        executed("Error", "<StatusCode>Error</StatusCode><ErrorCode>12012</ErrorCode>"),
    ];
    let world = World::saying(says);
    let platform = world.as_user();
    assert_eq!(platform.send(&event).await.unwrap(), Logged { is_ok: true, code: None });
    assert_eq!(platform.send(&event).await.unwrap(), Logged { is_ok: false, code: Some(12_012) });
}

/// What is asked for is what this account has.
#[tokio::test]
async fn only_what_can_be_retrieved_is_asked_for() {
    let property = |name: &str, is_retrievable: &str| {
        format!("<Properties><Name>{name}</Name><DataType>String</DataType>{is_retrievable}</Properties>")
    };
    let says = reply(&format!(
        "<DefinitionResponseMsg><ObjectDefinition><ObjectType>BounceEvent</ObjectType>{}{}{}</ObjectDefinition>\
         <RequestID>r</RequestID></DefinitionResponseMsg>",
        property("SendID", "<IsRetrievable>true</IsRetrievable>"),
        property("BounceReason", "<IsRetrievable>false</IsRetrievable>"),
        property("SMTPCode", ""),
    ));
    let world = World::saying([says]);
    let described = world.as_user().send(&Describe("BounceEvent".to_owned())).await.unwrap();
    assert_eq!(described.retrievable(&["SendID", "BounceReason", "SMTPCode", "Nothing"]), ["SendID"]);
}

/// A call that failed as a whole, with HTTP 200 and without results, is no list of nothing.
#[tokio::test]
async fn a_call_that_failed_as_a_whole_is_an_error() {
    for root in ["CreateResponse", "UpdateResponse", "DeleteResponse"] {
        let said = reply(&format!("<{root}><RequestID>r</RequestID><OverallStatus>Error: no</OverallStatus></{root}>"));
        let world = World::saying([said]);
        let platform = world.as_user();
        let objects = vec![Object::by_key("List", "x")];
        let outcome = match root {
            "CreateResponse" => platform.send(&Create { objects, upsert: false }).await,
            "UpdateResponse" => platform.send(&Update { objects, upsert: false }).await,
            _ => platform.send(&Delete { objects }).await,
        };
        assert!(outcome.is_err(), "{root}: {outcome:?}");
    }
}
