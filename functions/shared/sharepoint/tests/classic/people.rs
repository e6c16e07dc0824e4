//! Groups, members and roles on lists.

use sharepoint::{
    GroupPlan, ListRef, Login,
    MemberOutcome::{Member, Unresolved},
    Role, RoleGrant, SiteError, SiteHost,
};

use crate::host::{Group, Host, List, fault, web};

/// The description of a group of the web's own.
const OURS: &str = "d [tieline /sites/harbour/berg]";

fn group(name: &str, role: Role) -> GroupPlan {
    GroupPlan { name: name.to_owned(), description: "d".to_owned(), role }
}

fn person(name: &str) -> Login {
    Login { login: format!("HARBOUR\\{name}"), name: name.to_owned(), email: String::new() }
}

fn known(host: &Host, names: &[&str]) {
    host.world().known.extend(names.iter().map(|name| format!("HARBOUR\\{name}")));
}

/// ST-04
#[tokio::test]
async fn groups_are_made_with_their_roles_and_a_second_time_only_asked_for() {
    let host = Host::default();
    let groups = [group("Berg Owners", Role::FullControl), group("Berg Members", Role::Contribute)];
    host.adapter().ensure_groups(&web(), &groups).await.unwrap();
    assert_eq!(host.asked(), ["GetGroupCollectionFromWeb", "AddGroup", "AddGroupToRole", "AddGroup", "AddGroupToRole"]);
    host.forget();
    host.adapter().ensure_groups(&web(), &groups).await.unwrap();
    let asked = ["GetGroupCollectionFromWeb", "GetRoleCollectionFromGroup", "GetRoleCollectionFromGroup"];
    assert_eq!(host.asked(), asked);
    assert_eq!(host.world().groups["Berg Members"].role.as_deref(), Some("Contribute"));
}

/// P1: a crash between the group and its role.
#[tokio::test]
async fn a_group_that_is_there_without_a_role_gets_it() {
    for code in ["0x81020043", ""] {
        let host = Host::default();
        let ours = Group { description: OURS.to_owned(), ..Group::default() };
        host.world().groups.insert("Berg Members".to_owned(), ours);
        host.instead(
            "AddGroup",
            Ok(fault(code, "The specified name is already in use.\r\n\r\nTry again with a new name.")),
        );
        host.adapter().ensure_groups(&web(), &[group("Berg Members", Role::Read)]).await.unwrap();
        assert_eq!(host.world().groups["Berg Members"].role.as_deref(), Some("Read"));
        assert_eq!(host.asked(), ["GetGroupCollectionFromWeb", "AddGroup", "GetGroupInfo", "AddGroupToRole"]);
    }
}

/// ST-04, "nobody else": names of groups are the collection's, and a role would let another group's members in.
#[tokio::test]
async fn a_group_that_was_not_made_for_this_web_is_never_given_a_role() {
    for description in
        ["", "d", "[tieline /sites/harbour/berg-2]", "[tieline /sites/harbour]", "[tieline /sites/harbour/berg] x"]
    {
        for role in [None, Some("Read".to_owned())] {
            let host = Host::default();
            let members = ["HARBOUR\\stranger".to_owned()].into();
            let theirs = Group { description: description.to_owned(), role: role.clone(), members };
            host.world().groups.insert("Berg Members".to_owned(), theirs);
            let groups = [group("Berg Members", Role::Contribute)];
            let error = host.adapter().ensure_groups(&web(), &groups).await.unwrap_err();
            let SiteError::Refused { code, message, .. } = error else { panic!("{description}: {error}") };
            assert_eq!(code, "not-ours", "{description}");
            assert!(message.contains("Berg Members"), "{message}");
            assert_eq!(host.world().groups["Berg Members"].role, role, "{description}");
        }
    }
}

#[tokio::test]
async fn a_group_says_whose_it_is_however_long_its_description() {
    let host = Host::default();
    let long = GroupPlan { description: "d".repeat(600), ..group("Berg Members", Role::Read) };
    host.adapter().ensure_groups(&web(), std::slice::from_ref(&long)).await.unwrap();
    let description = host.world().groups["Berg Members"].description.clone();
    assert!(
        description.chars().count() == 512 && description.ends_with("d [tieline /sites/harbour/berg]"),
        "{description}"
    );
    host.adapter().ensure_groups(&web(), &[long]).await.unwrap();
}

#[tokio::test]
async fn a_group_whose_name_is_not_legal_is_refused() {
    let host = Host::default();
    host.instead("AddGroup", Ok(fault("0x8102004f", "Special characters are not allowed.")));
    let error = host.adapter().ensure_groups(&web(), &[group("A/B", Role::Read)]).await.unwrap_err();
    assert!(matches!(error, SiteError::Refused { code, .. } if code == "0x8102004f"));
}

/// ST-04: all in one call where everybody is known.
#[tokio::test]
async fn known_people_are_added_in_one_call() {
    let host = Host::default();
    known(&host, &["anna", "bo", "cy"]);
    host.world()
        .groups
        .insert("G".to_owned(), Group { members: ["harbour\\ANNA".to_owned()].into(), ..Group::default() });
    let people = [person("anna"), person("bo"), person("cy"), person("bo")];
    let outcomes = host.adapter().ensure_members(&web(), "G", &people).await.unwrap();
    assert_eq!(outcomes, [const { Member }; 4]);
    assert_eq!(host.asked(), ["GetUserCollectionFromGroup", "AddUserCollectionToGroup"]);
    host.forget();
    host.adapter().ensure_members(&web(), "G", &people).await.unwrap();
    assert_eq!(host.asked(), ["GetUserCollectionFromGroup"]);
}

/// A person who cannot be resolved is listed, not fatal.
#[tokio::test]
async fn an_unknown_person_is_found_out_and_the_others_are_members() {
    let host = Host::default();
    known(&host, &["anna", "bo"]);
    host.world().groups.insert("G".to_owned(), Group::default());
    let nobody = Login { login: String::new(), ..person("x") };
    let people = [person("anna"), person("ghost"), nobody, person("bo")];
    let outcomes = host.adapter().ensure_members(&web(), "G", &people).await.unwrap();
    assert_eq!(outcomes, [Member, Unresolved, Unresolved, Member]);
    assert_eq!(host.world().groups["G"].members.len(), 2);
    let one_by_one = ["AddUserToGroup"; 3];
    assert_eq!(host.asked()[..2], ["GetUserCollectionFromGroup", "AddUserCollectionToGroup"]);
    assert_eq!(host.asked()[2..], one_by_one);
}

/// The code for an unknown person is also that for an unknown group: it must not make everybody unresolved.
#[tokio::test]
async fn an_unknown_group_is_a_refusal_and_not_unknown_people() {
    let error = Host::default().adapter().ensure_members(&web(), "G", &[person("anna")]).await.unwrap_err();
    assert!(matches!(error, SiteError::Refused { operation: "GetUserCollectionFromGroup", .. }), "{error}");
}

#[tokio::test]
async fn more_people_than_a_call_takes_are_added_in_several() {
    let host = Host::default();
    host.world().groups.insert("G".to_owned(), Group::default());
    let people: Vec<Login> = (0..201).map(|number| person(&format!("p{number}"))).collect();
    host.world().known.extend(people.iter().map(|person| person.login.clone()));
    host.adapter().ensure_members(&web(), "G", &people).await.unwrap();
    let asked =
        ["GetUserCollectionFromGroup", "AddUserCollectionToGroup", "AddUserCollectionToGroup", "AddUserToGroup"];
    assert_eq!(host.asked(), asked);
    assert_eq!(host.world().groups["G"].members.len(), 201);
}

/// ST-09
#[tokio::test]
async fn roles_on_a_list_are_set_where_they_differ() {
    let host = Host::default();
    let masks = [("Members".to_owned(), "1011028719".to_owned()), ("Owners".to_owned(), "-1".to_owned())].into();
    host.world().lists.push(List { id: "{A}".to_owned(), title: "Contracts".to_owned(), masks, ..List::default() });
    let list = ListRef { id: "{A}".to_owned(), title: "Contracts".to_owned(), url: String::new() };
    let grant = |group: &str, role| RoleGrant { group: group.to_owned(), role };
    let grants = [grant("Owners", Role::FullControl), grant("Members", Role::Read), grant("Visitors", Role::Read)];
    host.adapter().ensure_list_roles(&web(), &list, &grants).await.unwrap();
    assert_eq!(host.asked(), ["GetPermissionCollection", "UpdatePermission", "AddPermission"]);
    assert_eq!(host.world().lists[0].masks["Members"], "138612833");
    host.forget();
    host.adapter().ensure_list_roles(&web(), &list, &grants).await.unwrap();
    assert_eq!(host.asked(), ["GetPermissionCollection"]);
}
