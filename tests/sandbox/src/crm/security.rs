//! Who may do what: roles, ownership and shares, as CRM adds them up.
//!
//! A right is there if the role gives it for the whole organisation, or gives it for own records and the record is
//! owned by the user or shared with the user or a team of theirs. A share cannot exceed the role (contract §6).

use std::collections::BTreeSet;

use domain::CrmId;

use super::{fault::Refusal, organisation::Organisation, schema::Entity, value::Value};
use crate::people::Role;

/// A right on a record, in the order in which CRM lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// See it.
    Read,
    /// Change it.
    Write,
    /// Attach it to another.
    Append,
    /// Attach another to it.
    AppendTo,
    /// Make one.
    Create,
    /// Remove it.
    Delete,
    /// Share it.
    Share,
    /// Give it away.
    Assign,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Read, Self::Write, Self::Append, Self::AppendTo, Self::Create, Self::Delete, Self::Share, Self::Assign];

    /// As the wire writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "ReadAccess",
            Self::Write => "WriteAccess",
            Self::Append => "AppendAccess",
            Self::AppendTo => "AppendToAccess",
            Self::Create => "CreateAccess",
            Self::Delete => "DeleteAccess",
            Self::Share => "ShareAccess",
            Self::Assign => "AssignAccess",
        }
    }
}

/// A set of rights.
pub type Rights = BTreeSet<Right>;

/// The wire's list of rights; anything unknown in it is refused.
pub(crate) fn read_rights(list: &str) -> Result<Rights, Refusal> {
    let read = |word: &str| Right::ALL.into_iter().find(|right| right.name() == word);
    list.split_whitespace().map(|word| read(word).ok_or_else(|| Refusal::invalid("unknown access right"))).collect()
}

/// The rights as a list of the wire.
pub(crate) fn write_rights(rights: &Rights) -> String {
    rights.iter().map(|right| right.name()).collect::<Vec<_>>().join(" ")
}

/// A user or a team that something is shared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// A user.
    User(CrmId),
    /// A team.
    Team(CrmId),
}

/// The user that a call acts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's id.
    pub user: CrmId,
    /// The user's role.
    pub role: Role,
}

/// For which records a privilege counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    None,
    Own,
    All,
}

/// What a role may do with records of an entity. Invented, in the spirit of the roles that CRM ships with.
fn depth(role: Role, entity: &Entity, right: Right) -> Depth {
    match (role, entity.name.as_str(), right) {
        (Role::Integration, _, _) => Depth::All,
        (_, _, Right::Read) if !entity.owned => Depth::All,
        (
            Role::Sales,
            "account" | "contact" | "lead" | "opportunity" | "annotation" | "campaign" | "list",
            Right::Read | Right::Create,
        ) => Depth::All,
        (Role::Sales, "account" | "contact" | "lead" | "opportunity" | "annotation" | "campaign" | "list", _)
        | (Role::Assistant, "account" | "contact" | "opportunity", Right::Read | Right::Write | Right::AppendTo)
        | (Role::Assistant, "annotation", _)
        | (
            Role::Sales,
            "tl_siterequest" | "tl_send",
            Right::Create | Right::Read | Right::Write | Right::Append | Right::AppendTo,
        ) => Depth::Own,
        _ => Depth::None,
    }
}

/// The name of a privilege: after the right and the entity, of which two go by other names.
pub(crate) fn privilege_name(right: Right, entity: &str) -> String {
    let entity = match entity {
        "account" => "Account",
        "annotation" => "Note",
        "businessunit" => "BusinessUnit",
        "campaign" => "Campaign",
        "contact" => "Contact",
        "lead" => "Lead",
        "list" => "List",
        "opportunity" => "Opportunity",
        "systemuser" => "User",
        "team" => "Team",
        custom => custom,
    };
    format!("prv{}{entity}", right.name().trim_end_matches("Access"))
}

impl Organisation {
    /// The caller for a user, who must be enabled.
    pub(crate) fn caller(&self, user: CrmId) -> Result<Caller, Refusal> {
        let role = self.roles.get(&user).copied();
        let role = role.ok_or_else(|| Refusal::new("0x80041D1F", format!("The user Id(s) [{user}] is invalid.")))?;
        if self.is_enabled(user) { Ok(Caller { user, role }) } else { Err(Refusal::disabled_user()) }
    }

    fn depth(&self, role: Role, entity: &Entity, right: Right) -> Depth {
        let narrowed = self.narrowed.get(&(entity.name.clone(), right)).filter(|_| role == Role::Integration);
        narrowed.copied().unwrap_or_else(|| depth(role, entity, right))
    }

    /// Whether the caller's role allows this for any record at all.
    pub(crate) fn require_privilege(&self, caller: &Caller, entity: &Entity, right: Right) -> Result<(), Refusal> {
        if self.depth(caller.role, entity, right) == Depth::None { Err(Refusal::denied()) } else { Ok(()) }
    }

    /// The privileges that a user has: ids of records of `privilege`, with the depth as the wire writes it.
    pub(crate) fn privileges(&self, user: &Caller) -> Vec<(CrmId, &'static str)> {
        let id_of = |name: &str| {
            let is_it = |record: &super::Record| record.get("name").and_then(Value::as_text) == Some(name);
            self.records("privilege").find(|(_, record)| is_it(record)).map(|(id, _)| id)
        };
        let depth = |entity: &Entity, right| match self.depth(user.role, entity, right) {
            Depth::None => None,
            Depth::Own => Some("Basic"),
            Depth::All => Some("Global"),
        };
        let all = self.schema.entities().flat_map(|entity| Right::ALL.map(|right| (entity, right)));
        all.filter_map(|(entity, right)| Some((id_of(&privilege_name(right, &entity.name))?, depth(entity, right)?)))
            .collect()
    }

    /// Whether the user exists and is not disabled.
    pub(crate) fn is_enabled(&self, user: CrmId) -> bool {
        let record = self.record("systemuser", user);
        record.is_some_and(|record| record.get("isdisabled").and_then(Value::as_flag) != Some(true))
    }

    /// What a principal may do with a record, all things together.
    pub fn rights(&self, principal: Principal, entity: &str, id: CrmId) -> Rights {
        let shared_with = |principal: &Principal| {
            self.shares.get(&(entity.to_owned(), id)).and_then(|shares| shares.get(principal)).into_iter().flatten()
        };
        let user = match principal {
            Principal::User(user) => user,
            // A team has no role of its own in 4.0: only what is shared with it.
            Principal::Team(_) => return shared_with(&principal).copied().collect(),
        };
        let (Ok(schema), Ok(caller)) = (self.schema.entity(entity), self.caller(user)) else { return Rights::new() };
        let Some(record) = self.record(entity, id) else { return Rights::new() };
        let owns = record.get("ownerid").and_then(Value::as_id) == Some(user);
        let teams = self.teams_of(user).map(Principal::Team);
        let shared: Rights =
            teams.chain([principal]).flat_map(|with| shared_with(&with).copied().collect::<Vec<_>>()).collect();
        let has = |right: &Right| match self.depth(caller.role, schema, *right) {
            Depth::All => true,
            Depth::Own => owns || shared.contains(right),
            Depth::None => false,
        };
        // Creating is a privilege, not a right on a record that is there.
        Right::ALL.into_iter().filter(|right| *right != Right::Create).filter(has).collect()
    }

    /// Whether the caller may do this with this record, which must be there.
    pub(crate) fn require(&self, caller: &Caller, entity: &Entity, id: CrmId, right: Right) -> Result<(), Refusal> {
        self.require_privilege(caller, entity, right)?;
        if self.record(&entity.name, id).is_none() {
            return Err(Refusal::not_found(&entity.name, id));
        }
        let rights = self.rights(Principal::User(caller.user), &entity.name, id);
        if rights.contains(&right) { Ok(()) } else { Err(Refusal::denied()) }
    }

    /// The teams that a user is in.
    pub(crate) fn teams_of(&self, user: CrmId) -> impl Iterator<Item = CrmId> {
        let is_member = move |record: &super::Record| record.get("systemuserid").and_then(Value::as_id) == Some(user);
        let memberships = self.records("teammembership").filter(move |(_, record)| is_member(record));
        memberships.filter_map(|(_, record)| record.get("teamid").and_then(Value::as_id))
    }

    /// Shares a record, replacing what the principal had of it before; no rights end the share.
    pub fn share(&mut self, entity: &str, id: CrmId, principal: Principal, rights: Rights) {
        let shares = self.shares.entry((entity.to_owned(), id)).or_default();
        if rights.is_empty() {
            shares.remove(&principal);
        } else {
            shares.insert(principal, rights);
        }
    }
}
