//! A bucket as a file location, in memory. That a large object is there whole or not at all on S3 is a promise of `platform`,
//! held on an emulator too.

use bytes::Bytes;
use domain::{TenantId, VirtualClock};
use file_drop::{BucketDrop, DropError, File, FileDrop, Landed};
use platform::memory::Memory;
use std::sync::Arc;

/// A file is there by its name, whole; done again it is found; another one of its name is refused.
#[tokio::test]
async fn a_file_is_put_once() {
    let clock = VirtualClock::at("2026-06-01T08:00:00Z".parse().unwrap());
    let platform = Memory::new(Arc::new(clock), 1).platform();
    let tenant: TenantId = "harbour".parse().unwrap();
    let drop = BucketDrop::new(platform.staging.clone(), tenant.clone(), "Import");
    // More than one part.
    let content = Bytes::from(vec![7; 9 << 20]);
    let file = File::of("people.csv", &content).unwrap();
    assert_eq!(drop.put(&file, &content).await.unwrap(), Landed::Now { from: 0 });
    assert_eq!(drop.put(&file, &content).await.unwrap(), Landed::AlreadyThere);
    assert_eq!(platform.staging.get(&tenant, "Import/people.csv").await.unwrap(), Some(content));
    let other = Bytes::from_static(b"other");
    let error = drop.put(&File::of("people.csv", &other).unwrap(), &other).await.unwrap_err();
    assert!(matches!(error, DropError::Exists), "{error:?}");
    // One whose name begins the same is another.
    assert!(matches!(drop.put(&File::of("people.cs", &other).unwrap(), &other).await, Ok(Landed::Now { .. })));
}
