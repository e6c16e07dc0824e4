//! Site templates: one that is taken gives a plan within limits, the same every time, that can be written.
#![no_main]

use fuzz::canary;
use libfuzzer_sys::fuzz_target;
use provisioning::template::{Parameters, Template};
use sharepoint::ListPlan;
use soap::{Limits, parse};

fuzz_target!(|document: &[u8]| {
    let Ok(template) = Template::read(document) else { return };
    // Values that look like tokens and markup: they are neither.
    let given = Parameters::new("Harbour {sitename} & <Söhne>", "harbour-8a3f".parse().expect("a web name"))
        .with("RecordId", "8a3f21c0-0000-4000-8000-000000000001")
        .with("RecordUrl", "https://crm.example/?id={8A3F21C0}&x={parameter:RecordId}")
        .with("AccountName", "{parameter:RecordId} ]]> \"'&<script>")
        .with("OwnerName", "");
    let plan = template.plan(&given);
    assert_eq!(plan, template.plan(&given));
    let Ok(plan) = plan else { return };
    canary!(plan.pages.iter().flat_map(|page| &page.parts).any(|part| part.order != 0));
    assert!(matches!(plan.groups.len(), 3..=23) && plan.groups.iter().all(|group| group.name.chars().count() <= 255));
    assert!(plan.lists.len() <= 50 && plan.lists.iter().all(is_within_limits));
    assert!(plan.rows.iter().map(|(_, rows)| rows.len()).sum::<usize>() <= 1_000);
    for (title, _) in &plan.rows {
        assert!(plan.lists.iter().any(|list| list.title == *title), "rows of a list that is not planned");
    }
    for part in plan.pages.iter().flat_map(|page| &page.parts) {
        let read = parse(part.xml.as_bytes(), Limits::default()).expect("a part is a document");
        assert!(!read.child_text("Content").contains("<script>"), "a value became markup");
    }
});

fn is_within_limits(list: &ListPlan) -> bool {
    list.fields.len() <= 100 && list.views.len() <= 50
}
