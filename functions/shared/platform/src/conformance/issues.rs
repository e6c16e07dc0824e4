//! What issues promise on any back: they are built on its table, its queues and its bucket.

use domain::TenantId;

use super::{QUEUE, Subject};
use crate::{
    Received,
    issues::{Issue, IssueBody, IssueId, IssueKind, IssueState, Issues, NotedFailure},
    queue::MAX_MESSAGE,
};

/// Checks every promise about issues.
pub async fn check(subject: &dyn Subject) {
    a_message_goes_back_once_and_as_it_was(subject).await;
    an_issue_that_is_opened_twice_keeps_its_first_cause(subject).await;
    issues_are_listed_in_pages(subject).await;
    the_last_failure_is_found(subject).await;
}

fn id(name: &str) -> IssueId {
    name.parse().expect("an issue's id")
}

async fn open(subject: &dyn Subject, tenant: &TenantId, name: &str, cause: &str, body: &str) {
    let issue = Issue {
        queue: QUEUE.to_owned(),
        kind: IssueKind::Parked,
        cause: cause.to_owned(),
        about: None,
        at: subject.platform().clock.now(),
        receive_count: Some(1),
        body: IssueBody::Text(body.to_owned()),
        state: IssueState::Open,
    };
    Issues::of(subject.platform()).open(tenant, name, issue).await.expect("the issue is kept");
}

/// What is in the queue that has this body; it is deleted.
async fn take(subject: &dyn Subject, body: &str) -> Vec<Received> {
    let back = &subject.platform().queues.back;
    let received = back.receive(QUEUE, 10).await.expect("the queue answers");
    let mut taken = Vec::new();
    for message in received.into_iter().filter(|message| message.body == body) {
        back.delete(QUEUE, &message.receipt).await.expect("the queue answers");
        taken.push(message);
    }
    taken
}

/// A body that is too long for a row as well as one that is not.
pub async fn a_message_goes_back_once_and_as_it_was(subject: &dyn Subject) {
    let (tenant, issues) = (subject.tenant(), Issues::of(subject.platform()));
    for (name, body) in
        [("short", format!("of {tenant}")), ("long", format!("{tenant}{}", "x".repeat(MAX_MESSAGE - 100)))]
    {
        open(subject, &tenant, name, "a reason", &body).await;
        let first = issues.give_back(&tenant, &id(name), "anna").await.expect("it goes back");
        assert_eq!(take(subject, &body).await.len(), 1, "{name}");
        let again = issues.give_back(&tenant, &id(name), "ben").await.expect("it went back");
        assert_eq!((take(subject, &body).await.len(), &again), (0, &first), "{name}");
        assert_eq!(issues.find(&tenant, &id(name)).await.expect("the table answers"), Some(first));
        assert!(issues.dismiss(&tenant, &id(name), "ben").await.is_err());
    }
}

/// A message may come once more after it was parked.
pub async fn an_issue_that_is_opened_twice_keeps_its_first_cause(subject: &dyn Subject) {
    let (tenant, issues) = (subject.tenant(), Issues::of(subject.platform()));
    for cause in ["first", "second"] {
        open(subject, &tenant, "twice", cause, "a body").await;
    }
    let issue = issues.find(&tenant, &id("twice")).await.expect("the table answers").expect("it is kept");
    assert_eq!(issue.cause, "first");
    let tenants = issues.tenants(None, 1_000).await.expect("the table answers").items;
    assert!(tenants.contains(&tenant), "its tenant is noted");
}

/// In order, each once, and no other tenant's.
pub async fn issues_are_listed_in_pages(subject: &dyn Subject) {
    let (tenant, issues) = (subject.tenant(), Issues::of(subject.platform()));
    for number in 0..5 {
        open(subject, &tenant, &format!("page-{number}"), "a reason", "a body").await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = issues.list(&tenant, after.as_ref(), 2).await.expect("the table answers");
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|(id, _)| id.to_string()));
        match page.next {
            Some(next) => after = Some(id(&next)),
            None => break,
        }
    }
    assert_eq!(seen, ["page-0", "page-1", "page-2", "page-3", "page-4"]);
}

/// The one of the last delivery, not of the last write.
pub async fn the_last_failure_is_found(subject: &dyn Subject) {
    let (tenant, issues) = (subject.tenant(), Issues::of(subject.platform()));
    assert_eq!(issues.last_failure(&tenant, &id("failed")).await.expect("the table answers"), None);
    let failure = |receive_count| NotedFailure {
        reason: format!("failure {receive_count}"),
        at: subject.platform().clock.now(),
        receive_count,
        about: None,
    };
    for receive_count in [1, 11, 2, 11, 9] {
        issues.note_failure(&tenant, &id("failed"), &failure(receive_count)).await.expect("it is noted");
    }
    let last = issues.last_failure(&tenant, &id("failed")).await.expect("the table answers");
    assert_eq!(last.map(|failure| failure.reason).as_deref(), Some("failure 11"));
}
