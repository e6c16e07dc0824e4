//! Principals and what they may do.

use std::collections::BTreeSet;

use domain::{CrmId, RecordRef};
use soap::{Element, Error};

use crate::classic::ns::{CORE, SERVICES};

/// A user or a team.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Principal {
    /// A user.
    User(CrmId),
    /// A team.
    Team(CrmId),
}

/// One right (`AccessRights` of the schema).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Right {
    /// See the record.
    Read,
    /// Change it.
    Write,
    /// Attach it to others.
    Append,
    /// Attach others to it.
    AppendTo,
    /// Make one.
    Create,
    /// Delete it.
    Delete,
    /// Share it.
    Share,
    /// Give it away.
    Assign,
}

/// Several rights. On the wire a list of names with spaces between them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rights(pub BTreeSet<Right>);

impl Principal {
    /// A `SecurityPrincipal` under the name that its place asks for.
    pub(super) fn to_xml(self) -> Element {
        let (id, kind) = match self {
            Self::User(id) => (id, "User"),
            Self::Team(id) => (id, "Team"),
        };
        Element::new(SERVICES, "Principal")
            .with(Element::new(CORE, "PrincipalId").with_text(id.to_string()))
            .with(Element::new(CORE, "Type").with_text(kind))
    }

    pub(super) fn from_xml(element: &Element) -> Result<Self, Error> {
        let id = element.value("PrincipalId")?;
        match element.required("Type")?.text().trim() {
            "User" => Ok(Self::User(id)),
            "Team" => Ok(Self::Team(id)),
            other => Err(Error::unexpected("User or Team", other).under("Type")),
        }
    }
}

impl Rights {
    /// Whether this right is among them.
    pub fn has(&self, right: Right) -> bool {
        self.0.contains(&right)
    }

    pub(super) fn from_xml(element: &Element) -> Result<Self, Error> {
        let right = |name: &str| {
            Ok(match name {
                "ReadAccess" => Right::Read,
                "WriteAccess" => Right::Write,
                "AppendAccess" => Right::Append,
                "AppendToAccess" => Right::AppendTo,
                "CreateAccess" => Right::Create,
                "DeleteAccess" => Right::Delete,
                "ShareAccess" => Right::Share,
                "AssignAccess" => Right::Assign,
                other => return Err(Error::unexpected("an access right of CRM 4.0", other)),
            })
        };
        element.text().split_whitespace().map(right).collect::<Result<_, _>>().map(Self)
    }
}

/// The record that a question about access is for.
pub(super) fn owned_target(record: RecordRef) -> Element {
    Element::new(SERVICES, "Target")
        .with_kind(SERVICES, "TargetOwnedDynamic")
        .with_value("EntityName", record.kind.entity())
        .with_value("EntityId", record.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_a_list_of_names_and_an_unknown_one_is_an_error() {
        let rights = |text: &str| Rights::from_xml(&Element::new(CORE, "AccessMask").with_text(text));
        assert_eq!(rights(" ReadAccess\n WriteAccess ").unwrap().0, BTreeSet::from([Right::Read, Right::Write]));
        assert_eq!(rights("").unwrap(), Rights::default());
        assert!(!rights("AppendToAccess").unwrap().has(Right::Append));
        assert!(rights("ReadAccess,WriteAccess").is_err());
    }
}
