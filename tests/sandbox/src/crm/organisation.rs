//! One organisation: its records, and what happens to them when they are made, changed and removed.

use std::{collections::BTreeMap, ops::Bound};

use domain::{CrmId, Timestamp};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{
    fault::Refusal,
    index::Indexes,
    schema::{Attribute, Entity, Kind, SCHEMA, Schema},
    security::{Caller, Depth, Principal, Right, Rights},
    sign_in::SignIn,
    value::{SortKey, Value},
};
use crate::people::Role;

/// A record: attribute to value; a null is absent.
pub type Record = BTreeMap<String, Value>;

/// What a client sets: attribute to value, or to null.
pub type Fields = BTreeMap<String, Option<Value>>;

/// An organisation of the CRM: one tenant.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// The name in addresses and tokens.
    pub name: String,
    /// The name that people know.
    pub friendly_name: String,
    pub(crate) id: CrmId,
    pub(crate) business_unit: CrmId,
    /// How its people prove who they are.
    pub(crate) sign_in: SignIn,
    /// The zone that every user of it has set: times are read in it.
    pub(crate) zone: TimeZone,
    pub(crate) roles: BTreeMap<CrmId, Role>,
    /// Passwords that were changed since the seed.
    pub(crate) passwords: BTreeMap<CrmId, String>,
    pub(crate) shares: BTreeMap<(String, CrmId), BTreeMap<Principal, Rights>>,
    /// What is published in it.
    pub(crate) schema: &'static Schema,
    /// What the integration role has less than everything.
    pub(crate) narrowed: BTreeMap<(String, Right), Depth>,
    records: BTreeMap<String, BTreeMap<CrmId, Record>>,
    indexes: Indexes,
    made: u64,
}

/// Looking, for tests and for the demo: no rights are asked for.
impl Organisation {
    /// The records of an entity, by id.
    pub fn records(&self, entity: &str) -> impl Iterator<Item = (CrmId, &Record)> {
        self.records.get(entity).into_iter().flatten().map(|(id, record)| (*id, record))
    }

    /// One record.
    pub fn record(&self, entity: &str, id: CrmId) -> Option<&Record> {
        self.records.get(entity)?.get(&id)
    }

    /// One record, to be changed behind the service's back: renamed, deactivated, aged.
    pub fn record_mut(&mut self, entity: &str, id: CrmId) -> Option<&mut Record> {
        self.indexes.forget(entity);
        self.records.get_mut(entity)?.get_mut(&id)
    }

    /// Takes a record away behind the service's back.
    pub fn take(&mut self, entity: &str, id: CrmId) -> Option<Record> {
        self.indexes.forget(entity);
        self.records.get_mut(entity)?.remove(&id)
    }

    /// The records of an entity in the order of their ids, from behind one of them on.
    pub(crate) fn records_after(&self, entity: &str, after: Option<CrmId>) -> impl Iterator<Item = (CrmId, &Record)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = self.records.get(entity).into_iter();
        found.flat_map(move |records| records.range((from, Bound::Unbounded))).map(|(id, record)| (*id, record))
    }

    /// The ids of the records with this value.
    pub(crate) fn joined(&self, entity: &str, attribute: &str, value: &SortKey) -> Vec<CrmId> {
        self.indexes.with(entity, attribute, value, || self.records(entity))
    }

    /// Gives a user of an organisation on premise another password; tickets that were handed out stay good.
    pub fn set_password(&mut self, user: CrmId, password: &str) {
        self.passwords.insert(user, password.to_owned());
    }

    /// Unpublishes an entity, or one attribute of it: as if its package had never been imported.
    pub fn unpublish(&mut self, entity: &str, attribute: Option<&str>) {
        self.schema = self.schema.without(entity, attribute);
    }

    /// Takes a privilege from the integration role, or leaves it only for records of one's own.
    pub fn withhold(&mut self, entity: &str, right: Right, only_own: bool) {
        let depth = if only_own { Depth::Own } else { Depth::None };
        self.narrowed.insert((entity.to_owned(), right), depth);
    }

    /// What the record is called by people: its primary attribute.
    pub fn name_of(&self, entity: &str, id: CrmId) -> Option<&str> {
        let primary = self.schema.entity(entity).ok()?.primary.as_deref()?;
        self.record(entity, id)?.get(primary)?.as_text()
    }

    /// The id of the user with this `DOMAIN\name`.
    pub fn user(&self, login: &str) -> Option<CrmId> {
        let has = |record: &Record| {
            record.get("domainname").and_then(Value::as_text).is_some_and(|name| name.eq_ignore_ascii_case(login))
        };
        self.records("systemuser").find(|(_, record)| has(record)).map(|(id, _)| id)
    }
}

/// What the service does. Every function asks for the caller's rights first.
impl Organisation {
    pub(crate) fn new(name: &str, friendly_name: &str, ids: [CrmId; 2], sign_in: SignIn, zone: TimeZone) -> Self {
        Self {
            name: name.to_owned(),
            friendly_name: friendly_name.to_owned(),
            id: ids[0],
            business_unit: ids[1],
            sign_in,
            zone,
            roles: BTreeMap::new(),
            passwords: BTreeMap::new(),
            shares: BTreeMap::new(),
            schema: &SCHEMA,
            narrowed: BTreeMap::new(),
            records: BTreeMap::new(),
            indexes: Indexes::default(),
            made: 0,
        }
    }

    /// Puts a record in place as the seed says it, with no rules.
    pub(crate) fn put(&mut self, entity: &str, id: CrmId, record: Record) {
        self.indexes.forget(entity);
        self.records.entry(entity.to_owned()).or_default().insert(id, record);
    }

    /// Makes a record. The key may be the caller's (contract §8: a client-chosen id makes a repeat harmless).
    pub(crate) fn create(
        &mut self,
        caller: &Caller,
        entity: &str,
        fields: &Fields,
        now: Timestamp,
    ) -> Result<CrmId, Refusal> {
        let schema = self.schema.entity(entity)?;
        self.require_privilege(caller, schema, Right::Create)?;
        let id = match fields.get(&schema.key) {
            Some(Some(key)) => key.as_id().ok_or_else(|| Refusal::invalid("The key is no id."))?,
            _ => self.mint(),
        };
        if self.record(&schema.name, id).is_some() {
            return Err(Refusal::duplicate());
        }
        let mut record = defaults(schema);
        self.apply(schema, &mut record, fields)?;
        if let Some((missing, _)) =
            schema.attributes.iter().find(|(name, attribute)| attribute.required && !record.contains_key(*name))
        {
            return Err(Refusal::validation(format_args!("'{missing}' of '{}' is required.", schema.name)));
        }
        record.insert(schema.key.clone(), Value::Id(id));
        if schema.owned {
            let owner = || Value::Reference { entity: "systemuser".to_owned(), id: caller.user };
            record.entry("ownerid".to_owned()).or_insert_with(owner);
            let unit = Value::Reference { entity: "businessunit".to_owned(), id: self.business_unit };
            record.insert("owningbusinessunit".to_owned(), unit);
        }
        if let Some(Value::Reference { entity, .. }) = record.get("objectid").cloned() {
            record.insert("objecttypecode".to_owned(), Value::Text(entity));
        }
        stamp(schema, &mut record, caller, now, ["createdon", "createdby"]);
        stamp(schema, &mut record, caller, now, ["modifiedon", "modifiedby"]);
        self.put(&schema.name, id, record);
        Ok(id)
    }

    /// Changes a record; the key says which.
    pub(crate) fn update(
        &mut self,
        caller: &Caller,
        entity: &str,
        fields: &Fields,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let schema = self.schema.entity(entity)?;
        let key = fields.get(&schema.key).and_then(Option::as_ref).and_then(Value::as_id);
        let id = key.ok_or_else(|| Refusal::invalid("Entity Id must be specified."))?;
        self.require(caller, schema, id, Right::Write)?;
        let mut record = self.record(&schema.name, id).cloned().unwrap_or_default();
        self.apply(schema, &mut record, fields)?;
        if let Some((missing, _)) =
            schema.attributes.iter().find(|(name, attribute)| attribute.required && !record.contains_key(*name))
        {
            return Err(Refusal::validation(format_args!("'{missing}' of '{}' is required.", schema.name)));
        }
        stamp(schema, &mut record, caller, now, ["modifiedon", "modifiedby"]);
        self.put(&schema.name, id, record);
        Ok(())
    }

    /// Removes a record, with its shares and its notes; references to it become null.
    pub(crate) fn delete(&mut self, caller: &Caller, entity: &str, id: CrmId) -> Result<(), Refusal> {
        let schema = self.schema.entity(entity)?;
        self.require(caller, schema, id, Right::Delete)?;
        self.take(&schema.name, id);
        self.shares.remove(&(schema.name.clone(), id));
        let gone = Value::Reference { entity: schema.name.clone(), id };
        if let Some(notes) = self.records.get_mut("annotation") {
            notes.retain(|_, note| note.get("objectid") != Some(&gone));
        }
        self.indexes = Indexes::default();
        for record in self.records.values_mut().flat_map(BTreeMap::values_mut) {
            record.retain(|_, value| *value != gone);
        }
        Ok(())
    }

    /// Sets state and status; -1 asks for the state's default status (contract §5).
    pub(crate) fn set_state(
        &mut self,
        caller: &Caller,
        (entity, id): (&str, CrmId),
        (state, status): (&str, i64),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let schema = self.schema.entity(entity)?;
        self.require(caller, schema, id, Right::Write)?;
        let at = schema.states.iter().position(|known| known.name == state);
        let bad = || Refusal::new("0x80040233", format!("{state} is not a valid state of {entity} with {status}."));
        let (at, choices) = at.map(|at| (at, &schema.states[at].statuses)).ok_or_else(bad)?;
        let status = match choices.iter().find(|choice| choice.value == status) {
            Some(choice) => choice.value,
            None if status == -1 => choices.first().ok_or_else(bad)?.value,
            None => return Err(bad()),
        };
        let number = i64::try_from(at).map_err(|_| bad())?;
        if let Some(record) = self.record_mut(&schema.name, id) {
            record.insert("statecode".to_owned(), Value::Number(number));
            record.insert("statuscode".to_owned(), Value::Number(status));
            stamp(schema, record, caller, now, ["modifiedon", "modifiedby"]);
        }
        Ok(())
    }

    /// Gives a record to another user.
    pub(crate) fn assign(
        &mut self,
        caller: &Caller,
        (entity, id): (&str, CrmId),
        assignee: CrmId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let schema = self.schema.entity(entity)?;
        self.require(caller, schema, id, Right::Assign)?;
        if !self.is_enabled(assignee) {
            return Err(Refusal::disabled_user());
        }
        if let Some(record) = self.record_mut(&schema.name, id) {
            let owner = Value::Reference { entity: "systemuser".to_owned(), id: assignee };
            record.insert("ownerid".to_owned(), owner);
            stamp(schema, record, caller, now, ["modifiedon", "modifiedby"]);
        }
        Ok(())
    }

    /// A new id that depends only on how many were made before.
    pub(super) fn mint(&mut self) -> CrmId {
        self.made += 1;
        CrmId::new(Uuid::new_v5(&self.id.uuid(), &self.made.to_be_bytes()))
    }

    fn apply(&self, schema: &Entity, record: &mut Record, fields: &Fields) -> Result<(), Refusal> {
        for (name, value) in fields {
            let attribute = schema.attribute(name)?;
            if attribute.by_server || attribute.kind == Kind::Key {
                continue;
            }
            match value {
                // CRM keeps no empty text: it becomes null.
                None | Some(Value::Text(_)) if value.as_ref().is_none_or(|v| v.as_text() == Some("")) => {
                    record.remove(name);
                }
                None => {}
                Some(value) => {
                    self.check(schema, name, attribute, value)?;
                    record.insert(name.clone(), value.clone());
                }
            }
        }
        Ok(())
    }

    fn check(&self, schema: &Entity, name: &str, attribute: &Attribute, value: &Value) -> Result<(), Refusal> {
        let outside = || Refusal::validation(format_args!("'{name}' of '{}' is outside the valid range.", schema.name));
        match (&attribute.kind, value) {
            // CRM counts UTF-16 units, as .NET does.
            (Kind::Text(most), Value::Text(text)) if text.encode_utf16().count() > *most => {
                Err(Refusal::validation(format_args!(
                    "The length of the '{name}' attribute of the '{}' entity exceeded the maximum allowed length of \
                     '{most}'.",
                    schema.name
                )))
            }
            (Kind::Picklist { options, .. }, Value::Number(number)) => {
                options.iter().any(|option| option.value == *number).then_some(()).ok_or_else(outside)
            }
            (Kind::Status, Value::Number(number)) => schema.status_label(*number).map(|_| ()).ok_or_else(outside),
            (Kind::Number, Value::Number(number)) => i32::try_from(*number).map(|_| ()).map_err(|_| outside()),
            (_, Value::Reference { entity, id }) if self.record(entity, *id).is_none() => {
                Err(Refusal::not_found(entity, *id))
            }
            (Kind::Owner, Value::Reference { id, .. }) if !self.is_enabled(*id) => Err(Refusal::disabled_user()),
            _ => Ok(()),
        }
    }
}

fn defaults(schema: &Entity) -> Record {
    let of = |kind: &Kind| match kind {
        Kind::Bit { default, .. } => default.map(Value::Flag),
        Kind::Picklist { default, .. } => default.map(Value::Number),
        Kind::State => Some(Value::Number(0)),
        Kind::Status => schema.states.first()?.statuses.first().map(|choice| Value::Number(choice.value)),
        _ => None,
    };
    let attributes = schema.attributes.iter();
    attributes.filter_map(|(name, attribute)| Some((name.clone(), of(&attribute.kind)?))).collect()
}

/// Sets when and who, if the entity has those attributes.
fn stamp(schema: &Entity, record: &mut Record, caller: &Caller, now: Timestamp, [on, by]: [&str; 2]) {
    if schema.attributes.contains_key(on) {
        let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
        record.insert(on.to_owned(), Value::Moment(second));
        record.insert(by.to_owned(), Value::Reference { entity: "systemuser".to_owned(), id: caller.user });
    }
}
