//! Values of attributes: what they are, how text becomes one, how they compare.

use std::cmp::Ordering;

use domain::{CrmId, Timestamp};
use jiff::{civil, tz::TimeZone};

use super::{
    fault::Refusal,
    schema::{Entity, Kind},
};

/// A value. A null is the absence of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text of any length.
    Text(String),
    /// A bit.
    Flag(bool),
    /// A whole number, or the number of an option, a state or a status.
    Number(i64),
    /// Money and other fractions.
    Amount(f64),
    /// An instant, to the second.
    Moment(Timestamp),
    /// Another record.
    Reference {
        /// The other record's entity.
        entity: String,
        /// Its id.
        id: CrmId,
    },
    /// The record's own key, or an id that refers to nothing in particular.
    Id(CrmId),
}

impl Value {
    /// The text of a text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The id of a reference or a key.
    pub fn as_id(&self) -> Option<CrmId> {
        match self {
            Self::Reference { id, .. } | Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The number of a number, an option, a state or a status.
    pub fn as_number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The flag of a bit.
    pub fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }
}

/// Reads what a client wrote for an attribute, in a record or in a condition. `reference` is the `type` attribute of a
/// lookup; without it the only possible target is taken.
pub(crate) fn read(
    entity: &Entity,
    attribute: &str,
    text: &str,
    reference: Option<&str>,
    zone: &TimeZone,
) -> Result<Value, Refusal> {
    let kind = &entity.attribute(attribute)?.kind;
    let trimmed = text.trim();
    let wrong = || Refusal::invalid(format!("'{attribute}' of '{}' cannot be read.", entity.name));
    Ok(match kind {
        Kind::Text(_) => Value::Text(text.to_owned()),
        Kind::EntityName => Value::Text(trimmed.to_ascii_lowercase()),
        Kind::Bit { .. } => Value::Flag(match trimmed.to_ascii_lowercase().as_str() {
            "1" | "true" => true,
            "0" | "false" => false,
            _ => return Err(wrong()),
        }),
        Kind::Number | Kind::Picklist { .. } | Kind::Status => Value::Number(trimmed.parse().map_err(|_| wrong())?),
        Kind::State => {
            let by_name = entity.states.iter().position(|state| state.name.eq_ignore_ascii_case(trimmed));
            let number = by_name.and_then(|at| i64::try_from(at).ok());
            Value::Number(number.or_else(|| trimmed.parse().ok()).ok_or_else(wrong)?)
        }
        Kind::Money | Kind::Float => {
            Value::Amount(trimmed.parse().ok().filter(|amount: &f64| amount.is_finite()).ok_or_else(wrong)?)
        }
        Kind::Moment => Value::Moment(moment(trimmed, zone).ok_or_else(wrong)?),
        Kind::Key | Kind::UniqueIdentifier => Value::Id(trimmed.parse().map_err(|_| wrong())?),
        Kind::Lookup(_) | Kind::Owner | Kind::Customer => {
            let target = target(kind, reference).ok_or_else(wrong)?;
            Value::Reference { entity: target, id: trimmed.parse().map_err(|_| wrong())? }
        }
    })
}

/// The entity that a lookup refers to. `type` is required on write where there is a choice (contract §5).
fn target(kind: &Kind, reference: Option<&str>) -> Option<String> {
    let named = reference.map(str::to_ascii_lowercase).filter(|name| !name.is_empty());
    match (kind, named) {
        (Kind::Lookup(only), None) if only != "*" => Some(only.clone()),
        (Kind::Lookup(only), Some(named)) => (only == "*" || *only == named).then_some(named),
        // Users alone own records in 4.0.
        (Kind::Owner, None) => Some("systemuser".to_owned()),
        (Kind::Owner, Some(named)) => (named == "systemuser").then_some(named),
        (Kind::Customer, Some(named)) => matches!(named.as_str(), "account" | "contact").then_some(named),
        _ => None,
    }
}

/// An instant with `Z` or an offset, or in the user's own time without one; to the second, as CRM keeps it.
pub(crate) fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let instant = text.parse::<Timestamp>().ok().or_else(|| {
        let local = text.parse::<civil::DateTime>().ok()?;
        local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
    })?;
    Timestamp::from_second(instant.as_second()).ok()
}

/// What rows are sorted and compared by: text without regard to case, as SQL Server's usual collation does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SortKey {
    Null,
    Number(f64),
    Second(i64),
    Text(String),
}

impl SortKey {
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Second(a), Self::Second(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// Nulls come first in ascending order.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Number(_) => 1,
            Self::Second(_) => 2,
            Self::Text(_) => 3,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the numbers of CRM 4.0 are 32 bits wide")]
pub(crate) fn sort_key(value: &Value) -> SortKey {
    match value {
        Value::Text(text) => SortKey::Text(text.to_lowercase()),
        Value::Flag(flag) => SortKey::Number(f64::from(u8::from(*flag))),
        Value::Number(number) => SortKey::Number(*number as f64),
        Value::Amount(amount) => SortKey::Number(*amount),
        Value::Moment(at) => SortKey::Second(at.as_second()),
        Value::Reference { id, .. } | Value::Id(id) => SortKey::Text(id.to_string()),
    }
}
