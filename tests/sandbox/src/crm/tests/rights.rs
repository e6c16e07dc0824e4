use domain::CrmId;
use soap::Element;

use super::{Desk, principal, target};
use crate::crm::{seed, wire::ns};

fn access(desk: &mut Desk, account: u16, kind: &str, who: CrmId) -> String {
    let parts = [target("TargetOwnedDynamic", "account", seed::account(account)), principal("Principal", kind, who)];
    desk.execute("RetrievePrincipalAccessRequest", parts).expect("an answer").child_text("AccessRights")
}

const OWNER: &str = "ReadAccess WriteAccess AppendAccess AppendToAccess DeleteAccess ShareAccess AssignAccess";

#[test]
fn access_is_the_sum_of_role_ownership_and_shares() {
    let mut desk = Desk::harbour();
    for (account, who, expected) in [
        (1, seed::user(2), OWNER),
        (1, seed::user(3), "ReadAccess WriteAccess AppendAccess AppendToAccess"), // shared
        (1, seed::user(4), "ReadAccess WriteAccess AppendAccess AppendToAccess"), // by a team
        (1, seed::user(10), "ReadAccess"),                                        // by role alone
        (1, seed::user(6), "ReadAccess"),                                         // an assistant, shared
        (3, seed::user(6), ""),                                                   // an assistant, not shared
        (1, seed::user(8), ""),                                                   // disabled
        (1, seed::account(1), ""),                                                // no user
    ] {
        assert_eq!(access(&mut desk, account, "User", who), expected, "{who} on {account}");
    }
    assert_eq!(access(&mut desk, 1, "Team", seed::team(1)), "ReadAccess WriteAccess AppendAccess AppendToAccess");
}

#[test]
fn shares_are_listed_granted_and_revoked() {
    let mut desk = Desk::harbour();
    let list = |desk: &mut Desk| {
        let parts = [target("TargetOwnedDynamic", "account", seed::account(1))];
        let reply = desk.execute("RetrieveSharedPrincipalsAndAccessRequest", parts).expect("a list");
        let list = reply.required("PrincipalAccesses").expect("a list").clone();
        let line = |access: &Element| {
            let principal = access.required("Principal").expect("who");
            format!(
                "{} {} {}",
                principal.child_text("Type"),
                principal.child_text("PrincipalId"),
                access.child_text("AccessMask")
            )
        };
        list.children().map(line).collect::<Vec<_>>()
    };
    let before = list(&mut desk);
    assert_eq!(before.len(), 3);
    assert!(before.contains(&format!("User {} ReadAccess", seed::user(6))));
    let mask = Element::new(ns::OLD_CORE_TYPES, "AccessMask").with_text("ReadAccess WriteAccess");
    let who = Element::new(ns::OLD_CORE_TYPES, "Principal")
        .with_value("PrincipalId", seed::user(10))
        .with_value("Type", "User");
    let grant = Element::new(ns::WEB_SERVICES, "PrincipalAccess").with(who).with(mask);
    let of = || target("TargetOwnedDynamic", "account", seed::account(1));
    desk.execute("GrantAccessRequest", [of(), grant]).expect("granted");
    assert_eq!(access(&mut desk, 1, "User", seed::user(10)), "ReadAccess WriteAccess");
    desk.execute("RevokeAccessRequest", [of(), principal("Revokee", "User", seed::user(10))]).expect("revoked");
    assert_eq!(list(&mut desk), before);
}

#[test]
fn an_impersonated_user_may_do_what_that_user_may_do() {
    let mut anna = Desk::harbour().acting_for(seed::user(2));
    let key = seed::account(3).to_string();
    let rename = [("Key", "accountid", key.as_str()), ("String", "name", "Mine now")];
    assert_eq!(anna.update("account", &rename), Err("0x80040220".to_owned()), "another's account");
    assert!(anna.retrieve("account", seed::account(3), &["name"]).is_ok(), "which she may see");
    let mut eva = Desk::harbour().acting_for(seed::user(6));
    assert_eq!(eva.retrieve("account", seed::account(3), &["name"]), Err("0x80040220".to_owned()));
    let request = [("String", "tl_target", "account:x")];
    assert_eq!(eva.create("tl_siterequest", &request), Err("0x80040220".to_owned()));
    assert!(anna.create("tl_siterequest", &request).is_ok());
    let mut greta = Desk::harbour().acting_for(seed::user(8));
    assert_eq!(greta.execute("WhoAmIRequest", []), Err("0x80040225".to_owned()), "disabled");
    let mut nobody = Desk::harbour().acting_for(seed::account(1));
    assert_eq!(nobody.execute("WhoAmIRequest", []), Err("0x80041D1F".to_owned()));
}

#[test]
fn only_the_integration_user_may_act_for_others() {
    let mut desk = Desk::harbour();
    desk.ticket = desk.sign_in(r"HARBOUR\anna.berg", "sandbox-harbour-1").expect("a ticket");
    let me = desk.execute("WhoAmIRequest", []).expect("an answer");
    assert_eq!(me.value("UserId"), Ok(seed::user(2)));
    let mut desk = desk.acting_for(seed::user(3));
    assert_eq!(desk.execute("WhoAmIRequest", []), Err("0x80040220".to_owned()));
}

#[test]
fn a_record_can_be_given_to_another_user_but_not_to_a_team() {
    let mut desk = Desk::harbour();
    let of = || target("TargetOwnedDynamic", "account", seed::account(1));
    desk.execute("AssignRequest", [of(), principal("Assignee", "User", seed::user(5))]).expect("assigned");
    assert_eq!(access(&mut desk, 1, "User", seed::user(5)), OWNER);
    let team = [of(), principal("Assignee", "Team", seed::team(1))];
    assert_eq!(desk.execute("AssignRequest", team), Err("0x80040203".to_owned()));
    let disabled = [of(), principal("Assignee", "User", seed::user(8))];
    assert_eq!(desk.execute("AssignRequest", disabled), Err("0x80040225".to_owned()));
}
