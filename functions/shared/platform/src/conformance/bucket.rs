//! Promises of the bucket.

use std::io;

use bytes::Bytes;
use domain::TenantId;
use futures_util::{StreamExt as _, future::join_all, stream};

use super::Subject;
use crate::bucket::{Bucket, BucketError};

/// Checks every promise of the bucket.
pub async fn check(subject: &dyn Subject) {
    a_missing_object_is_none(subject).await;
    the_last_put_is_what_is_got(subject).await;
    of_many_conditional_puts_one_wins(subject).await;
    a_large_object_is_there_whole_or_not_at_all(subject).await;
    a_deleted_object_is_gone(subject).await;
    a_list_is_complete_sorted_and_exact(subject).await;
    tenants_do_not_meet(subject).await;
    names_that_read_differently_elsewhere_are_refused(subject).await;
}

fn bucket(subject: &dyn Subject) -> &Bucket {
    &subject.platform().staging
}

async fn get(bucket: &Bucket, tenant: &TenantId, name: &str) -> Option<Bytes> {
    bucket.get(tenant, name).await.expect("a read succeeds")
}

/// What was never written is not there.
pub async fn a_missing_object_is_none(subject: &dyn Subject) {
    assert_eq!(get(bucket(subject), &subject.tenant(), "nothing").await, None);
}

/// Byte for byte, at once.
pub async fn the_last_put_is_what_is_got(subject: &dyn Subject) {
    let (bucket, tenant) = (bucket(subject), subject.tenant());
    for body in [Bytes::new(), Bytes::from_static(b"\x00\xff\r\n"), Bytes::from(vec![7; 100_000])] {
        bucket.put(&tenant, "a/b c/ä+%2F.csv", body.clone()).await.expect("a write succeeds");
        assert_eq!(get(bucket, &tenant, "a/b c/ä+%2F.csv").await, Some(body));
    }
}

/// And what it wrote stays.
pub async fn of_many_conditional_puts_one_wins(subject: &dyn Subject) {
    let (bucket, tenant) = (bucket(subject), subject.tenant());
    let put = |at: u8| bucket.put_if_absent(&tenant, "receipt.json", Bytes::from(vec![at]));
    let won = join_all((0..8).map(put)).await;
    let winners: Vec<u8> = (0..8).filter(|at| matches!(won[usize::from(*at)], Ok(true))).collect();
    assert_eq!(winners.len(), 1, "{won:?}");
    assert_eq!(get(bucket, &tenant, "receipt.json").await, Some(Bytes::from(winners)));
}

/// An object that comes in parts is there with its last one, does not replace another, and is not there if one is missing.
pub async fn a_large_object_is_there_whole_or_not_at_all(subject: &dyn Subject) {
    let (bucket, tenant) = (bucket(subject), subject.tenant());
    let part = |byte: u8, size: usize| Bytes::from(vec![byte; size]);
    let parts = |last: io::Result<Bytes>| stream::iter([Ok(part(1, 5 << 20)), Ok(part(2, 5 << 20)), last]).boxed();
    let broken = bucket.upload_if_absent(&tenant, "large", parts(Err(io::ErrorKind::UnexpectedEof.into()))).await;
    assert!(matches!(broken, Err(BucketError::Content(_))), "{broken:?}");
    assert_eq!(get(bucket, &tenant, "large").await, None);
    assert!(matches!(bucket.upload_if_absent(&tenant, "large", parts(Ok(part(3, 7)))).await, Ok(true)));
    let wanted = [part(1, 5 << 20), part(2, 5 << 20), part(3, 7)].concat();
    assert!(get(bucket, &tenant, "large").await.is_some_and(|found| found == wanted));
    let again = bucket.upload_if_absent(&tenant, "large", parts(Ok(part(4, 9)))).await;
    assert!(matches!(again, Ok(false)), "{again:?}");
    assert!(get(bucket, &tenant, "large").await.is_some_and(|found| found == wanted));
    // What fits into one part, and nothing at all, are objects too.
    for (name, content) in [("small", part(5, 3)), ("nothing", Bytes::new())] {
        let one = stream::iter([Ok(content.clone())]).boxed();
        assert!(matches!(bucket.upload_if_absent(&tenant, name, one).await, Ok(true)));
        assert_eq!(get(bucket, &tenant, name).await, Some(content));
    }
}

/// Deleting nothing is no error, and a conditional put finds the name free.
pub async fn a_deleted_object_is_gone(subject: &dyn Subject) {
    let (bucket, tenant) = (bucket(subject), subject.tenant());
    bucket.put(&tenant, "part", Bytes::from_static(b"1")).await.expect("a write succeeds");
    for _ in 0..2 {
        bucket.delete(&tenant, "part").await.expect("a write succeeds");
        assert_eq!(get(bucket, &tenant, "part").await, None);
    }
    assert!(bucket.put_if_absent(&tenant, "part", Bytes::new()).await.expect("a write succeeds"));
}

/// All pages together are the objects with the prefix, each once, in the order of their bytes, with their sizes.
pub async fn a_list_is_complete_sorted_and_exact(subject: &dyn Subject) {
    let (bucket, tenant) = (bucket(subject), subject.tenant());
    let names: Vec<String> = (0..1005).map(|at| format!("sends/1/part-{at:05}")).collect();
    for name in names.iter().rev().map(String::as_str).chain(["sends/10/part-00000", "sends/1", "other"]) {
        bucket.put(&tenant, name, Bytes::from_static(b"four")).await.expect("a write succeeds");
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = bucket.list(&tenant, "sends/1/", after.as_deref()).await.expect("a read succeeds");
        assert!(page.items.len() <= 1000 && page.items.iter().all(|object| object.size == 4));
        listed.extend(page.items.into_iter().map(|object| object.name));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(listed, names);
    let nothing = bucket.list(&tenant, "sends/2", None).await.expect("a read succeeds");
    assert_eq!((nothing.items, nothing.next), (Vec::new(), None));
}

/// ST-39: equal names of two tenants are two objects, and neither lists the other's.
pub async fn tenants_do_not_meet(subject: &dyn Subject) {
    let (bucket, one, other) = (bucket(subject), subject.tenant(), subject.tenant());
    bucket.put(&one, "part", Bytes::from_static(b"one")).await.expect("a write succeeds");
    assert_eq!(get(bucket, &other, "part").await, None);
    assert_eq!(bucket.list(&other, "", None).await.expect("a read succeeds").items, []);
    bucket.delete(&other, "part").await.expect("a write succeeds");
    assert!(get(bucket, &one, "part").await.is_some());
}

/// Folded by some client or gateway, such a name could be another tenant's.
pub async fn names_that_read_differently_elsewhere_are_refused(subject: &dyn Subject) {
    let (bucket, tenant) = (bucket(subject), subject.tenant());
    let long = "x".repeat(1024);
    for name in ["", "/a", "a/", "a//b", ".", "a/./b", "../other/part", "a\nb", &long] {
        let outcome = bucket.put(&tenant, name, Bytes::new()).await;
        assert!(matches!(outcome, Err(BucketError::BadName(_))), "{name:?}: {outcome:?}");
    }
}
