//! Mistakes in what is asked of CRM and SharePoint while a site is made.

use sandbox::World;
use transport::Call;

use super::{Hearer, Wire, between, replaced};
use crate::Planted;

/// Makes the call the one of somebody who is mistaken, and says who hears it.
pub(super) fn mistake(wire: &Wire, planted: Planted, call: &mut Call) -> Hearer {
    let lies = &wire.lies;
    let is_unheard = match (planted, call.operation) {
        (Planted::RowsNotLookedFor, "GetListItems") | (Planted::GroupMadeTwice, "GetGroupCollectionFromWeb") => true,
        (Planted::MemberLostOnRetry, "AddUserCollectionToGroup") => lies.is_repeat(call),
        (Planted::RefusalSwallowed, "Update") => {
            between(&call.body, "tl_status", "/").is_some_and(|status| status.contains(">4<"))
        }
        (Planted::GroupMadeTwice, _) => {
            if call.operation == "AddGroup" && lies.is_repeat(call) {
                let name = between(&call.body, "groupName>", "<").unwrap_or_default();
                lies.renamed().insert(wire.process, name);
            }
            if let Some(name) = lies.renamed().get(&wire.process) {
                call.body = replaced(&call.body, &format!(">{name}<"), &format!(">{name} 2<"));
            }
            false
        }
        (Planted::WebWithoutMark, "CreateWeb") => {
            call.body = replaced(&call.body, "%5Btieline", "%5Bsomebody");
            false
        }
        _ => false,
    };
    if is_unheard { Hearer::CopyWithout(Box::new(everything_of_ours)) } else { Hearer::World }
}

/// Takes away what a look would find.
fn everything_of_ours(world: &mut World) {
    let webs: Vec<(String, Vec<u32>)> = world
        .sharepoint
        .webs()
        .map(|web| {
            let groups = world.sharepoint.collection(&web.path).into_iter().flat_map(|it| it.groups.values());
            // Ours are the ones that carry a mark.
            let ours = groups.filter(|group| group.description.contains("[tieline ")).map(|group| group.id);
            (web.path.clone(), ours.collect())
        })
        .collect();
    for (path, ours) in webs {
        let Some(web) = world.sharepoint.web_mut(&path) else { continue };
        web.lists.values_mut().for_each(|list| list.items.clear());
        if let Some(grants) = &mut web.grants {
            grants.retain(|member, _| !ours.contains(member));
        }
    }
}
