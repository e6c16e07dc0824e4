//! What objects there are and what properties each has: the one source for `Describe`, for what a retrieve may ask for,
//! and for the order in which it is answered, which is the schema's.

use std::{collections::BTreeMap, sync::LazyLock};

/// One property of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// Such as `Client.ID`.
    pub(super) name: &'static str,
    /// `Int32`, `String`, `DateTime`, `Boolean`.
    pub(super) data_type: &'static str,
    /// Whether a retrieve may ask for it.
    pub(super) is_retrievable: bool,
}

/// `data/exacttarget/properties.tsv`, whose head says where each line is from.
static OBJECTS: LazyLock<BTreeMap<&'static str, Vec<Property>>> = LazyLock::new(|| {
    let mut objects: BTreeMap<&str, Vec<Property>> = BTreeMap::new();
    let lines = include_str!("../../data/exacttarget/properties.tsv").lines();
    for line in lines.filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let mut parts = line.split('\t');
        let mut next = || parts.next().unwrap_or_default();
        let (object, name, data_type, retrievable) = (next(), next(), next(), next());
        let property = Property { name, data_type, is_retrievable: retrievable == "yes" };
        objects.entry(object).or_default().push(property);
    }
    objects
});

/// The properties of an object; `None` where there is no such object.
pub(super) fn properties(object: &str) -> Option<&'static [Property]> {
    OBJECTS.get(object).map(Vec::as_slice)
}
