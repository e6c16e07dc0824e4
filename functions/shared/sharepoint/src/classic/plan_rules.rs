//! What a 2007 host can make, checked before anything is made.

use soap::Element;

use super::refusal;
use crate::{FieldPlan, ListPlan, SiteError, ViewPlan};

const PLAN: &str = "AddList";

/// Refuses a list that this host would make otherwise than planned, naming the list and the reason.
pub(super) fn check(plan: &ListPlan) -> Result<(), SiteError> {
    let refuse = |why: &str| Err(refusal::unsupported(PLAN, format!("list {}: {why}", plan.title)));
    match address(plan) {
        None => return refuse("its title has characters that an address cannot have"),
        Some(address) if address != plan.url => return refuse(&format!("a 2007 host makes it at {address}")),
        Some(_) => {}
    }
    for view in &plan.views {
        if kind(view).is_none() {
            return refuse(&format!("view {} is not of a type that can be made", view.name));
        }
        if let Some(part) = unsupported_part(&view.caml) {
            return refuse(&format!("view {}: {part} cannot be set", view.name));
        }
    }
    Ok(())
}

/// Templates whose lists lie beside the web's pages; all others lie below `Lists`.
const LIBRARIES: [u32; 5] = [101, 109, 115, 119, 130];

/// Where 2007 makes a list of that title; `None` where it would change the title to get an address.
fn address(plan: &ListPlan) -> Option<String> {
    // KB 905231: not in names of 2003 to 2013; a period neither first nor last nor twice.
    let illegal = |c: char| "~\"#%&*:<>?/\\{|}".contains(c) || c.is_control();
    let title = &plan.title;
    let legal = !title.is_empty() && !title.contains(illegal) && !title.contains("..");
    let trimmed = title.trim_matches([' ', '.']) == title;
    let folder = if LIBRARIES.contains(&plan.template) { "" } else { "Lists/" };
    (legal && trimmed).then(|| format!("{folder}{title}"))
}

/// The type as `AddView` wants it (MS-VIEWSS R99); CAML writes it in capitals.
pub(super) fn kind(view: &ViewPlan) -> Option<&'static str> {
    let wanted = view.caml.attribute("Type").unwrap_or("HTML");
    ["Html", "Grid", "Calendar"].into_iter().find(|kind| kind.eq_ignore_ascii_case(wanted))
}

/// A part of a view that `AddView` has no place for.
fn unsupported_part(view: &Element) -> Option<String> {
    let taken = |part: &&Element| ["Query", "ViewFields", "RowLimit"].contains(&part.local());
    let part = view.children().filter(|part| !taken(part)).find(|part| !part.nodes().is_empty());
    let scope = view.attribute("Scope").filter(|scope| !scope.is_empty());
    part.map(|part| part.local().to_owned()).or(scope.map(|_| "Scope".to_owned()))
}

/// The title that people see.
pub(super) fn title(field: &FieldPlan) -> &str {
    field.caml.attribute("DisplayName").unwrap_or(&field.name)
}

/// The title that a field must be made with to get its name: `UpdateList` takes a new field's name from its title,
/// whatever `Name` says, and writes what a name cannot have as `_xHHHH_`. From the behaviour of
/// `SPFieldCollection.AddFieldAsXml`; no document says it of the service.
pub(super) fn title_that_names(name: &str) -> String {
    let mut title = String::new();
    let mut rest = name;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        title.push_str(before);
        let character = escape
            .get(2..6)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()) && escape[6..].starts_with('_'))
            .and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).ok()?));
        if let Some(character) = character {
            title.push(character);
            rest = &escape[7..];
        } else {
            title.push_str("_x");
            rest = &escape[2..];
        }
    }
    title + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ListSettings;

    fn plan(title: &str, template: u32, url: &str) -> ListPlan {
        ListPlan {
            title: title.to_owned(),
            description: String::new(),
            template,
            url: url.to_owned(),
            settings: ListSettings::default(),
            fields: Vec::new(),
            views: Vec::new(),
        }
    }

    #[test]
    fn a_list_lies_where_its_title_says() {
        assert!(check(&plan("Contracts", 101, "Contracts")).is_ok());
        assert!(check(&plan("General Information", 100, "Lists/General Information")).is_ok());
        for bad in [
            plan("Contracts", 101, "Lists/Contracts"),
            plan("General Information", 100, "Lists/GeneralInformation"),
            plan("R&D", 100, "Lists/R&D"),
            plan("Tasks.", 107, "Lists/Tasks."),
        ] {
            let error = check(&bad).unwrap_err();
            let SiteError::Refused { message, .. } = error else { panic!("{error}") };
            assert!(message.contains(&bad.title), "{message}");
        }
    }

    #[test]
    fn what_a_view_cannot_carry_is_refused_by_name() {
        let with = |caml: Element| {
            let view = ViewPlan { name: "Open".to_owned(), caml };
            check(&ListPlan { views: vec![view], ..plan("Tasks", 107, "Lists/Tasks") })
        };
        let view = || Element::new("", "View").with_attribute("Type", "HTML");
        assert!(with(view().with(Element::new("", "Aggregations"))).is_ok());
        assert!(with(view().with(Element::new("", "Aggregations").with_text("x"))).is_err());
        assert!(with(view().with_attribute("Scope", "Recursive")).is_err());
        assert!(with(view().with_attribute("Type", "GANTT")).is_err());
    }

    #[test]
    fn escapes_in_a_name_are_characters_of_the_title() {
        assert_eq!(title_that_names("Due_x0020_on"), "Due on");
        assert_eq!(title_that_names("ContractStatus"), "ContractStatus");
        assert_eq!(title_that_names("_xZZZZ_a_x00_x0020_"), "_xZZZZ_a_x00 ");
        assert_eq!(title_that_names("_x"), "_x");
    }

    proptest! {
        #[test]
        fn any_name_has_a_title(name in "(_x[0-9a-g]{0,5}_?|\\PC){0,8}") {
            let title = title_that_names(&name);
            prop_assert!(title.len() <= name.len());
        }
    }
}
