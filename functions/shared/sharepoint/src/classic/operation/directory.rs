//! What the operations of `UserGroup.asmx` and `Permissions.asmx` have in common.

use soap::{Element, Error};

use super::DIRECTORY;

/// A request about one group.
pub(super) fn about_group(operation: &str, group: &str) -> Element {
    Element::new(DIRECTORY, operation).with_value("groupName", group)
}

/// A request that says what a group may do on a list.
pub(super) fn permission(operation: &str, list: &str, group: &str, mask: i32) -> Element {
    Element::new(DIRECTORY, operation)
        .with_value("objectName", list)
        .with_value("objectType", "list")
        .with_value("permissionIdentifier", group)
        .with_value("permissionType", "group")
        .with_value("permissionMask", mask)
}

/// Reads the answer to an operation: it is wrapped in the result, and that again in the operation's own name.
pub(super) fn answered<T>(
    body: &Element,
    operation: &str,
    read: impl FnOnce(&Element) -> Result<T, Error>,
) -> Result<T, Error> {
    body.within(&*format!("{operation}Result"), |result| result.within(operation, read))
}

/// Reads an answer that is a list: the element that holds it, the element of each part, what is read of each.
pub(super) fn listed<T>(
    body: &Element,
    operation: &str,
    (list, part): (&str, &str),
    read: impl FnMut(&Element) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    answered(body, operation, |found| found.within(list, |list| list.each(part, read)))
}

/// A group of the collection.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Group {
    pub(in crate::classic) name: String,
    /// May be empty.
    pub(in crate::classic) description: String,
}

impl Group {
    pub(super) fn read(group: &Element) -> Result<Self, Error> {
        let description = group.attribute("Description").unwrap_or_default().to_owned();
        Ok(Self { name: group.required_attribute("Name")?.to_owned(), description })
    }
}
