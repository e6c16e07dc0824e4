//! Both sign-ins (EX-38, EX-39).

use exacttarget::{
    ExactTargetError, TOKEN_REQUEST,
    operations::{Describe, GetSystemStatus, Retrieve, SystemStatus},
};

use crate::world::{World, texts};

/// EX-39: a user and a password in every call; a token of a package in every call. Each sees its own account.
#[tokio::test]
async fn both_sign_ins_reach_their_own_account() {
    let world = World::new();
    let ask = Retrieve::of("List", ["ID", "Client.ID"]);
    for (platform, member) in [(world.harbour(), "7000001"), (world.northwind(), "7000002")] {
        assert_eq!(platform.send(&GetSystemStatus).await, Ok(SystemStatus::Ok));
        let lists = platform.send(&ask).await.unwrap().results;
        let members: Vec<_> = lists.iter().map(|list| list.child("Client").unwrap().child_text("ID")).collect();
        assert_eq!((members, texts(&lists, "ID").len()), (vec![member.to_owned(); 3], 3));
    }
    assert_eq!(world.calls(TOKEN_REQUEST), 1);
}

/// EX-38: a password that is not the user's is refused, and is not tried again by itself.
#[tokio::test]
async fn a_wrong_password_is_refused() {
    let world = World::new();
    let error = world.with_password("guess").send(&GetSystemStatus).await.unwrap_err();
    assert!(matches!(error, ExactTargetError::SignIn { .. }), "{error:?}");
    assert_eq!(world.calls("GetSystemStatus"), 1);
}

/// A token that ended, by its time or because the platform says so, is renewed once and the call made again.
#[tokio::test]
async fn a_token_that_ended_is_renewed() {
    let world = World::new();
    let platform = world.northwind();
    platform.send(&GetSystemStatus).await.unwrap();
    world.pass(1_100);
    platform.send(&GetSystemStatus).await.unwrap();
    assert_eq!((world.calls(TOKEN_REQUEST), world.calls("GetSystemStatus")), (2, 2));
    world.sandbox.world().exacttarget.expire_tokens();
    platform.send(&GetSystemStatus).await.unwrap();
    assert_eq!((world.calls(TOKEN_REQUEST), world.calls("GetSystemStatus")), (3, 4));
}

/// Contract §5: what can be retrieved is asked for once, and differs between accounts.
#[tokio::test]
async fn what_an_account_has_is_described() {
    let world = World::new();
    let described = world.harbour().send(&Describe("BounceEvent".to_owned())).await.unwrap();
    let wanted = ["SendID", "BounceReason", "BounceCategory", "LinkName"];
    assert_eq!(described.retrievable(&wanted), ["SendID", "BounceCategory"]);
    assert!(world.harbour().send(&Describe("Nothing".to_owned())).await.unwrap().properties.is_empty());
}
