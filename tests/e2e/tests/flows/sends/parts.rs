//! Parts: how a send is cut, and that what the platform took is what was written (EX-06, S10, S11).

use e2e::{HARBOUR, World};
use sandbox::{Fault, Service};
use tenants::Batches;

use super::world::{account, crowd, jobs, mailing, mails, minutes, object, press, row, status, to_list, told, until};

async fn cut(world: &World, above: u32, size: u32) {
    world
        .set(HARBOUR, |settings| {
            let mailing = settings.mailing.as_mut().expect("it mails");
            mailing.batches = Some(Batches { above, size: size.try_into().expect("more than none") });
        })
        .await;
}

/// EX-06: at its threshold a send is one part, one person above it is cut.
#[tokio::test]
async fn a_send_is_cut_above_its_threshold() {
    for (people, parts) in [(12, vec![12]), (13, vec![5, 5, 3])] {
        let world = mailing().await;
        cut(&world, 12, 5).await;
        let send = press(&world, &to_list(crowd(&world, people)));
        let told = until(&world, send, status::SENT).await;
        assert_eq!(told.parts, i64::try_from(parts.len()).ok());
        let manifest = object(&world, send, "manifest.json").await;
        let rows: Vec<u64> =
            manifest["parts"].as_array().unwrap().iter().map(|part| part["rows"].as_u64().unwrap()).collect();
        assert_eq!(rows, parts);
        assert_eq!((mails(&world).len(), jobs(&world).len()), (people, 1));
        account(&world, |account| assert_eq!(account.imports.len(), parts.len()));
    }
}

/// S11: the platform takes fewer rows than were written: nobody is mailed.
#[tokio::test]
async fn an_import_that_lost_rows_stops_the_send() {
    let world = mailing().await;
    account(&world, |account| account.quirks.lost_rows = 1);
    let send = press(&world, &to_list(crowd(&world, 10)));
    let told = until(&world, send, status::REFUSED).await;
    assert_eq!(told.reason, "the e-mail platform took 9 of the 10 people of part 1 and refused 0; nobody was mailed");
    minutes(&world, 30).await;
    assert!(mails(&world).is_empty());
}

/// S11: a part that somebody changed in the bucket, or took away, is not sent.
#[tokio::test]
async fn a_part_that_was_altered_is_not_sent() {
    for is_taken_away in [false, true] {
        let world = mailing().await;
        let send = press(&world, &to_list(crowd(&world, 10)));
        // The parts are written, and nothing of them is at the platform yet.
        world.next_calls(Service::ExactTarget, Some("Create"), Fault::Refuse, 2);
        while row(&world, send).is_none_or(|row| row.staging.parts.is_none()) {
            minutes(&world, 1).await;
        }
        let piece = row(&world, send).unwrap().staging.parts.unwrap()[0].pieces[0].clone();
        let (tenant, bucket) = (World::tenant(HARBOUR), &world.instance.deps.platform.staging);
        if is_taken_away {
            bucket.delete(&tenant, &piece).await.unwrap();
        } else {
            let bytes = bucket.get(&tenant, &piece).await.unwrap().unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap().replace("person1@", "person2@");
            bucket.put(&tenant, &piece, text.into()).await.unwrap();
        }
        let told = until(&world, send, status::NEEDS_PERSON).await;
        assert!(told.reason.starts_with("part 1 "), "{}", told.reason);
        minutes(&world, 30).await;
        assert!(mails(&world).is_empty());
    }
}

/// EX-11: a file that the platform does not find at first is dropped and imported anew; one that it never finds is told.
#[tokio::test]
async fn an_import_that_fails_is_tried_again_some_times() {
    for is_found_later in [true, false] {
        let world = mailing().await;
        let send = press(&world, &to_list(crowd(&world, 3)));
        for _ in 0..40 {
            world.instance.sandbox.advance(domain::SignedDuration::from_mins(1));
            world.instance.host.fire_timers().await;
            world.drain().await;
            if is_found_later && row(&world, send).is_some_and(|row| row.journal.failed_imports > 0) {
                world.instance.read_drops().await;
            }
        }
        if is_found_later {
            until(&world, send, status::SENT).await;
            assert_eq!(mails(&world).len(), 3);
        } else {
            let told = told(&world, send);
            assert_eq!(told.status, status::REFUSED);
            assert!(told.reason.starts_with("the e-mail platform could not import part 1"), "{}", told.reason);
            assert!(mails(&world).is_empty());
        }
    }
}

/// FX-03: what does not add up says so, on the record and in the receipt.
#[tokio::test]
async fn a_send_that_does_not_add_up_is_flagged() {
    let world = mailing().await;
    let send = press(&world, &sandbox::crm::NewSend { hold: true, ..to_list(crowd(&world, 10)) });
    until(&world, send, status::HELD).await;
    // Somebody takes a row out of the platform's table, behind our back.
    account(&world, |account| {
        let people = account.tables.values_mut().find(|table| table.rows.len() == 10).expect("they were imported");
        people.rows.pop();
    });
    super::world::change(&world, send, "tl_hold", sandbox::crm::Value::Flag(false));
    let told = until(&world, send, status::SENT).await;
    assert_eq!((told.listed, told.accepted), (Some(10), Some(9)));
    assert_eq!(told.reason, "the totals do not add up; your administrator has the receipt");
    assert_eq!(object(&world, send, "receipt.json").await["adds_up"], false);
}
