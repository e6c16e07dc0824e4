//! Groups, members and what they may do.

use http::StatusCode;
use soap::Element;

use crate::host::{As, DIRECTORY, HARBOUR, Host, SOAP, code, operation, text};

const WEB: &str = "/sites/harbour/acme";
const SERVICE: &str = "HARBOUR\\svc-sharepoint";

fn add_group(host: &mut Host, name: &str) -> Result<Element, soap::Fault> {
    let parameters = [
        ("groupName", name),
        ("ownerIdentifier", SERVICE),
        ("ownerType", "user"),
        ("defaultUserLoginName", SERVICE),
        ("description", ""),
    ];
    host.call(WEB, "UserGroup", &operation(DIRECTORY, "AddGroup", &parameters))
}

fn user_group(host: &mut Host, name: &str, parameters: &[(&str, &str)]) -> Result<Element, soap::Fault> {
    host.call(WEB, "UserGroup", &operation(DIRECTORY, name, parameters))
}

#[test]
fn group_names_are_unique_in_the_collection() {
    let mut host = Host::with_web("acme");
    add_group(&mut host, "Acme Team").expect("a group");
    host.make_web("other", &[(crate::host::UNIQUE, "radUniqueYes")]);
    for (name, refusal) in
        [("acme team", "0x81020043"), ("Acme/Team", "0x8102004f"), ("O'Connor", "0x8102004f"), ("", "0x80131600")]
    {
        assert_eq!(code(&add_group(&mut host, name).expect_err("a fault")), refusal, "{name:?}");
    }
}

/// ST-04: the first member is the default user, as in SharePoint; who is not in the directory cannot be added.
#[test]
fn members_are_those_who_were_added() {
    let mut host = Host::with_web("acme");
    add_group(&mut host, "Acme Team").expect("a group");
    let add = |host: &mut Host, login: &str| {
        user_group(host, "AddUserToGroup", &[("groupName", "Acme Team"), ("userName", "x"), ("userLoginName", login)])
    };
    add(&mut host, "harbour\\ANNA.berg").expect("a member");
    add(&mut host, "HARBOUR\\anna.berg").expect("again is no error");
    assert_eq!(code(&add(&mut host, "HARBOUR\\hugo.meyer").expect_err("a fault")), "0x80131600");
    assert_eq!(code(&add(&mut host, "NORTHWIND\\adam.able").expect_err("a fault")), "0x80131600");
    user_group(&mut host, "RemoveUserFromGroup", &[("groupName", "Acme Team"), ("userLoginName", SERVICE)])
        .expect("removed");
    assert_eq!(host.state.collection(HARBOUR).expect("the collection").members_of("Acme Team"), ["Anna Berg"]);
}

#[test]
fn a_collection_of_users_is_added_whole_or_not_at_all() {
    let mut host = Host::with_web("acme");
    add_group(&mut host, "Acme Team").expect("a group");
    let body = |logins: &[&str]| {
        let users = logins.iter().fold(Element::new(DIRECTORY, "Users"), |users, login| {
            users.with(
                Element::new(DIRECTORY, "User")
                    .with_attribute("LoginName", *login)
                    .with_attribute("Email", "")
                    .with_attribute("Name", "")
                    .with_attribute("Notes", ""),
            )
        });
        operation(DIRECTORY, "AddUserCollectionToGroup", &[("groupName", "Acme Team")])
            .with(Element::new(DIRECTORY, "usersInfoXml").with(users))
    };
    let some = body(&["HARBOUR\\anna.berg", "HARBOUR\\hugo.meyer"]);
    assert!(host.call(WEB, "UserGroup", &some).is_err());
    let members = |host: &Host| host.state.collection(HARBOUR).expect("the collection").members_of("Acme Team").len();
    assert_eq!(members(&host), 1);
    host.call(WEB, "UserGroup", &body(&["HARBOUR\\anna.berg", "HARBOUR\\daud.rahman"])).expect("all");
    assert_eq!(members(&host), 3);
}

/// ST-04: a role on the web is what lets its members in.
#[test]
fn a_group_opens_a_web_by_its_role() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    add_group(&mut host, "Acme Team").expect("a group");
    user_group(&mut host, "AddUserToGroup", &[("groupName", "Acme Team"), ("userLoginName", "HARBOUR\\anna.berg")])
        .expect("a member");
    let anna = host.person("HARBOUR\\anna.berg");
    assert_eq!(host.get(WEB, &As::Cookie(&anna)).status(), StatusCode::FORBIDDEN);
    user_group(&mut host, "AddGroupToRole", &[("roleName", "Read"), ("groupName", "Acme Team")]).expect("a role");
    assert_eq!(host.get(WEB, &As::Cookie(&anna)).status(), StatusCode::OK);
    // Reading is not writing.
    let add = operation(SOAP, "AddList", &[("listName", "Mine"), ("templateID", "100")]);
    assert!(text(&host.call_as(WEB, "Lists", &add, &As::Cookie(&anna))).contains("0x80070005"));
    let copy = operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://null")])
        .with(
            Element::new(SOAP, "DestinationUrls")
                .with_value("string", "http://sharepoint.example/sites/harbour/acme/Contracts/a.docx"),
        )
        .with_value("Stream", "eA==");
    assert!(text(&host.call_as(WEB, "Copy", &copy, &As::Cookie(&anna))).contains("Unknown"));
    let more = operation(DIRECTORY, "AddGroupToRole", &[("roleName", "Full Control"), ("groupName", "Acme Team")]);
    assert!(text(&host.call_as(WEB, "UserGroup", &more, &As::Cookie(&anna))).contains("0x80070005"));
    let own = operation(DIRECTORY, "AddGroup", &[("groupName", "Annas")]);
    assert!(text(&host.call_as(WEB, "UserGroup", &own, &As::Cookie(&anna))).contains("0x80070005"));
}

#[test]
fn a_web_that_inherits_keeps_its_parents_permissions() {
    let mut host = Host::new();
    host.make_web("open", &[]);
    let body = operation(
        DIRECTORY,
        "AddGroupToRole",
        &[("roleName", "Full Control"), ("groupName", "Harbour Logistics Visitors")],
    );
    let fault = host.call("/sites/harbour/open", "UserGroup", &body).expect_err("a fault");
    assert!(code(&fault).contains("inherits permissions"));
    let anna = host.person("HARBOUR\\anna.berg");
    assert_eq!(host.get("/sites/harbour/open", &As::Cookie(&anna)).status(), StatusCode::OK);
}

#[test]
fn a_list_can_have_permissions_of_its_own() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    add_group(&mut host, "Acme Team").expect("a group");
    user_group(&mut host, "AddUserToGroup", &[("groupName", "Acme Team"), ("userLoginName", "HARBOUR\\anna.berg")])
        .expect("a member");
    user_group(&mut host, "AddGroupToRole", &[("roleName", "Contribute"), ("groupName", "Acme Team")]).expect("a role");
    let on_list = |name: &str, mask: Option<&str>| {
        let mut parameters = vec![
            ("objectName", "Contracts"),
            ("objectType", "List"),
            ("permissionIdentifier", "Acme Team"),
            ("permissionType", "group"),
        ];
        parameters.extend(mask.map(|mask| ("permissionMask", mask)));
        operation(DIRECTORY, name, &parameters)
    };
    let library = format!("{WEB}/Contracts/Forms/AllItems.aspx");
    let anna = host.person("HARBOUR\\anna.berg");
    assert_eq!(host.get(&library, &As::Cookie(&anna)).status(), StatusCode::OK);
    host.call(WEB, "Permissions", &on_list("RemovePermission", None)).expect("removed");
    assert_eq!(host.get(&library, &As::Cookie(&anna)).status(), StatusCode::FORBIDDEN);
    assert_eq!(host.get(WEB, &As::Cookie(&anna)).status(), StatusCode::OK);
    host.call(WEB, "Permissions", &on_list("AddPermission", Some("138612833"))).expect("added");
    assert_eq!(host.get(&library, &As::Cookie(&anna)).status(), StatusCode::OK);
    let asked = operation(DIRECTORY, "GetPermissionCollection", &[("objectName", "Contracts"), ("objectType", "List")]);
    let reply = host.call(WEB, "Permissions", &asked).expect("a reply").to_xml().expect("XML");
    assert!(
        reply.contains("Mask=\"138612833\" MemberIsUser=\"False\" MemberGlobal=\"True\" GroupName=\"Acme Team\""),
        "{reply}"
    );
    assert!(
        reply
            .contains("Mask=\"-1\" MemberIsUser=\"True\" MemberGlobal=\"False\" UserLogin=\"HARBOUR\\svc-sharepoint\""),
        "{reply}"
    );
}

#[test]
fn an_e_mail_address_finds_its_login() {
    let mut host = Host::with_web("acme");
    let users = Element::new(DIRECTORY, "Users")
        .with(Element::new(DIRECTORY, "User").with_attribute("Email", "Anna.Berg@harbour.example"))
        .with(Element::new(DIRECTORY, "User").with_attribute("Email", "nobody@harbour.example"));
    let body = Element::new(DIRECTORY, "GetUserLoginFromEmail").with(Element::new(DIRECTORY, "emailXml").with(users));
    let reply = host.call(WEB, "UserGroup", &body).expect("a reply").to_xml().expect("XML");
    assert!(
        reply.contains(
            r#"Login="HARBOUR\anna.berg" Email="Anna.Berg@harbour.example" DisplayName="Anna Berg" SiteUser="1""#
        ),
        "{reply}"
    );
    assert!(reply.contains(r#"Login="" Email="nobody@harbour.example" DisplayName="" SiteUser="0""#), "{reply}");
}

/// Recorded WSDL, `RolesOutputMaskType`: here permissions are a number, and roles have no order; elsewhere they are words.
#[test]
fn what_the_caller_may_do_is_told_in_numbers() {
    let mut host = Host::new();
    let name = "GetRolesAndPermissionsForCurrentUser";
    let told = host.call(HARBOUR, "UserGroup", &operation(DIRECTORY, name, &[])).expect("an answer");
    let all = told.children().next().and_then(|result| result.child("RolesAndPermissions")).expect("roles");
    let role = all.child("Roles").and_then(|roles| roles.child("Role")).expect("a role");
    assert_eq!((role.attribute("Name"), role.attribute("Order")), (Some("Full Control"), None));
    assert_eq!(role.attribute("BasePermissions"), Some("9223372036854775807"));
    let told = host.call(HARBOUR, "UserGroup", &operation(DIRECTORY, "GetRoleCollectionFromWeb", &[])).expect("roles");
    assert!(told.to_xml().expect("XML").contains("BasePermissions=\"FullMask\""));
}
