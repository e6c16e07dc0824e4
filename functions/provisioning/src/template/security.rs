//! Groups of a site and what they may do.

use std::collections::BTreeMap;

use sharepoint::{GroupPlan, Role, RoleGrant};
use soap::Element;

use super::{
    error::{Reason, TemplateError, line_of},
    fill::{GroupNames, is_in_group_names},
    shape::flag,
};

/// SharePoint's limit for the name of a group.
const GROUP_NAME_CHARACTERS: usize = 255;

/// The groups of a filled template: owners, members and visitors first, then its own in their order.
pub(super) fn groups(template: &Element, names: &GroupNames) -> Result<Vec<GroupPlan>, TemplateError> {
    let security = template.child("Security");
    let permissions = security.and_then(|security| security.child("Permissions"));
    let assignments = permissions.and_then(|permissions| permissions.child("RoleAssignments"));
    let mut roles = BTreeMap::new();
    for element in assignments.into_iter().flat_map(Element::children) {
        let (principal, role) = assignment(element)?;
        if let Some((_, first)) = roles.insert(principal, (role, element)) {
            return Err(TemplateError::at(element, Reason::Duplicate { what: "the Principal", first: line_of(first) }));
        }
    }
    let standard = [
        (&names.owners, "Who may do everything with this site", Role::FullControl),
        (&names.members, "Who works with this site", Role::Contribute),
        (&names.visitors, "Who may read this site", Role::Read),
    ];
    let mut groups = Vec::new();
    for (name, description, role) in standard {
        let role = roles.remove(name.as_str()).map_or(role, |(role, _)| role);
        groups.push(GroupPlan { name: name.clone(), description: description.to_owned(), role });
    }
    let mut lines = BTreeMap::new();
    let own = security.and_then(|security| security.child("SiteGroups"));
    for element in own.into_iter().flat_map(Element::children) {
        let name = group_name(element, names)?;
        if groups[..3].iter().any(|group| group.name.eq_ignore_ascii_case(name)) {
            let expected = "another than those of the owners, members and visitors";
            return Err(TemplateError::invalid(element, "Title", expected));
        }
        if let Some(first) = lines.insert(name.to_lowercase(), line_of(element)) {
            return Err(TemplateError::at(element, Reason::Duplicate { what: "the Title", first }));
        }
        let (role, _) =
            roles.remove(name).ok_or_else(|| TemplateError::missing(element, "a RoleAssignment for this group"))?;
        let description = element.attribute("Description").unwrap_or_default().to_owned();
        groups.push(GroupPlan { name: name.to_owned(), description, role });
    }
    match roles.into_values().map(|(_, element)| element).min_by_key(|element| line_of(element)) {
        Some(stranger) => Err(unknown_principal(stranger)),
        None => Ok(groups),
    }
}

/// The roles on a list of a filled template; empty if it has those of the site.
pub(super) fn grants(list: &Element, groups: &[GroupPlan]) -> Result<Vec<RoleGrant>, TemplateError> {
    let Some(broken) = list.child("Security").and_then(|security| security.child("BreakRoleInheritance")) else {
        return Ok(Vec::new());
    };
    let mut grants: Vec<RoleGrant> = Vec::new();
    let mut lines = BTreeMap::new();
    for element in broken.children() {
        let (principal, role) = assignment(element)?;
        if !groups.iter().any(|group| group.name == principal) {
            return Err(unknown_principal(element));
        }
        if let Some(first) = lines.insert(principal, line_of(element)) {
            return Err(TemplateError::at(element, Reason::Duplicate { what: "the Principal", first }));
        }
        grants.push(RoleGrant { group: principal.to_owned(), role });
    }
    // Nothing is ever removed from a list, so "only these" can be promised only when these are all.
    let only_these = broken.attribute("CopyRoleAssignments").and_then(flag) == Some(false);
    if only_these && grants.len() < groups.len() {
        let expected = "true, unless every group of the site is given a role here";
        return Err(TemplateError::invalid(broken, "CopyRoleAssignments", expected));
    }
    Ok(grants)
}

fn assignment(element: &Element) -> Result<(&str, Role), TemplateError> {
    let role = match element.attribute("RoleDefinition").unwrap_or_default() {
        "Full Control" => Role::FullControl,
        "Contribute" => Role::Contribute,
        "Read" => Role::Read,
        _ => {
            let instead = "use {roledefinition:Administrator}, {roledefinition:Contributor} or {roledefinition:Reader}";
            let name = "RoleDefinition".to_owned();
            return Err(TemplateError::at(element, Reason::UnsupportedValue { name, instead }));
        }
    };
    Ok((element.attribute("Principal").unwrap_or_default(), role))
}

fn unknown_principal(element: &Element) -> TemplateError {
    let expected = "a group of the site, such as {associatedmembergroup}; people come from the record in CRM";
    TemplateError::invalid(element, "Principal", expected)
}

/// A group of that name on another site of the collection would be the same group, and let its members in.
fn group_name<'a>(element: &'a Element, names: &GroupNames) -> Result<&'a str, TemplateError> {
    let name = element.attribute("Title").unwrap_or_default();
    if !name.contains(&names.stem) {
        let expected = "a name with {groupsitetitle} in it: all sites of the collection share the names of groups";
        return Err(TemplateError::invalid(element, "Title", expected));
    }
    if !name.chars().all(is_in_group_names) || name.trim() != name || name.chars().count() > GROUP_NAME_CHARACTERS {
        let expected = "at most 255 characters without \" / \\ [ ] : | < > + = ; , ? * ' @";
        return Err(TemplateError::invalid(element, "Title", expected));
    }
    Ok(name)
}
