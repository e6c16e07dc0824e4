//! Our own template (ST-05 to ST-07).

use super::{Template, harbour};
use crate::template::{ACCOUNT_SITE, SitePlan};

fn account_site() -> SitePlan {
    let template = Template::read(ACCOUNT_SITE).expect("our own template is supported");
    template.plan(&harbour()).expect("all values are given")
}

/// ST-07: four components; ST-06: the places of four information modules.
#[test]
fn the_account_site_has_its_components_and_module_places() {
    let plan = account_site();
    let titles: Vec<&str> = plan.lists.iter().map(|list| list.title.as_str()).collect();
    assert_eq!(titles, ["Contracts", "General Information", "Tasks", "Events"]);
    for module in ["accounts", "contacts", "opportunities", "activities"] {
        let place = format!(
            "class=\"tieline-module\" data-module=\"{module}\" data-record=\"8a3f21c0-0000-4000-8000-000000000001\""
        );
        let holds = |xml: &str| {
            let part = soap::parse(xml.as_bytes(), soap::Limits::default()).expect("a part is a document");
            part.child_text("Content").contains(&place)
        };
        assert!(plan.pages[0].parts.iter().any(|part| holds(&part.xml)), "{module}");
    }
}

#[test]
fn the_account_site_needs_no_owner_name() {
    let template = Template::read(ACCOUNT_SITE).expect("our own template is supported");
    let plan = template.plan(&harbour().with("OwnerName", "")).expect("the owner's name has a default");
    assert_eq!(plan.rows[0].1[2].values["Fact"], "not known");
}

#[test]
fn the_plan_of_the_account_site_stays_as_it_is() {
    insta::assert_debug_snapshot!(account_site());
}
