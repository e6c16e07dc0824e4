//! Groups and roles (ST-04).

use sharepoint::{GroupPlan, Role, RoleGrant};

use super::{assert_refused, document, harbour, plan, plan_with};
use crate::template::Parameters;

fn assigned(groups: &str, assignments: &str) -> String {
    let groups = if groups.is_empty() { String::new() } else { format!("<pnp:SiteGroups>{groups}</pnp:SiteGroups>") };
    document(
        "",
        &format!(
            "<pnp:Security>\n{groups}\n<pnp:Permissions><pnp:RoleAssignments>\n{assignments}\n</pnp:RoleAssignments>\
             </pnp:Permissions>\n</pnp:Security>"
        ),
    )
}

fn granted(copy: &str, assignments: &str) -> String {
    super::list(&format!(
        "<pnp:Security>\n<pnp:BreakRoleInheritance CopyRoleAssignments='{copy}' ClearSubscopes='true'><!--here-->\n\
         {assignments}</pnp:BreakRoleInheritance></pnp:Security>"
    ))
}

const OWNERS: &str = "<pnp:RoleAssignment Principal='{associatedownergroup}' \
                      RoleDefinition='{roledefinition:Administrator}'/>";
const MEMBERS: &str = "<pnp:RoleAssignment Principal='{associatedmembergroup}' \
                       RoleDefinition='{roledefinition:Reader}'/>";
const VISITORS: &str = "<pnp:RoleAssignment Principal='{associatedvisitorgroup}' \
                        RoleDefinition='{roledefinition:Reader}'/>";

fn names_and_roles(groups: &[GroupPlan]) -> Vec<(&str, Role)> {
    groups.iter().map(|group| (group.name.as_str(), group.role)).collect()
}

#[test]
fn the_three_groups_have_their_usual_roles_unless_the_template_says_otherwise() {
    let usual = plan(&document("", ""));
    assert_eq!(
        names_and_roles(&usual.groups),
        [
            ("Harbour & Söhne harbour-8a3f Owners", Role::FullControl),
            ("Harbour & Söhne harbour-8a3f Members", Role::Contribute),
            ("Harbour & Söhne harbour-8a3f Visitors", Role::Read),
        ]
    );
    assert_eq!(usual.people.members, "Harbour & Söhne harbour-8a3f Members");
    assert_eq!(plan(&assigned("", MEMBERS)).groups[1].role, Role::Read);
}

#[test]
fn a_group_of_the_template_gets_the_role_that_it_is_assigned() {
    let group = "<pnp:SiteGroup Title='{groupsitetitle} Lawyers' Description='They read contracts'/>";
    let role = "<pnp:RoleAssignment Principal='{groupsitename} Lawyers' RoleDefinition='Contribute'/>";
    let plan = plan(&assigned(group, role));
    let lawyers = GroupPlan {
        name: "Harbour & Söhne harbour-8a3f Lawyers".to_owned(),
        description: "They read contracts".to_owned(),
        role: Role::Contribute,
    };
    assert_eq!(plan.groups[3..], [lawyers]);
}

#[test]
fn group_names_are_legal_and_unique_whatever_the_title() {
    let title = |title: &str| Parameters::new(title, "a-1".parse().expect("a legal web name"));
    let members = |parameters: &Parameters| {
        plan_with(&document("", ""), parameters).expect("any title gives groups").people.members
    };
    assert_eq!(members(&title("O'Brien / Sons: \"Best\"")), "O Brien Sons Best a-1 Members");
    assert_eq!(members(&title("<>?*")), "a-1 Members");
    assert_eq!(members(&title("مرفأ")), "مرفأ a-1 Members");
    let long = members(&title(&"x".repeat(300)));
    assert!(long.chars().count() < 255 && long.ends_with("x a-1 Members"), "{long}");
}

#[test]
fn a_group_whose_name_other_sites_could_have_is_refused() {
    let role = "<pnp:RoleAssignment Principal='Lawyers' RoleDefinition='Read'/>";
    assert_refused(
        &assigned("\n<pnp:SiteGroup Title='Lawyers'/><!--here-->", role),
        "SiteGroup: Title must be a name with {groupsitetitle} in it: all sites of the collection share the names of groups",
    );
    assert_refused(
        &assigned("<pnp:SiteGroup Title='{groupsitetitle}: x'/><!--here-->", OWNERS),
        "SiteGroup: Title must be at most 255 characters without \" / \\ [ ] : | < > + = ; , ? * ' @",
    );
    assert_refused(
        &assigned("<pnp:SiteGroup Title='{groupsitetitle} Owners'/><!--here-->", OWNERS),
        "SiteGroup: Title must be another than those of the owners, members and visitors",
    );
}

#[test]
fn groups_without_a_role_or_twice_are_refused() {
    let lawyers = "<pnp:SiteGroup Title='{groupsitetitle} Lawyers'/>";
    let role = "<pnp:RoleAssignment Principal='{groupsitetitle} Lawyers' RoleDefinition='Read'/>";
    assert_refused(
        &assigned(&format!("{lawyers}<!--here-->"), OWNERS),
        "SiteGroup: a RoleAssignment for this group is missing",
    );
    assert_refused(
        &assigned(&format!("{lawyers}\n{lawyers}<!--here-->"), role),
        "SiteGroup: the Title is there already, in line 7",
    );
}

#[test]
fn what_cannot_be_said_of_groups_is_refused() {
    assert_refused(
        &assigned("<pnp:SiteGroup Title='{groupsitetitle} L' Owner='{associatedownergroup}'/><!--here-->", OWNERS),
        "SiteGroup: attribute Owner is not supported; leave it out: a group belongs to the account that makes the site",
    );
    assert_refused(
        &assigned("<pnp:SiteGroup Title='{groupsitetitle} L'><pnp:Members/><!--here--></pnp:SiteGroup>", OWNERS),
        "Members: not supported; people come from the record in CRM",
    );
    let attributes = [
        (
            "BreakRoleInheritance='false'",
            "this value of BreakRoleInheritance is not supported; the roles of a site are always its own",
        ),
        (
            "CopyRoleAssignments='true'",
            "this value of CopyRoleAssignments is not supported; the roles of a site are always its own",
        ),
        ("ClearSubscopes='true'", "this value of ClearSubscopes is not supported; only false"),
        (
            "AssociatedMemberGroup='x'",
            "attribute AssociatedMemberGroup is not supported; leave it out: the owners, members and visitors of a site are named after it",
        ),
    ];
    for (attribute, reason) in attributes {
        let security = document("", &format!("<pnp:Security {attribute}/><!--here-->"));
        assert_refused(&security, &format!("Security: {reason}"));
    }
    let additional = document("", "<pnp:Security><pnp:AdditionalOwners/><!--here--></pnp:Security>");
    assert_refused(&additional, "AdditionalOwners: not supported; people come from the record in CRM");
}

#[test]
fn roles_and_principals_that_are_not_known_are_refused() {
    let assignment = |principal: &str, role: &str| {
        assigned("", &format!("<pnp:RoleAssignment Principal='{principal}' RoleDefinition='{role}'/><!--here-->"))
    };
    assert_refused(
        &assignment("{associatedownergroup}", "Design"),
        "RoleAssignment: this value of RoleDefinition is not supported; \
         use {roledefinition:Administrator}, {roledefinition:Contributor} or {roledefinition:Reader}",
    );
    assert_refused(
        &assignment("anna@example.com", "Read"),
        "RoleAssignment: Principal must be a group of the site, such as {associatedmembergroup}; \
         people come from the record in CRM",
    );
    let removed = MEMBERS.replace("/>", " Remove='true'/><!--here-->");
    assert_refused(&assigned("", &removed), "RoleAssignment: this value of Remove is not supported; only false");
    let twice = format!("{MEMBERS}\n{MEMBERS}<!--here-->");
    assert_refused(&assigned("", &twice), "RoleAssignment: the Principal is there already, in line 9");
}

#[test]
fn a_list_gets_roles_of_its_own() {
    let plan = plan(&granted("true", MEMBERS));
    let grant = RoleGrant { group: "Harbour & Söhne harbour-8a3f Members".to_owned(), role: Role::Read };
    assert_eq!(plan.list_grants, [("Facts".to_owned(), vec![grant])]);
}

#[test]
fn roles_of_the_site_cannot_be_kept_off_a_list_by_silence() {
    let all = plan_with(&granted("false", &format!("{OWNERS}{MEMBERS}{VISITORS}")), &harbour());
    assert_eq!(all.map(|plan| plan.list_grants[0].1.len()), Ok(3));
    assert_refused(
        &granted("false", &format!("{OWNERS}{MEMBERS}")),
        "BreakRoleInheritance: CopyRoleAssignments must be true, unless every group of the site is given a role here",
    );
    let stranger = "<pnp:RoleAssignment Principal='Everyone' RoleDefinition='Read'/><!--here-->";
    assert_refused(
        &granted("true", stranger).replacen("<!--here-->", "", 1),
        "RoleAssignment: Principal must be a group of the site, such as {associatedmembergroup}; \
         people come from the record in CRM",
    );
    assert_refused(
        &granted("true", &format!("{MEMBERS}\n{MEMBERS}<!--here-->")).replacen("<!--here-->", "", 1),
        "RoleAssignment: the Principal is there already, in line 10",
    );
}
