//! What the port promises, spoken in CRM 4.0.

use crm::{Access, Crm, CrmError, Note, Person, Reason, RequestState, SiteOnRecord};
use soap::{Element, ns::XSI};

use crate::{
    records::{account, id, many, one, property, record, share, user, values},
    server::{Asked, Said, World, reply},
};

/// A record owned by 10, shared with users 11 (may read and write) and 12 (may not read), and with the teams 20 and 21.
/// 10 and 13 are in team 20, 13 and 14 in team 21.
fn shared_account(asked: &Asked) -> Said {
    let owner = property("OwnerProperty", "ownerid", &[("name", "Zoë"), ("type", "systemuser")], &id(10).braced());
    match asked.operation.as_str() {
        "Retrieve" => one(record("account", vec![owner])),
        "RetrieveSharedPrincipalsAndAccess" => {
            let shares = Element::new("", "PrincipalAccesses").with_all([
                share("User", 11, "ReadAccess WriteAccess"),
                share("User", 12, "AppendAccess"),
                share("Team", 20, "ReadAccess WriteAccess"),
                share("Team", 21, "ReadAccess"),
                share("Team", 22, ""),
            ]);
            Said::Reply(Element::new("", "x").with(shares))
        }
        "Fetch" => {
            let fetch = asked.message.child_text("fetchXml");
            assert!(fetch.contains(&id(20).to_string()) && fetch.contains(&id(21).to_string()));
            assert!(!fetch.contains(&id(22).to_string()), "a share that gives nothing is not asked about");
            let member = |user: u32, name: &str, team: u32, team_name: &str| {
                Element::new("", "result")
                    .with_value("systemuserid", id(user).braced())
                    .with_value("fullname", name)
                    .with_value("domainname", format_args!("HARBOUR\\u{user}"))
                    .with_value("internalemailaddress", format_args!("u{user}@example.test"))
                    .with_value("isdisabled", "0")
                    .with_value("membership.teamid", id(team).braced())
                    .with_value("team.name", team_name)
            };
            let second = fetch.contains("page=\"2\"");
            assert_eq!(second, fetch.contains("paging-cookie=\"&lt;cookie page='1'/&gt;\""), "{fetch}");
            let resultset = Element::new("", "resultset");
            let resultset = if second {
                resultset.with_attribute("morerecords", "0").with_all([member(14, "Ben", 21, "Østland")])
            } else {
                resultset
                    .with_attribute("morerecords", "1")
                    .with_attribute("paging-cookie", "<cookie page='1'/>")
                    .with_all([
                        member(10, "Zoë", 20, "Sales & co"),
                        member(13, "Anna", 20, "Sales & co"),
                        member(13, "Anna", 21, "Østland"),
                    ])
            };
            reply("FetchResult", &resultset.to_xml().unwrap())
        }
        "RetrieveMultiple" => {
            assert_eq!(values(asked), [id(11).to_string()], "only who is in no team");
            many([user(11, "Anna", "1")])
        }
        other => panic!("{other}"),
    }
}

fn person(n: u32, name: &str, access: Access, reasons: Vec<Reason>) -> Person {
    let (login, email) = (format!("HARBOUR\\u{n}"), Some(format!("u{n}@example.test")));
    Person { id: id(n), name: name.to_owned(), login, email, disabled: false, access, reasons }
}

/// ST-04: owner, shares, teams to their users; each once, the most that any reason gives, ordered by name then id.
#[tokio::test]
async fn people_are_the_owner_and_all_whom_a_readable_share_reaches() {
    let world = World::new(shared_account);
    let people = world.crm.people(account()).await.unwrap();
    let (read, write) = (Access { read: true, write: false }, Access { read: true, write: true });
    let team = |name: &str| Reason::TeamShare(name.to_owned());
    assert_eq!(
        people,
        [
            Person { disabled: true, email: None, ..person(11, "Anna", write, vec![Reason::Share]) },
            person(13, "Anna", write, vec![team("Sales & co"), team("Østland")]),
            person(14, "Ben", read, vec![team("Østland")]),
            person(10, "Zoë", write, vec![Reason::Owner, team("Sales & co")]),
        ]
    );
    let calls =
        ["RetrieveCrmTicket", "Retrieve", "RetrieveSharedPrincipalsAndAccess", "Fetch", "Fetch", "RetrieveMultiple"];
    assert_eq!(world.server().calls, calls);
}

#[tokio::test]
async fn people_of_a_record_without_shares_cost_three_calls() {
    let world = World::new(|asked| match asked.operation.as_str() {
        "RetrieveSharedPrincipalsAndAccess" => reply("PrincipalAccesses", ""),
        "RetrieveMultiple" => many([user(10, "Zoë", "false")]),
        _ => shared_account(asked),
    });
    let people = world.crm.people(account()).await.unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].reasons, [Reason::Owner]);
    assert_eq!(world.server().calls.len(), 1 + 3);
}

#[tokio::test]
async fn people_of_a_record_that_is_gone_are_an_error() {
    let world = World::new(|_| Said::Fault("0x80040217"));
    let error = world.crm.people(account()).await.unwrap_err();
    assert!(matches!(error, CrmError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_record_that_crm_does_not_have_is_none() {
    let world = World::new(|_| Said::Fault("0x80040217"));
    assert_eq!(world.crm.account(id(1)).await.unwrap(), None);
    assert_eq!(world.crm.request_record(id(1)).await.unwrap(), None);
}

#[tokio::test]
async fn an_account_is_read_whole_and_with_what_is_absent() {
    let full = |state: &str, extra: Vec<Element>| {
        let owner = property("OwnerProperty", "ownerid", &[("name", "Zoë"), ("type", "systemuser")], &id(10).braced());
        let key = property("KeyProperty", "accountid", &[], &id(1).braced());
        let state = property("StateProperty", "statecode", &[], state);
        record("account", [vec![key, owner, state], extra].concat())
    };
    let mut answers = vec![
        full("Inactive", vec![]),
        full(
            "Active",
            vec![
                property("StringProperty", "name", &[], "Hafen & Söhne"),
                property("StringProperty", "tl_siteurl", &[], "https://s.example.test/a"),
            ],
        ),
    ];
    let world = World::new(move |_| one(answers.pop().unwrap()));
    let account = world.crm.account(id(1)).await.unwrap().unwrap();
    assert_eq!((account.name.as_str(), account.active, account.owner), ("Hafen & Söhne", true, id(10)));
    assert_eq!(account.owner_name.as_deref(), Some("Zoë"));
    assert_eq!(account.site_url.as_deref(), Some("https://s.example.test/a"));
    let bare = world.crm.account(id(1)).await.unwrap().unwrap();
    assert_eq!((bare.name.as_str(), bare.active, bare.site_url), ("", false, None));
}

/// Architecture, rule 2: a timer picks up what no doorbell announced.
#[tokio::test]
async fn unanswered_requests_are_the_new_ones_since_an_instant_oldest_first() {
    let world = World::new(|asked| {
        assert_eq!(values(asked), ["2026-03-01T12:00:00Z", "1"]);
        let query = asked.message.required("Query").unwrap();
        // A record that a service made without a status is new as well.
        let state = query.required("Criteria").unwrap().required("Filters").unwrap().required("Filter").unwrap();
        let operators = state.required("Conditions").unwrap().children().map(|one| one.child_text("Operator"));
        assert_eq!(
            (state.child_text("FilterOperator"), operators.collect()),
            ("Or".into(), vec!["Equal".into(), "Null".into()])
        );
        let page = query.required("PageInfo").unwrap();
        assert_eq!((page.child_text("PageNumber"), page.child_text("Count")), ("1".into(), "50".into()));
        let order = query.required("Orders").unwrap().required("Order").unwrap();
        assert_eq!(
            (order.child_text("AttributeName"), order.child_text("OrderType")),
            ("createdon".into(), "Ascending".into())
        );
        many([record(
            "tl_siterequest",
            vec![
                property("KeyProperty", "tl_siterequestid", &[], &id(5).braced()),
                property("StringProperty", "tl_target", &[], &format!("account:{}", id(1))),
                property("LookupProperty", "tl_accountid", &[("type", "account")], &id(1).braced()),
                property("PicklistProperty", "tl_status", &[("name", "New")], "1"),
                property("CrmDateTimeProperty", "createdon", &[], "2026-03-01T13:00:01+01:00"),
                property("LookupProperty", "createdby", &[("type", "systemuser")], &id(10).braced()),
            ],
        )])
    });
    let found = world.crm.unanswered_requests("2026-03-01T12:00:00.9Z".parse().unwrap(), 50).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id, found[0].target, found[0].created_by), (id(5), Some(account()), id(10)));
    assert_eq!(found[0].created_on.to_string(), "2026-03-01T12:00:01Z");
    assert_eq!(found[0].state, RequestState::New);
}

#[tokio::test]
async fn access_is_crms_own_answer() {
    let world = World::new(|asked| {
        let principal = asked.message.required("Principal").unwrap();
        assert_eq!(
            (principal.child_text("PrincipalId"), principal.child_text("Type")),
            (id(10).to_string(), "User".into())
        );
        reply("AccessRights", "ReadAccess AppendAccess")
    });
    assert_eq!(world.crm.access(id(10), account()).await.unwrap(), Access { read: true, write: false });
}

/// A note is there once, however often it is asked for and whoever else put it there.
#[tokio::test]
async fn a_note_that_is_there_is_left_as_it_is() {
    let note = Note { id: id(7), subject: "Site ready".to_owned(), text: "…".to_owned() };
    let there = World::new(|_| one(record("annotation", vec![])));
    there.crm.add_note(account(), &note).await.unwrap();
    assert_eq!(there.server().calls, ["RetrieveCrmTicket", "Retrieve"]);

    let raced = World::new(|asked| match asked.operation.as_str() {
        "Retrieve" => Said::Fault("0x80040217"),
        _ => Said::Fault("0x80040237"),
    });
    raced.crm.add_note(account(), &note).await.unwrap();

    let absent = World::new(|asked| {
        if asked.operation == "Retrieve" {
            return Said::Fault("0x80040217");
        }
        let expected = [&*id(7).to_string(), "Site ready", "…", &*id(1).to_string(), "account"];
        assert_eq!(values(asked), expected);
        reply("CreateResult", &id(7).to_string())
    });
    absent.crm.add_note(account(), &note).await.unwrap();
    assert_eq!(absent.server().calls, ["RetrieveCrmTicket", "Retrieve", "Create"]);
}

/// ST-10, ST-12: one Update each.
#[tokio::test]
async fn a_site_and_an_answer_are_one_update_each() {
    let world = World::new(|asked| {
        assert_eq!(asked.operation, "Update");
        let entity = asked.message.required("entity").unwrap();
        assert!(entity.attribute((XSI, "type")).is_none() && entity.required_kind().unwrap() == "DynamicEntity");
        Said::Reply(Element::new("", "x"))
    });
    let lists = [("Tasks".to_owned(), "{1}".to_owned())].into();
    world.crm.write_site(account(), &SiteOnRecord { url: "https://s.example.test/a".to_owned(), lists }).await.unwrap();
    world.crm.answer_request(id(5), &RequestState::Refused("x".repeat(3_000))).await.unwrap();
    assert_eq!(world.server().calls, ["RetrieveCrmTicket", "Update", "Update"]);
}
