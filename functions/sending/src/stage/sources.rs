//! Which records a send's target stands for (EX-01).

use crm::{Among, Crm, RecipientKind, Target};
use domain::CrmId;

use crate::{desk::Halt, send::Source};

pub(super) async fn of(target: Target, crm: &dyn Crm) -> Result<Vec<Source>, Halt> {
    let only = |kind, id| Ok(vec![Source { kind, among: Among::Only(id) }]);
    match target {
        Target::Lead(id) => only(RecipientKind::Lead, id),
        Target::Contact(id) => only(RecipientKind::Contact, id),
        Target::Account(id) => only(RecipientKind::Account, id),
        Target::List(id) => Ok(vec![of_list(id, crm).await?]),
        Target::Campaign(id) => {
            let campaign = crm.campaign(id).await?;
            let campaign = campaign.ok_or_else(|| Halt::refused("its campaign is not there any more"))?;
            if campaign.lists.is_empty() {
                return Err(Halt::refused(format!("the campaign {} has no marketing list", campaign.name)));
            }
            let mut sources = Vec::new();
            for list in campaign.lists {
                sources.push(of_list(list, crm).await?);
            }
            Ok(sources)
        }
    }
}

async fn of_list(id: CrmId, crm: &dyn Crm) -> Result<Source, Halt> {
    let list = crm.marketing_list(id).await?;
    let list = list.ok_or_else(|| Halt::refused("its marketing list is not there any more"))?;
    if !list.is_active {
        return Err(Halt::refused(format!("the marketing list {} is deactivated", list.name)));
    }
    let kind = list.kind.ok_or_else(|| {
        Halt::refused(format!("the marketing list {} has neither contacts nor leads nor accounts", list.name))
    })?;
    Ok(Source { kind, among: Among::MembersOf(id) })
}
