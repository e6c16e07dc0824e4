//! Records by the values of their attributes, so that a list of a million members is joined in the time that a page takes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::CrmId;

use super::{
    organisation::Record,
    value::{SortKey, sort_key},
};

/// What was asked for since the entity last changed. A copy begins without any.
#[derive(Debug, Default)]
pub(super) struct Indexes(Mutex<HashMap<String, HashMap<String, ByValue>>>);

/// A value, and the ids of the records that have it.
type ByValue = HashMap<String, Vec<CrmId>>;

impl Clone for Indexes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Indexes {
    /// The records of an entity changed, or may have.
    pub(super) fn forget(&mut self, entity: &str) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).remove(entity);
    }

    /// The ids of the records with this value.
    pub(super) fn with<'r, I: Iterator<Item = (CrmId, &'r Record)>>(
        &self,
        entity: &str,
        attribute: &str,
        value: &SortKey,
        records: impl FnOnce() -> I,
    ) -> Vec<CrmId> {
        let mut indexes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_entity = indexes.entry(entity.to_owned()).or_default();
        let index = of_entity.entry(attribute.to_owned()).or_insert_with(|| {
            let mut index = ByValue::new();
            for (id, record) in records() {
                if let Some(value) = record.get(attribute) {
                    index.entry(format!("{:?}", sort_key(value))).or_default().push(id);
                }
            }
            index
        });
        index.get(&format!("{value:?}")).cloned().unwrap_or_default()
    }
}
