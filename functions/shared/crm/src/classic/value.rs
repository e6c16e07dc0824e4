//! The values of a dynamic entity's properties (contract §5).

use domain::{CrmId, Timestamp};
use soap::{Element, Error};

use super::{Decimal, DynamicEntity, ns::ENTITIES};

/// One value, of one of CRM 4.0's property types.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Text. CRM keeps no difference between empty and absent.
    String(String),
    /// The record's own id.
    Key(CrmId),
    /// A reference to one record.
    Lookup(Reference),
    /// The owner.
    Owner(Reference),
    /// An account or a contact.
    Customer(Reference),
    /// An instant. Read with whatever offset CRM wrote, written in UTC to the second, which is all that CRM keeps.
    DateTime(Timestamp),
    /// An amount of money.
    Money(Decimal),
    /// A decimal number.
    Decimal(Decimal),
    /// A floating point number; always finite.
    Float(f64),
    /// A whole number.
    Number(i32),
    /// Yes or no.
    Boolean(bool),
    /// A choice, by its number.
    Picklist(i32),
    /// A state, by its name: `Active`.
    State(String),
    /// A status, by its number.
    Status(i32),
    /// Party lists: activity parties, each an entity of its own.
    Parties(Vec<DynamicEntity>),
    /// An id that is not a reference.
    UniqueIdentifier(CrmId),
    /// The name of an entity, as `objecttypecode` of a note.
    EntityName(String),
    /// No value, of a type that can say so (`IsNull`).
    Null(Kind),
}

/// The types that can be null. Text is emptied instead; a key and a state are never null.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// [`Value::Lookup`].
    Lookup,
    /// [`Value::Owner`].
    Owner,
    /// [`Value::Customer`].
    Customer,
    /// [`Value::DateTime`].
    DateTime,
    /// [`Value::Money`].
    Money,
    /// [`Value::Decimal`].
    Decimal,
    /// [`Value::Float`].
    Float,
    /// [`Value::Number`].
    Number,
    /// [`Value::Boolean`].
    Boolean,
    /// [`Value::Picklist`].
    Picklist,
    /// [`Value::Status`].
    Status,
    /// [`Value::UniqueIdentifier`].
    UniqueIdentifier,
    /// [`Value::EntityName`].
    EntityName,
}

/// A reference to a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// Which record.
    pub id: CrmId,
    /// Its entity. CRM requires it on writing where an attribute can point to several entities.
    pub entity: Option<String>,
    /// Its display name, which CRM adds to what it answers.
    pub name: Option<String>,
}

impl Reference {
    /// A reference as it is written.
    pub fn to(entity: &str, id: CrmId) -> Self {
        Self { id, entity: Some(entity.to_owned()), name: None }
    }
}

impl Kind {
    /// The property's `xsi:type`, and a body that strict schemas accept beside `IsNull` (the server does not read it).
    const fn null(self) -> (&'static str, &'static str) {
        const NO_ID: &str = "00000000-0000-0000-0000-000000000000";
        match self {
            Self::Lookup => ("LookupProperty", NO_ID),
            Self::Owner => ("OwnerProperty", NO_ID),
            Self::Customer => ("CustomerProperty", NO_ID),
            Self::DateTime => ("CrmDateTimeProperty", ""),
            Self::Money => ("CrmMoneyProperty", "0"),
            Self::Decimal => ("CrmDecimalProperty", "0"),
            Self::Float => ("CrmFloatProperty", "0"),
            Self::Number => ("CrmNumberProperty", "0"),
            Self::Boolean => ("CrmBooleanProperty", "false"),
            Self::Picklist => ("PicklistProperty", "0"),
            Self::Status => ("StatusProperty", "0"),
            Self::UniqueIdentifier => ("UniqueIdentifierProperty", NO_ID),
            Self::EntityName => ("EntityNameReferenceProperty", ""),
        }
    }

    fn of(property: &str) -> Option<Self> {
        let all = [
            Self::Lookup,
            Self::Owner,
            Self::Customer,
            Self::DateTime,
            Self::Money,
            Self::Decimal,
            Self::Float,
            Self::Number,
            Self::Boolean,
            Self::Picklist,
            Self::Status,
            Self::UniqueIdentifier,
            Self::EntityName,
        ];
        all.into_iter().find(|kind| kind.null().0 == property)
    }
}

impl Value {
    /// The `xsi:type` of a property that holds this.
    pub(super) fn property(&self) -> &'static str {
        match self {
            Self::String(_) => "StringProperty",
            Self::Key(_) => "KeyProperty",
            Self::State(_) => "StateProperty",
            Self::Parties(_) => "DynamicEntityArrayProperty",
            Self::Lookup(_) => Kind::Lookup.null().0,
            Self::Owner(_) => Kind::Owner.null().0,
            Self::Customer(_) => Kind::Customer.null().0,
            Self::DateTime(_) => Kind::DateTime.null().0,
            Self::Money(_) => Kind::Money.null().0,
            Self::Decimal(_) => Kind::Decimal.null().0,
            Self::Float(_) => Kind::Float.null().0,
            Self::Number(_) => Kind::Number.null().0,
            Self::Boolean(_) => Kind::Boolean.null().0,
            Self::Picklist(_) => Kind::Picklist.null().0,
            Self::Status(_) => Kind::Status.null().0,
            Self::UniqueIdentifier(_) => Kind::UniqueIdentifier.null().0,
            Self::EntityName(_) => Kind::EntityName.null().0,
            Self::Null(kind) => kind.null().0,
        }
    }

    /// The `Value` element.
    pub(super) fn to_xml(&self) -> Element {
        let value = Element::new(ENTITIES, "Value");
        match self {
            Self::String(text) | Self::State(text) | Self::EntityName(text) => value.with_text(text),
            Self::Key(id) | Self::UniqueIdentifier(id) => value.with_text(id.to_string()),
            Self::Lookup(to) | Self::Owner(to) | Self::Customer(to) => {
                let attributes = [("type", &to.entity), ("name", &to.name)];
                let set = attributes.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)));
                set.fold(value, |value, (name, text)| value.with_attribute(name, text)).with_text(to.id.to_string())
            }
            Self::DateTime(instant) => value.with_text(to_the_second(*instant)),
            Self::Money(number) | Self::Decimal(number) => value.with_text(number.to_string()),
            Self::Float(number) => value.with_text(number.to_string()),
            Self::Number(number) | Self::Picklist(number) | Self::Status(number) => value.with_text(number.to_string()),
            Self::Boolean(yes) => value.with_text(yes.to_string()),
            Self::Parties(parties) => {
                value.with_all(parties.iter().map(|party| party.written_into(Element::new(ENTITIES, "DynamicEntity"))))
            }
            Self::Null(kind) => value.with_attribute("IsNull", "true").with_text(kind.null().1),
        }
    }

    /// Reads the value of a `Property` element.
    pub(super) fn from_property(property: &Element) -> Result<Self, Error> {
        let name = property.required_kind()?;
        let absent = Element::new(ENTITIES, "Value");
        let value = property.child("Value").unwrap_or(&absent);
        if let Some(kind) = Kind::of(name) {
            let says_null = matches!(value.attribute("IsNull"), Some("true" | "1"));
            // CRM writes no value as an absent property, as IsNull, or as an empty element.
            if says_null || value.text().trim().is_empty() {
                return Ok(Self::Null(kind));
            }
        }
        Self::read(name, value).map_err(|error| error.under("Value"))
    }

    fn read(property: &str, value: &Element) -> Result<Self, Error> {
        Ok(match property {
            "StringProperty" => Self::String(value.text()),
            "KeyProperty" => Self::Key(value.parse()?),
            "LookupProperty" => Self::Lookup(reference(value)?),
            "OwnerProperty" => Self::Owner(reference(value)?),
            "CustomerProperty" => Self::Customer(reference(value)?),
            "CrmDateTimeProperty" => Self::DateTime(value.parse()?),
            "CrmMoneyProperty" => Self::Money(value.parse()?),
            "CrmDecimalProperty" => Self::Decimal(value.parse()?),
            "CrmFloatProperty" => Self::Float(finite(value)?),
            "CrmNumberProperty" => Self::Number(value.parse()?),
            "CrmBooleanProperty" => Self::Boolean(yes_or_no(&value.text())?),
            "PicklistProperty" => Self::Picklist(value.parse()?),
            "StateProperty" => Self::State(value.text().trim().to_owned()),
            "StatusProperty" => Self::Status(value.parse()?),
            "DynamicEntityArrayProperty" => Self::Parties(value.each("DynamicEntity", DynamicEntity::read_from)?),
            "UniqueIdentifierProperty" => Self::UniqueIdentifier(value.parse()?),
            "EntityNameReferenceProperty" => Self::EntityName(value.text().trim().to_owned()),
            other => return Err(Error::unexpected("a property type of CRM 4.0", other)),
        })
    }
}

/// An instant as CRM 4.0 keeps it.
pub(super) fn to_the_second(instant: Timestamp) -> String {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant).to_string()
}

/// CRM writes 0, 1, true and false.
pub(super) fn yes_or_no(text: &str) -> Result<bool, Error> {
    match text.trim() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        other => Err(Error::unexpected("0, 1, true or false", other)),
    }
}

fn reference(value: &Element) -> Result<Reference, Error> {
    let attribute = |name| value.attribute(name).map(ToOwned::to_owned);
    Ok(Reference { id: value.parse()?, entity: attribute("type"), name: attribute("name") })
}

fn finite(value: &Element) -> Result<f64, Error> {
    let number: f64 = value.parse()?;
    if number.is_finite() { Ok(number) } else { Err(Error::unexpected("a finite number", &value.text())) }
}
