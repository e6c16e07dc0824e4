//! The contract's own samples, read in place.

use std::path::{Path, PathBuf};

use super::Template;

/// A file of the PnP contract; `None`, said aloud, where the contracts are not at hand.
fn contract(name: &str) -> Option<Vec<u8>> {
    let workspace: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = workspace.join("../shared/contracts/sharepoint/pnp").join(name);
    let read = std::fs::read(path).ok();
    if read.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts must be at hand in CI");
        println!("skipped: no contract file {name}");
    }
    read
}

/// Both samples keep the record in a property bag, which the services of 2007 do not have.
#[test]
fn the_samples_are_refused_for_their_property_bag() {
    for name in ["sample-account-site.xml", "sample-opportunity-site.xml"] {
        let Some(sample) = contract(name) else { return };
        let error = Template::read(&sample).expect_err("the sample has a property bag");
        assert_eq!(
            error.to_string(),
            "site template, line 13: PropertyBagEntry: not supported; the services of SharePoint 2007 have no property \
             bag; put what people should see into DataRows of a list"
        );
    }
}

/// What else the account sample would have to change, in the order in which it is said.
#[test]
fn the_account_sample_is_accepted_once_every_refusal_is_answered() {
    let Some(sample) = contract("sample-account-site.xml") else { return };
    let mut sample = String::from_utf8(sample).expect("the sample is UTF-8");
    let answers = [
        ("line 13: PropertyBagEntry", "<pnp:PropertyBagEntry ", "<!-- "),
        ("line 18: SiteGroup: attribute Owner", " Owner=\"{associatedownergroup}\"", ""),
        ("line 29: View: attribute Url", " Url=\"Contracts/Forms/Pending.aspx\"", ""),
        ("line 18: SiteGroup: Title", "{parameter:AccountName} Sales Team", "{groupsitetitle} Sales Team"),
        ("line 45: ListInstance: Url", "Lists/GeneralInformation", "Lists/General Information"),
        (
            "line 39: BreakRoleInheritance: CopyRoleAssignments",
            "CopyRoleAssignments=\"false\"",
            "CopyRoleAssignments=\"true\"",
        ),
    ];
    let given = super::harbour().with("CrmRecordUrl", "https://crm.example/1").with("CrmRecordId", "1");
    for (refusal, from, to) in answers {
        let error = super::plan_with(&sample, &given).expect_err("the sample is not supported yet").to_string();
        assert!(error.starts_with(&format!("site template, {refusal}")), "{error}");
        sample = sample.replace(from, to);
        if to == "<!-- " {
            sample = sample.replace("Indexed=\"true\"/>", "-->").replace("Overwrite=\"true\"/>", "-->");
        }
    }
    let plan = super::plan_with(&sample, &given).expect("every refusal is answered");
    assert_eq!(plan.lists.len(), 4);
}

/// The full sample shows everything that the schema has, most of it for SharePoint Online.
#[test]
fn the_full_sample_is_refused_at_its_first_foreign_element() {
    let Some(sample) = contract("ProvisioningSchema-2022-09-FullSample-01.xml") else { return };
    let error = Template::read(&sample).expect_err("the sample is for SharePoint Online").to_string();
    assert!(error.starts_with("site template, line ") && error.contains("not supported"), "{error}");
}
