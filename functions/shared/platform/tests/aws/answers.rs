//! What the AWS back makes of answers that an emulator does not give.
//!
//! The answers are invented after the services' API references: codes and shapes are theirs, texts are not.

use bytes::Bytes;
use platform::{
    BucketError, Key, NewRow, QueueError, SecretError, TableError, TenantId, Timestamp, Write, queue::MAX_DELAY,
};
use serde_json::json;

use crate::scripted::{
    Answer::{self, HangUp, Headed, Silence, Status, Truncated},
    Scripted, cancelled, fault,
};

const REFUSED: &str = "ConditionalCheckFailedException";

fn harbour() -> TenantId {
    "harbour".parse().expect("a tenant id")
}

fn key(sort: &str) -> Key {
    Key::new(&harbour(), sort)
}

async fn insert(answers: impl IntoIterator<Item = Answer>) -> (Result<u64, TableError>, usize) {
    let (service, platform) = Scripted::platform(answers).await;
    let outcome = platform.ledger.insert(NewRow::new(key("NOTE#1"), "text")).await;
    (outcome, service.requests().len())
}

async fn transact(answers: impl IntoIterator<Item = Answer>) -> Result<(), TableError> {
    let (_, platform) = Scripted::platform(answers).await;
    let write = |sort| Write::insert(NewRow::new(key(sort), "text")).expect("the write is well formed");
    platform.ledger.transact(vec![write("A"), write("B"), write("C")]).await
}

/// Cold start: a client that is never used costs no call.
#[tokio::test]
async fn nothing_is_called_before_something_is_asked_for() {
    let (service, platform) = Scripted::platform([]).await;
    platform.queues.queue::<u8>("work");
    assert_eq!(service.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_write_is_a_conflict_and_is_not_repeated() {
    let (outcome, requests) = insert([fault(REFUSED)]).await;
    assert!(matches!(&outcome, Err(TableError::Conflict { key, write: 0 }) if key.sort == "NOTE#1"), "{outcome:?}");
    assert_eq!(requests, 1);
}

/// Reads are throttled as writes are.
#[tokio::test]
async fn a_throttled_table_is_unavailable_to_reads_and_transactions_too() {
    let throttled = || [(); 3].map(|()| fault("ProvisionedThroughputExceededException"));
    let (_, platform) = Scripted::platform(throttled().into_iter().chain(throttled()).chain(throttled())).await;
    let table = &platform.ledger;
    for outcome in [
        table.get::<u8>(&key("A")).await.map(drop),
        table.list::<u8>(&harbour(), "A", None, 10).await.map(drop),
        table.due(Timestamp::UNIX_EPOCH, 1).await.map(drop),
        transact(throttled()).await,
    ] {
        assert!(outcome.as_ref().is_err_and(TableError::is_transient), "{outcome:?}");
    }
}

/// The first attempt may have been done: then the condition fails on its own effect, and a conflict would be a lie.
#[tokio::test]
async fn a_write_that_is_refused_after_a_lost_answer_is_in_doubt() {
    for lost in [HangUp, Silence, Status(500, String::new()), Status(503, String::new())] {
        let (outcome, requests) = insert([lost, fault(REFUSED)]).await;
        assert!(matches!(outcome, Err(TableError::Unavailable(_))), "{outcome:?}");
        assert_eq!(requests, 2);
    }
    let outcome = transact([HangUp, cancelled(&["ConditionalCheckFailed", "None", "None"])]).await;
    assert!(matches!(outcome, Err(TableError::Unavailable(_))), "{outcome:?}");
}

/// A throttled attempt was not done, so the conflict is one.
#[tokio::test]
async fn a_write_that_is_refused_after_throttling_is_a_conflict() {
    let (outcome, requests) = insert([fault("ThrottlingException"), fault(REFUSED)]).await;
    assert!(outcome.as_ref().is_err_and(TableError::is_conflict), "{outcome:?}");
    assert_eq!(requests, 2);
}

/// P9.
#[tokio::test]
async fn a_throttled_call_is_made_three_times_and_is_then_unavailable() {
    for code in ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"] {
        let (outcome, requests) = insert([fault(code), fault(code), fault(code)]).await;
        assert!(matches!(&outcome, Err(TableError::Unavailable(reason)) if reason == code), "{outcome:?}");
        assert_eq!(requests, 3, "{code}");
    }
}

#[tokio::test]
async fn a_cancelled_transaction_names_the_first_write_whose_condition_failed() {
    for (codes, expected) in [
        (["None", "ConditionalCheckFailed", "ConditionalCheckFailed"], 1),
        (["TransactionConflict", "None", "ConditionalCheckFailed"], 2),
    ] {
        let outcome = transact([cancelled(&codes)]).await;
        assert!(matches!(outcome, Err(TableError::Conflict { write, .. }) if write == expected), "{outcome:?}");
    }
}

/// Another transaction at the same rows, or throttling, says nothing about versions: reading again may help.
#[tokio::test]
async fn a_transaction_cancelled_for_another_reason_is_unavailable() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let outcome = transact([cancelled(&["None", code, "None"])]).await;
        let reason = format!("transaction cancelled: {code}");
        assert!(matches!(&outcome, Err(TableError::Unavailable(found)) if *found == reason), "{outcome:?}");
    }
    for codes in [&[][..], &["ConditionalCheckFailed"; 4], &["None"; 3]] {
        let outcome = transact([cancelled(codes)]).await;
        let named = matches!(&outcome, Err(TableError::Conflict { write: 0, .. }));
        assert!(named == (codes.len() == 4) && outcome.is_err(), "{codes:?}: {outcome:?}");
    }
}

/// An answer may repeat what was sent.
#[tokio::test]
async fn no_error_quotes_an_answer() {
    let fault = || fault("AccessDeniedException");
    let (_, platform) = Scripted::platform([fault(), fault(), fault(), fault(), fault()]).await;
    let tenant = harbour();
    let mut errors = Vec::new();
    let mut note = |error: Option<&dyn std::error::Error>| errors.push(format!("{error:?}"));
    note(platform.ledger.get::<u8>(&key("A")).await.err().as_ref().map(|error| error as _));
    note(platform.queues.queue("work").push(&tenant, &1).await.err().as_ref().map(|error| error as _));
    note(platform.staging.put(&tenant, "a", Bytes::new()).await.err().as_ref().map(|error| error as _));
    note(platform.secrets.get::<u8>(&tenant, "crm").await.err().as_ref().map(|error| error as _));
    note(platform.ledger.due(Timestamp::UNIX_EPOCH, 1).await.err().as_ref().map(|error| error as _));
    for error in errors {
        assert!(error.contains("Unavailable") && !error.contains("canary"), "{error}");
        assert!(!error.contains("127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    for answer in [HangUp, Status(200, "{\"Item\":[]}".to_owned()), Status(200, "<html>".to_owned())] {
        let is_lost = matches!(answer, HangUp);
        let more = is_lost.then_some([HangUp, HangUp]).into_iter().flatten();
        let (_, platform) = Scripted::platform([answer].into_iter().chain(more)).await;
        let outcome = platform.ledger.get::<u8>(&key("A")).await;
        assert!(matches!(outcome, Err(TableError::Unavailable(_))), "{outcome:?}");
    }
}

/// Reads see what was written; writes name the version they replace.
#[tokio::test]
async fn reads_are_strong_and_writes_are_conditional() {
    let done = || Status(200, "{}".to_owned());
    let (service, platform) = Scripted::platform([done(), done(), done(), done(), done()]).await;
    let table = &platform.ledger;
    assert_eq!(table.get::<u8>(&key("A")).await.expect("it is answered"), None);
    table.list::<u8>(&harbour(), "A", None, 10).await.expect("it is answered");
    table.insert(NewRow::new(key("A"), &1)).await.expect("it is answered");
    table.replace(&key("A"), 1, NewRow::new(key("A"), &2)).await.expect("it is answered");
    table.delete(&key("A"), 2).await.expect("it is answered");
    let requests = service.requests();
    for (request, part) in requests.iter().zip([
        r#""ConsistentRead":true"#,
        r#""ConsistentRead":true"#,
        r#""ConditionExpression":"attribute_not_exists(pk)""#,
        r#""ExpressionAttributeValues":{":version":{"N":"1"}}"#,
        r#""ExpressionAttributeValues":{":version":{"N":"2"}}"#,
    ]) {
        assert!(request.contains(part), "{part} is not in {request}");
    }
}

/// The tenant is the message group: one tenant's backlog does not hold up another's messages (fair queues).
#[tokio::test]
async fn a_message_carries_its_tenant_as_group_and_its_delay() {
    let (service, platform) = Scripted::platform([Status(200, "{}".to_owned())]).await;
    platform.queues.queue("work").push_after(&harbour(), &1, MAX_DELAY).await.expect("it is answered");
    let requests = service.requests();
    for part in [r#""MessageGroupId":"harbour""#, r#""DelaySeconds":900"#] {
        assert!(requests[0].contains(part), "{}", requests[0]);
    }
}

#[tokio::test]
async fn a_refused_message_says_why() {
    let push = async |answer| {
        let (_, platform) = Scripted::platform([answer]).await;
        platform.queues.queue("work").push(&harbour(), &1).await.expect_err("it is refused")
    };
    for code in ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"] {
        assert!(matches!(push(fault(code)).await, QueueError::NoQueue(name) if name == "work"));
    }
    assert!(matches!(push(fault("InvalidMessageContents")).await, QueueError::BadText(_)));
    let text = "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.";
    let body = json!({ "__type": "com.amazonaws.sqs#InvalidParameterValue", "message": text }).to_string();
    assert!(matches!(push(Status(400, body)).await, QueueError::TooLarge { bytes: 32, .. }));
    assert!(matches!(push(fault("InvalidParameterValue")).await, QueueError::Unavailable { .. }));
}

/// S3's refusal may be of the first attempt's own object.
#[tokio::test]
async fn a_conditional_put_that_is_refused_after_a_lost_answer_is_in_doubt() {
    let put = async |answers: Vec<Answer>| {
        let (_, platform) = Scripted::platform(answers).await;
        platform.staging.put_if_absent(&harbour(), "receipt.json", Bytes::from_static(b"{}")).await
    };
    let refused = || Status(412, "<Error><Code>PreconditionFailed</Code></Error>".to_owned());
    let at_once = || Status(409, "<Error><Code>ConditionalRequestConflict</Code></Error>".to_owned());
    assert!(matches!(put(vec![refused()]).await, Ok(false)));
    assert!(matches!(put(vec![HangUp, refused()]).await, Err(BucketError::Unavailable(_))));
    // Another put of the same name was under way at the same time: neither is settled.
    let outcome = put(vec![at_once(), at_once(), at_once()]).await;
    assert!(matches!(outcome, Err(BucketError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn an_object_that_breaks_off_is_unavailable() {
    let (_, platform) = Scripted::platform([Truncated("half an obj")]).await;
    let outcome = platform.staging.get(&harbour(), "part").await;
    assert!(matches!(outcome, Err(BucketError::Unavailable(_))), "{outcome:?}");
}

/// S3 tells the checksum of what was written.
#[tokio::test]
async fn an_object_that_is_not_what_was_written_is_unavailable() {
    let get = async |header, body| {
        let (_, platform) = Scripted::platform([Headed(header, body)]).await;
        platform.staging.get(&harbour(), "part").await
    };
    // CRC-32 of "123456789" is cbf43926, the algorithm's check value.
    let written = "x-amz-checksum-crc32: y/Q5Jg==";
    assert!(matches!(get(written, "123456789").await, Ok(Some(body)) if body == "123456789"));
    let outcome = get(written, "123456780").await;
    assert!(matches!(outcome, Err(BucketError::Unavailable(_))), "{outcome:?}");
}

/// What may not be read is not missing. A role that may not list the bucket hears this of missing ones, too.
#[tokio::test]
async fn a_missing_object_is_none_and_a_forbidden_one_is_not() {
    let get = async |status, code: &str| {
        let (_, platform) = Scripted::platform([Status(status, format!("<Error><Code>{code}</Code></Error>"))]).await;
        platform.staging.get(&harbour(), "part").await
    };
    assert!(matches!(get(404, "NoSuchKey").await, Ok(None)));
    for (status, code) in [(403, "AccessDenied"), (404, "NoSuchBucket")] {
        let outcome = get(status, code).await;
        assert!(matches!(&outcome, Err(BucketError::Unavailable(reason)) if reason == code), "{outcome:?}");
    }
}

/// The emulator takes parts of any size; S3 takes none below 5 MiB but the last. We send no parts.
#[tokio::test]
async fn an_object_is_put_in_one_piece_whatever_its_size() {
    let (service, platform) = Scripted::platform([Status(200, String::new())]).await;
    let large = Bytes::from(vec![b'x'; 6 << 20]);
    platform.staging.put(&harbour(), "large", large).await.expect("it is answered");
    let requests = service.requests();
    let line = requests[0].lines().next().unwrap_or_default();
    assert!(requests.len() == 1 && line.starts_with("PUT /staging/harbour/large?"), "{line}");
    assert!(!line.contains("partNumber") && !line.contains("uploadId"), "{line}");
}

/// The emulator takes updates whose paths overlap; DynamoDB refuses them. We replace whole rows, and send no updates.
#[tokio::test]
async fn a_row_is_replaced_as_a_whole() {
    let done = || Status(200, "{}".to_owned());
    let (service, platform) = Scripted::platform([done(), done(), done(), done()]).await;
    let table = &platform.ledger;
    table.insert(NewRow::new(key("A"), &1)).await.expect("it is answered");
    table.replace(&key("A"), 1, NewRow::new(key("A"), &2)).await.expect("it is answered");
    table.delete(&key("A"), 2).await.expect("it is answered");
    let write = Write::replace(&key("A"), 1, NewRow::new(key("A"), &2)).expect("the write is well formed");
    table.transact(vec![write]).await.expect("it is answered");
    for (request, operation) in
        service.requests().iter().zip(["PutItem", "PutItem", "DeleteItem", "TransactWriteItems"])
    {
        assert!(request.contains(&format!("DynamoDB_20120810.{operation}")), "{request}");
        assert!(!request.contains("Update"), "{request}");
    }
}

#[tokio::test]
async fn a_secret_without_a_value_is_missing_and_one_that_may_not_be_read_is_unavailable() {
    let get = async |code| {
        let (_, platform) = Scripted::platform([fault(code)]).await;
        platform.secrets.get::<u8>(&harbour(), "crm").await.expect_err("there is none")
    };
    for code in ["ResourceNotFoundException", "InvalidRequestException"] {
        assert!(matches!(get(code).await, SecretError::Missing { .. }), "{code}");
    }
    for code in ["AccessDeniedException", "DecryptionFailure"] {
        assert!(matches!(get(code).await, SecretError::Unavailable(_)), "{code}");
    }
}
