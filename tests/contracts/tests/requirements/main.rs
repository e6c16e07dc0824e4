//! The protocol documents' sentences about what a server must do, for the operations that the simulator has: each kept
//! through the front door.
//!
//! A test says in its documentation which sentences it holds, as `MS-LISTSWS R341`; `coverage` reads that, and fails for
//! a sentence that neither a test holds nor a list beside this file gives a reason for.

mod access;
mod copies;
mod coverage;
mod files;
mod items;
mod lists;
mod protocol;
mod schema;
mod updates;
mod views;
mod webs;

use contracts::{SOAP, Site};
use soap::Element;

/// The attributes of the first element of a name, at any depth, read as a list: nothing where there is none.
fn find<'e>(element: &'e Element, local: &str) -> Option<&'e Element> {
    element.children().find_map(|child| if child.is(local) { Some(child) } else { find(child, local) })
}

fn found<'e>(element: &'e Element, local: &str) -> &'e Element {
    find(element, local).unwrap_or_else(|| panic!("no <{local}> in {element:?}"))
}

fn attribute<'e>(element: &'e Element, name: &str) -> &'e str {
    element.attribute(name).unwrap_or_else(|| panic!("no @{name} in {element:?}"))
}

/// An operation on a list.
fn on(operation: &str, list: &str) -> Element {
    contracts::operation(SOAP, operation, &[("listName", list)])
}

/// A parameter that holds an element.
fn holding(local: &str, xml: &str) -> Element {
    Element::new(SOAP, local).with(contracts::xml(xml))
}

/// The web with a library and two lists.
fn with_lists() -> Site {
    let mut site = Site::with_web();
    site.add_list("Contracts", 101);
    site.add_list("Tasks", 107);
    site.add_list("General", 100);
    site
}
