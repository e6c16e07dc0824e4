//! The adapter's contract, for a CRM on premise and for CRM Online (ST-35): what the port promises, either way in.

use std::sync::Arc;

use crm::{Crm, CrmError, Note, RequestState, SiteOnRecord};
use domain::{CrmId, RecordKind, RecordRef, SignedDuration};
use e2e::{HARBOUR, LAKESIDE, World};
use sandbox::crm::seed;
use tenants::Settings;

use super::LENA;
use crate::ANNA;

/// A tenant of each kind, and who owns its first account.
const KINDS: [(&str, &str); 2] = [(HARBOUR, ANNA), (LAKESIDE, LENA)];

async fn port(world: &World, tenant: &str) -> Arc<dyn Crm> {
    let (deps, id) = (&world.instance.deps, World::tenant(tenant));
    let settings = Settings::read(&deps.platform.ledger, &id).await.expect("the ledger answers").expect("onboarded");
    deps.connections.crm(&id, &settings).await.expect("a connection")
}

fn first() -> RecordRef {
    RecordRef { kind: RecordKind::Account, id: seed::account(1) }
}

fn nowhere() -> CrmId {
    "11111111-2222-3333-4444-555555555555".parse().expect("an id")
}

#[tokio::test(start_paused = true)]
async fn the_signed_in_user_is_the_integration_user_and_lacks_nothing() {
    let world = World::online().await;
    for (tenant, _) in KINDS {
        let crm = port(&world, tenant).await;
        assert_eq!(crm.who_am_i().await.expect("signed in"), seed::user(1), "{tenant}");
        assert_eq!(crm.lacks().await.expect("an answer"), [], "{tenant}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_found_read_and_answered() {
    let world = World::online().await;
    for (tenant, login) in KINDS {
        let (crm, id) = (port(&world, tenant).await, world.request(tenant, login, seed::account(1)));
        let since = world.instance.sandbox.now() - SignedDuration::from_hours(1);
        let found = crm.unanswered_requests(since, 10).await.expect("an answer");
        assert_eq!(found.iter().map(|request| request.id).collect::<Vec<_>>(), [id], "{tenant}");
        let request = crm.request_record(id).await.expect("an answer").expect("it is there");
        assert_eq!(request.id, id, "{tenant}");
        crm.answer_request(id, &RequestState::Accepted).await.expect("it is written");
        assert_eq!(world.answered(tenant, id).status, 2, "{tenant}");
        assert!(crm.unanswered_requests(since, 10).await.expect("an answer").is_empty(), "{tenant}");
        assert!(crm.request_record(nowhere()).await.expect("an answer").is_none(), "{tenant}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_and_people_are_read_with_their_rights() {
    let world = World::online().await;
    for (tenant, login) in KINDS {
        let crm = port(&world, tenant).await;
        let account = crm.account(seed::account(1)).await.expect("an answer").expect("it is there");
        assert_eq!(account.id, seed::account(1), "{tenant}");
        assert!(crm.account(nowhere()).await.expect("an answer").is_none(), "{tenant}");
        let access = crm.access(seed::user(2), first()).await.expect("an answer");
        assert!(access.read && access.write, "{tenant}");
        let people = crm.people(first()).await.expect("an answer");
        let owner = people.iter().find(|person| person.login == login).expect("the owner is one of them");
        assert!(people.len() >= 6 && owner.access.write, "{tenant}: {people:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn sites_and_notes_are_written_once() {
    let world = World::online().await;
    for (tenant, _) in KINDS {
        let crm = port(&world, tenant).await;
        let lists = [("Documents".to_owned(), "{1}".to_owned())].into();
        let site = SiteOnRecord { url: "http://sites.test/a & b".to_owned(), lists };
        crm.write_site(first(), &site).await.expect("it is written");
        let note = Note { id: nowhere(), subject: "Ready".to_owned(), text: "Açaí <&>".to_owned() };
        for _ in 0..2 {
            crm.add_note(first(), &note).await.expect("it is there");
        }
        let notes = world.notes(tenant, seed::account(1));
        assert_eq!(notes, [("Ready".to_owned(), "Açaí <&>".to_owned())], "{tenant}");
        let url = world.edit(tenant, "account", seed::account(1), |record| record.get("tl_siteurl").cloned());
        assert_eq!(url.as_ref().and_then(sandbox::crm::Value::as_text), Some("http://sites.test/a & b"), "{tenant}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ended_ticket_is_renewed_and_a_missing_right_is_a_refusal() {
    let world = World::online().await;
    for (tenant, _) in KINDS {
        let crm = port(&world, tenant).await;
        crm.who_am_i().await.expect("signed in");
        world.instance.sandbox.world().crm.expire_tickets();
        crm.who_am_i().await.expect("signed in anew");
        world.instance.sandbox.world().crm.organisation_mut(tenant).expect("seeded").withhold(
            "account",
            sandbox::crm::Right::Read,
            false,
        );
        let error = crm.account(seed::account(1)).await.expect_err("no right");
        assert!(matches!(&error, CrmError::Refused { code, .. } if code == "0x80040220"), "{tenant}: {error}");
    }
}
