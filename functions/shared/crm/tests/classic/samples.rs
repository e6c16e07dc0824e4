//! The contract's faults, answered to the adapter as they are.

use std::{fs, path::PathBuf};

use crm::{Crm, CrmError};

use crate::{
    records::account,
    server::{Said, World},
};

/// The folder of the samples, beside the checkout; `None` where a checkout stands alone, which is a failure in CI.
#[allow(clippy::print_stdout, reason = "a skipped test must be seen")]
fn samples() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").exists()).unwrap();
    let folder = root.join("../shared/contracts/dynamics/samples/crm4");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts are not there");
    println!("skipped: the contracts are not there");
    None
}

/// Contract §8: what each fault means to whoever asked. A file that is not named here fails.
#[tokio::test]
async fn every_sample_fault_is_told_as_what_it_means() {
    let Some(folder) = samples() else { return };
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("fault-"));
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        // The server of these tests answers what lives as long as the program.
        let text: &'static str = fs::read_to_string(folder.join(&name)).unwrap().leak();
        let world = World::new(move |_| Said::Http(500, vec![("content-type", "text/xml; charset=utf-8")], text));
        let error = world.crm.people(account()).await.unwrap_err();
        let code = text.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
        let told = match &error {
            CrmError::Busy { code: told, .. } => ("busy", told.as_str()),
            CrmError::SignIn { code: told, .. } => ("sign-in", told.as_str()),
            CrmError::Refused { code: told, .. } => ("refused", told.as_str()),
            CrmError::NotFound { .. } => ("not there", code),
            other => panic!("{name}: {other}"),
        };
        let meant = match name.as_str() {
            "fault-duplicate.xml" | "fault-duplicates-found.xml" | "fault-privilege-denied.xml" => "refused",
            "fault-expired-ticket.xml" => "sign-in",
            "fault-generic-sql.xml" | "fault-sql-timeout.xml" => "busy",
            "fault-object-not-found.xml" => "not there",
            other => panic!("{other} is new: say what it means"),
        };
        assert_eq!(told, (meant, code), "{name}");
    }
}
