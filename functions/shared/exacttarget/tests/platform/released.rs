//! EX-11: "was this sent?" is answered by a platform that may not have understood the question.

use exacttarget::{Released, was_released};

use crate::server::*;

fn sends(ids: &[(u64, &str)]) -> Said {
    let row = |(id, key): &(u64, &str)| format!("<Results><ID>{id}</ID><Additional>{key}</Additional></Results>");
    retrieved("OK", "r1", &ids.iter().map(row).collect::<Vec<_>>().concat())
}

/// An empty answer counts only when the same question finds a send that is known to be there.
#[tokio::test]
async fn an_empty_answer_alone_says_nothing() {
    let known = [(70, "before")];
    for (says, known, expected) in [
        (vec![sends(&[(71, "this")])], Some("before"), Released::Found(vec![71])),
        (vec![sends(&[(71, "this"), (72, "this")])], Some("before"), Released::Found(vec![71, 72])),
        (vec![sends(&[]), sends(&known)], Some("before"), Released::NotThere),
        // The filter finds nothing at all.
        (vec![sends(&[]), sends(&[])], Some("before"), Released::CannotTell),
        // There is nothing to compare with.
        (vec![sends(&[])], None, Released::CannotTell),
        (vec![sends(&[])], Some("this"), Released::CannotTell),
        // The filter is not heeded.
        (vec![sends(&[(70, "before")])], Some("before"), Released::CannotTell),
        (vec![sends(&[]), sends(&[(69, "other")])], Some("before"), Released::CannotTell),
    ] {
        let world = World::saying(says);
        let told = was_released(&world.as_user(), "Additional", "this", known).await.unwrap();
        assert_eq!(told, expected);
    }
}

/// No answer is no answer.
#[tokio::test]
async fn a_question_that_fails_is_not_a_no() {
    let busy = || api_fault(17);
    for says in [vec![busy()], vec![sends(&[]), busy()], vec![retrieved("Error: no", "r", "")]] {
        let world = World::saying(says);
        assert!(was_released(&world.as_user(), "Additional", "this", Some("before")).await.is_err());
    }
}
