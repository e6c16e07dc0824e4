//! Records as the wire carries them: typed, dynamic, and in a fetch result (contract §5).

use domain::{CrmId, Timestamp};
use jiff::tz::TimeZone;
use soap::Element;

use super::{
    fault::Refusal,
    organisation::{Fields, Organisation, Record},
    query::Columns,
    schema::{Choice, Entity, Kind, SCHEMA},
    value::{self, Value},
};

/// Namespaces of CRM 4.0.
pub(crate) mod ns {
    pub(crate) const WEB_SERVICES: &str = "http://schemas.microsoft.com/crm/2007/WebServices";
    pub(crate) const CORE_TYPES: &str = "http://schemas.microsoft.com/crm/2007/CoreTypes";
    pub(crate) const ENTITIES: &str = "http://schemas.microsoft.com/crm/2006/WebServices";
    pub(crate) const OLD_CORE_TYPES: &str = "http://schemas.microsoft.com/crm/2006/CoreTypes";
    pub(crate) const DISCOVERY: &str = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService";
}

/// Reads a record that a client sends: a `DynamicEntity`, or a typed one by its `xsi:type`.
pub(crate) fn read_record(element: &Element, zone: &TimeZone) -> Result<(&'static Entity, Fields), Refusal> {
    match element.required_kind()? {
        "DynamicEntity" => read_dynamic(element, zone),
        typed => {
            let entity = SCHEMA.entity(typed)?;
            // What the serializer of .NET does not know, it skips.
            let known = element.children().filter(|child| entity.attributes.contains_key(child.local()));
            let field = |child: &Element| {
                let value = read_value(entity, child.local(), child, zone)?;
                Ok((child.local().to_owned(), value))
            };
            Ok((entity, known.map(field).collect::<Result<_, Refusal>>()?))
        }
    }
}

/// Reads a `DynamicEntity`, whatever the element says of its type.
pub(crate) fn read_dynamic(element: &Element, zone: &TimeZone) -> Result<(&'static Entity, Fields), Refusal> {
    let entity = SCHEMA.entity(element.required_attribute("Name")?)?;
    let mut fields = Fields::new();
    for property in element.child("Properties").into_iter().flat_map(|list| list.all("Property")) {
        let name = property.required_attribute("Name")?;
        let attribute = entity.attribute(name)?;
        let (expected, found) = (property_kind(&attribute.kind), property.required_kind()?);
        if expected != found {
            return Err(Refusal::invalid(format!("'{name}' of '{}' is a {expected}, not a {found}.", entity.name)));
        }
        let value = match property.child("Value") {
            Some(value) => read_value(entity, name, value, zone)?,
            None => None,
        };
        fields.insert(name.to_owned(), value);
    }
    Ok((entity, fields))
}

fn read_value(entity: &Entity, name: &str, element: &Element, zone: &TimeZone) -> Result<Option<Value>, Refusal> {
    let says_null = element.attribute("IsNull").is_some_and(|flag| matches!(flag, "true" | "1"));
    if says_null || element.is_nil() {
        return Ok(None);
    }
    value::read(entity, name, &element.text(), element.attribute("type"), zone).map(Some)
}

/// A typed record: `name` in `name_space`, its values in the namespace of typed entities.
pub(crate) fn typed(
    organisation: &Organisation,
    entity: &Entity,
    record: &Record,
    columns: &Columns,
    (name_space, name): (&str, &str),
) -> Element {
    let values = chosen(entity, record, columns).map(|(attribute, kind, value)| {
        let Shape { text, attributes } = shape(organisation, entity, kind, value, Form::Typed);
        let element = Element::new(ns::WEB_SERVICES, attribute).with_text(text);
        attributes.into_iter().fold(element, |element, (name, value)| element.with_attribute(name, value))
    });
    Element::new(name_space, name).with_kind(ns::WEB_SERVICES, &entity.name).with_all(values)
}

/// A record as a `DynamicEntity`: a `BusinessEntity` element.
pub(crate) fn dynamic(organisation: &Organisation, entity: &Entity, record: &Record, columns: &Columns) -> Element {
    let properties = chosen(entity, record, columns).map(|(attribute, kind, value)| {
        let Shape { text, attributes } = shape(organisation, entity, kind, value, Form::Dynamic);
        let element = Element::new(ns::ENTITIES, "Value").with_text(text);
        let value = attributes.into_iter().fold(element, |element, (name, value)| element.with_attribute(name, value));
        Element::new(ns::ENTITIES, "Property")
            .with_kind(ns::ENTITIES, property_kind(kind))
            .with_attribute("Name", attribute)
            .with(value)
    });
    Element::new(ns::ENTITIES, "BusinessEntity")
        .with_kind(ns::ENTITIES, "DynamicEntity")
        .with_attribute("Name", &*entity.name)
        .with(Element::new(ns::ENTITIES, "Properties").with_all(properties))
}

/// A value as an element of a fetch result.
pub(crate) fn fetched(
    organisation: &Organisation,
    entity: &Entity,
    attribute: &str,
    column: &str,
    value: &Value,
) -> Option<Element> {
    let kind = &entity.attributes.get(attribute)?.kind;
    let Shape { text, attributes } = shape(organisation, entity, kind, value, Form::Fetch);
    let element = Element::new("", column).with_text(text);
    Some(attributes.into_iter().fold(element, |element, (name, value)| element.with_attribute(name, value)))
}

/// The values that are asked for and not null. The key is always there.
fn chosen<'r>(
    entity: &'r Entity,
    record: &'r Record,
    columns: &'r Columns,
) -> impl Iterator<Item = (&'r str, &'r Kind, &'r Value)> {
    let is_wanted = move |name: &str| match columns {
        Columns::All => true,
        Columns::Some(names) => name == entity.key || names.iter().any(|wanted| wanted == name),
    };
    let known = entity.attributes.iter().filter(move |(name, _)| is_wanted(name));
    known.filter_map(|(name, attribute)| Some((name.as_str(), &attribute.kind, record.get(name)?)))
}

/// The `xsi:type` of a property.
fn property_kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Key => "KeyProperty",
        Kind::Text(_) => "StringProperty",
        Kind::Bit { .. } => "CrmBooleanProperty",
        Kind::Number => "CrmNumberProperty",
        Kind::Money => "CrmMoneyProperty",
        Kind::Float => "CrmFloatProperty",
        Kind::Moment => "CrmDateTimeProperty",
        Kind::Picklist { .. } => "PicklistProperty",
        Kind::State => "StateProperty",
        Kind::Status => "StatusProperty",
        Kind::Lookup(_) => "LookupProperty",
        Kind::Owner => "OwnerProperty",
        Kind::Customer => "CustomerProperty",
        Kind::EntityName => "EntityNameReferenceProperty",
        Kind::UniqueIdentifier => "UniqueIdentifierProperty",
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Typed,
    Dynamic,
    Fetch,
}

struct Shape {
    text: String,
    attributes: Vec<(&'static str, String)>,
}

fn shape(organisation: &Organisation, entity: &Entity, kind: &Kind, value: &Value, form: Form) -> Shape {
    let plain = |text: String| Shape { text, attributes: Vec::new() };
    let labelled = |number: i64, label: Option<&str>| {
        let mut attributes: Vec<_> = label.map(|label| ("name", label.to_owned())).into_iter().collect();
        if form == Form::Fetch {
            attributes.push(("formattedvalue", number.to_string()));
        }
        Shape { text: number.to_string(), attributes }
    };
    match (kind, value) {
        (_, Value::Text(text)) => plain(text.clone()),
        (_, Value::Id(id)) => plain(id.braced()),
        (_, Value::Reference { entity, id }) => reference(organisation, entity, *id, form),
        (_, Value::Moment(at)) => {
            let local = at.to_zoned(organisation.zone.clone());
            let date = local.strftime("%-m/%-d/%Y").to_string();
            let time = local.strftime("%-I:%M %p").to_string();
            Shape { text: moment(*at, &organisation.zone), attributes: vec![("date", date), ("time", time)] }
        }
        (Kind::Bit { labels, .. }, Value::Flag(flag)) => {
            Shape { text: u8::from(*flag).to_string(), attributes: vec![("name", labels[usize::from(*flag)].clone())] }
        }
        (_, Value::Flag(flag)) => plain(u8::from(*flag).to_string()),
        (Kind::Picklist { options, .. }, Value::Number(number)) => labelled(*number, label(options, *number)),
        (Kind::Status, Value::Number(number)) => labelled(*number, entity.status_label(*number)),
        (Kind::State, Value::Number(number)) => {
            let state = usize::try_from(*number).ok().and_then(|at| entity.states.get(at));
            let name = state.map_or_else(|| number.to_string(), |state| state.name.clone());
            match form {
                Form::Typed => Shape { text: name, attributes: vec![("formattedvalue", number.to_string())] },
                Form::Dynamic => plain(name),
                Form::Fetch => Shape { text: number.to_string(), attributes: vec![("name", name)] },
            }
        }
        (_, Value::Number(number)) => {
            Shape { text: number.to_string(), attributes: vec![("formattedvalue", grouped(&number.to_string()))] }
        }
        (Kind::Money, Value::Amount(amount)) => {
            let formatted = format!("${}", grouped(&format!("{amount:.2}")));
            Shape { text: format!("{amount:.4}"), attributes: vec![("formattedvalue", formatted)] }
        }
        (_, Value::Amount(amount)) => {
            Shape { text: amount.to_string(), attributes: vec![("formattedvalue", grouped(&format!("{amount:.2}")))] }
        }
    }
}

fn reference(organisation: &Organisation, entity: &str, id: CrmId, form: Form) -> Shape {
    let name = organisation.name_of(entity, id).map(|name| ("name", name.to_owned()));
    let code = SCHEMA.entity(entity).map(|target| target.code).unwrap_or_default();
    // A fetch result has the object type code [contract §5, marked as unverified].
    let kind = if form == Form::Fetch { code.to_string() } else { entity.to_owned() };
    let attributes = name.into_iter().chain([("dsc", "0".to_owned()), ("type", kind)]).collect();
    Shape { text: id.braced(), attributes }
}

fn label(options: &[Choice], number: i64) -> Option<&str> {
    options.iter().find(|option| option.value == number).map(|option| option.label.as_str())
}

/// Thousands set apart by commas.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

/// An instant in the user's own time, with its offset.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_carry_the_offset_of_the_user() {
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        let at: Timestamp = "2010-06-17T14:30:00Z".parse().expect("an instant");
        assert_eq!(moment(at, &zone), "2010-06-17T09:30:00-05:00");
        assert_eq!(value::moment("2010-06-17T09:30:00", &zone), Some(at));
        assert_eq!(value::moment("2010-06-17T09:30:00-05:00", &zone), Some(at));
    }

    #[test]
    fn thousands_are_set_apart() {
        for (plain, expected) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-25000.00", "-25,000.00")] {
            assert_eq!(grouped(plain), expected);
        }
    }
}
