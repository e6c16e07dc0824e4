//! Answers that are not what was hoped for: one odd record hides nothing else.

use crm::{Access, Crm, CrmError, Person, Reason};
use soap::{Element, Problem};

use crate::{
    records::{account, id, many, one, property, record, share},
    server::{Said, World, reply},
};

/// ST-04: nobody is dropped in silence. Without a login, they are listed as people who could not be let in.
#[tokio::test]
async fn a_person_whom_crm_does_not_show_is_there_under_their_id_and_without_a_login() {
    let owner = property("OwnerProperty", "ownerid", &[("type", "systemuser")], &id(10).braced());
    let world = World::new(move |asked| match asked.operation.as_str() {
        "Retrieve" => one(record("account", vec![owner.clone()])),
        "RetrieveSharedPrincipalsAndAccess" => reply("PrincipalAccesses", ""),
        _ => many([]),
    });
    let unseen = Person {
        id: id(10),
        name: id(10).to_string(),
        login: String::new(),
        email: None,
        disabled: false,
        access: Access { read: true, write: true },
        reasons: vec![Reason::Owner],
    };
    assert_eq!(world.crm.people(account()).await.unwrap(), [unseen]);
}

/// Rule 2: the timer picks up what it can read, whatever else lies there.
#[tokio::test]
async fn a_request_that_cannot_be_read_does_not_hide_the_others() {
    let world = World::new(|_| {
        let request = |number: u32, status: &str, created: &str| {
            record(
                "tl_siterequest",
                vec![
                    property("KeyProperty", "tl_siterequestid", &[], &id(number).braced()),
                    property("PicklistProperty", "tl_status", &[], status),
                    property("CrmDateTimeProperty", "createdon", &[], created),
                    property("LookupProperty", "createdby", &[("type", "systemuser")], &id(10).braced()),
                ],
            )
        };
        many([
            request(1, "9", "2026-03-01T12:00:01Z"),
            request(2, "1", "yesterday"),
            record("tl_siterequest", vec![]),
            request(3, "1", "2026-03-01T12:00:02Z"),
        ])
    });
    let found = world.crm.unanswered_requests("2026-03-01T12:00:00Z".parse().unwrap(), 50).await.unwrap();
    assert_eq!(found.iter().map(|request| request.id).collect::<Vec<_>>(), [id(3)]);
}

/// A page that is no page is an error all the same.
#[tokio::test]
async fn an_answer_without_a_page_of_requests_is_an_error() {
    let world = World::new(|_| reply("Odd", ""));
    let error = world.crm.unanswered_requests("2026-03-01T12:00:00Z".parse().unwrap(), 50).await.unwrap_err();
    assert!(matches!(error, CrmError::Unreadable { .. }), "{error}");
}

/// Contract, section 4: CRM always says whether there are more. Silence must not look like the last page.
#[tokio::test]
async fn a_page_that_does_not_say_whether_there_are_more_is_an_error() {
    let owner = property("OwnerProperty", "ownerid", &[("type", "systemuser")], &id(10).braced());
    let world = World::new(move |asked| match asked.operation.as_str() {
        "Retrieve" => one(record("account", vec![owner.clone()])),
        "RetrieveSharedPrincipalsAndAccess" => {
            let shares = Element::new("", "PrincipalAccesses").with(share("Team", 20, "ReadAccess"));
            Said::Reply(Element::new("", "x").with(shares))
        }
        _ => reply("FetchResult", "<resultset/>"),
    });
    let error = world.crm.people(account()).await.unwrap_err();
    let CrmError::Unreadable { operation: "Fetch", source } = error else { panic!("{error}") };
    assert_eq!((source.path(), source.problem()), ("resultset/@morerecords", &Problem::Missing));
}
