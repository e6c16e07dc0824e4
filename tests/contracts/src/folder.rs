//! Where the contracts lie.

use std::{fs, path::PathBuf};

/// A folder of the contracts, beside the checkout. Where there are none, that is said and the answer is `None`; under
/// `CI=true` it is a failure.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub fn folder(name: &str) -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").exists())?;
    let found = root.join("../shared/contracts").join(name);
    if found.is_dir() {
        return Some(found);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts must be there in CI");
    eprintln!("skipped: no contracts at ../shared/contracts/{name}");
    None
}

/// The names of the files in a folder of the contracts, and below it, in order.
pub fn files(name: &str) -> Vec<String> {
    let Some(start) = folder(name) else { return Vec::new() };
    let mut names = Vec::new();
    let mut open = vec![start.clone()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder of the contracts") {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(below) = path.strip_prefix(&start) {
                names.push(below.to_string_lossy().into_owned());
            }
        }
    }
    names.sort();
    names
}
