use domain::CrmId;
use proptest::prelude::*;
use soap::Limits;

use super::*;
use crate::classic::{Decimal, Kind, ns};

/// Any text that XML can carry, line ends and characters outside of the basic plane included.
fn text() -> impl Strategy<Value = String> {
    "[ -~\t\n\r\u{a0}-\u{d7ff}\u{10000}-\u{1f6ff}]{0,24}"
}

fn id() -> impl Strategy<Value = CrmId> {
    any::<u128>().prop_map(|bits| CrmId::new(uuid::Uuid::from_u128(bits)))
}

fn reference() -> impl Strategy<Value = Reference> {
    (id(), proptest::option::of("[a-z_]{1,12}"), proptest::option::of(text()))
        .prop_map(|(id, entity, name)| Reference { id, entity, name })
}

fn decimal() -> impl Strategy<Value = Decimal> {
    "-?[0-9]{1,12}(\\.[0-9]{1,10})?".prop_map(|text| text.parse().unwrap())
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Lookup),
        Just(Kind::Owner),
        Just(Kind::Customer),
        Just(Kind::DateTime),
        Just(Kind::Money),
        Just(Kind::Decimal),
        Just(Kind::Float),
        Just(Kind::Number),
        Just(Kind::Boolean),
        Just(Kind::Picklist),
        Just(Kind::Status),
        Just(Kind::UniqueIdentifier),
        Just(Kind::EntityName),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::String),
        id().prop_map(Value::Key),
        reference().prop_map(Value::Lookup),
        reference().prop_map(Value::Owner),
        reference().prop_map(Value::Customer),
        // The years that CRM 4.0 keeps, 1900 to 9999.
        (-2_208_988_800_i64..253_402_200_000)
            .prop_map(|second| Value::DateTime(Timestamp::from_second(second).unwrap())),
        decimal().prop_map(Value::Money),
        decimal().prop_map(Value::Decimal),
        proptest::num::f64::NORMAL.prop_map(Value::Float),
        any::<i32>().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        any::<i32>().prop_map(Value::Picklist),
        "[A-Za-z]{1,12}".prop_map(Value::State),
        any::<i32>().prop_map(Value::Status),
        id().prop_map(Value::UniqueIdentifier),
        "[a-z_]{1,20}".prop_map(Value::EntityName),
        kind().prop_map(Value::Null),
    ];
    leaf.prop_recursive(2, 12, 3, |inner| {
        let party = ("[a-z]{1,12}", proptest::collection::vec(("[a-z]{1,12}", inner), 0..3))
            .prop_map(|(name, properties)| DynamicEntity { name, properties });
        proptest::collection::vec(party, 0..3).prop_map(Value::Parties)
    })
}

proptest! {
    /// Contract §5: every value type survives the way to bytes and back.
    #[test]
    fn what_is_written_is_what_is_read(properties in proptest::collection::vec(("[a-z_]{1,20}", value()), 0..6)) {
        let entity = DynamicEntity { name: "new_thing".to_owned(), properties };
        let element = entity.written_into(Element::new(ns::SERVICES, "entity"));
        let bytes = element.to_document().unwrap();
        let read = soap::parse(&bytes, Limits::default()).unwrap();
        prop_assert_eq!(DynamicEntity::read_from(&read).unwrap(), entity);
    }
}

/// Invented: an entity with one property, as CRM answers it.
fn answered(property: &str) -> Result<DynamicEntity, Error> {
    let document = format!(
        r#"<BusinessEntity xmlns="{}" xmlns:xsi="{}" xsi:type="DynamicEntity" Name="account"><Properties>{property}</Properties></BusinessEntity>"#,
        ENTITIES,
        soap::ns::XSI
    );
    DynamicEntity::read_dynamic(&soap::parse(document.as_bytes(), Limits::default()).unwrap())
}

/// Contract §5: braces, display attributes and offsets are CRM's; ids and instants are ours.
#[test]
fn ids_lose_their_braces_and_instants_their_offsets() {
    let entity = answered(
        r#"<Property xsi:type="KeyProperty" Name="accountid"><Value>{8D0F1B6E-6A3A-DF11-9A6D-00155D0A0B01}</Value></Property>
           <Property xsi:type="OwnerProperty" Name="ownerid"><Value name="Åsa Östlund" dsc="0" type="systemuser">{37F4AB96-D755-DE11-90B3-001E0B5E0BF6}</Value></Property>
           <Property xsi:type="CrmDateTimeProperty" Name="createdon"><Value date="6/17/2010" time="9:30 AM">2010-06-17T09:30:00-05:00</Value></Property>
           <Property xsi:type="CrmBooleanProperty" Name="donotbulkemail"><Value name="Allow">0</Value></Property>
           <Property xsi:type="StateProperty" Name="statecode"><Value>Active</Value></Property>
           <Property xsi:type="StringProperty" Name="name"><Value> a &amp; b </Value></Property>"#,
    )
    .unwrap();
    assert_eq!(entity.key("accountid").unwrap().to_string(), "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01");
    let owner = entity.required_reference("ownerid").unwrap();
    assert_eq!((owner.entity.as_deref(), owner.name.as_deref()), (Some("systemuser"), Some("Åsa Östlund")));
    assert_eq!(entity.instant("createdon").unwrap().to_string(), "2010-06-17T14:30:00Z");
    assert_eq!(entity.boolean("donotbulkemail"), Ok(Some(false)));
    assert_eq!(entity.state("statecode"), Ok("Active"));
    assert_eq!(entity.text("name"), Ok(" a & b "));
    assert_eq!(entity.text("telephone1"), Ok(""));
}

#[test]
fn no_value_is_null_however_it_is_said() {
    for said in [
        r#"<Property xsi:type="CrmNumberProperty" Name="n"><Value IsNull="true">0</Value></Property>"#,
        r#"<Property xsi:type="CrmNumberProperty" Name="n"><Value IsNull="1" /></Property>"#,
        r#"<Property xsi:type="CrmNumberProperty" Name="n"><Value></Value></Property>"#,
        r#"<Property xsi:type="CrmNumberProperty" Name="n" />"#,
    ] {
        let entity = answered(said).unwrap();
        assert_eq!(entity.properties, [("n".to_owned(), Value::Null(Kind::Number))]);
        assert_eq!(entity.get("n"), None);
    }
}

#[test]
fn a_value_that_is_not_of_its_type_is_an_error_that_names_the_attribute() {
    for (property, error) in [
        (
            r#"<Property xsi:type="CrmNumberProperty" Name="n"><Value>seven</Value></Property>"#,
            "n/Value: expected i32, found \"seven\"",
        ),
        (
            r#"<Property xsi:type="CrmFloatProperty" Name="n"><Value>NaN</Value></Property>"#,
            "n/Value: expected a finite number, found \"NaN\"",
        ),
        (
            r#"<Property xsi:type="CrmBooleanProperty" Name="n"><Value>yes</Value></Property>"#,
            "n/Value: expected 0, 1, true or false, found \"yes\"",
        ),
        (
            r#"<Property xsi:type="KeyProperty" Name="n"><Value></Value></Property>"#,
            "n/Value: expected CrmId, found \"\"",
        ),
        (
            r#"<Property xsi:type="CrmDateTimeProperty" Name="n"><Value>6/17/2010</Value></Property>"#,
            "n/Value: expected Timestamp, found \"6/17/2010\"",
        ),
        (
            r#"<Property xsi:type="BlobProperty" Name="n"><Value>x</Value></Property>"#,
            "n/Value: expected a property type of CRM 4.0, found \"BlobProperty\"",
        ),
        (r#"<Property Name="n"><Value>x</Value></Property>"#, "n/@xsi:type: missing"),
        (r#"<Property xsi:type="StringProperty"><Value>x</Value></Property>"#, "Property/@Name: missing"),
    ] {
        assert_eq!(answered(property).unwrap_err().to_string(), error);
    }
    let entity = answered(r#"<Property xsi:type="StringProperty" Name="n"><Value>x</Value></Property>"#).unwrap();
    assert_eq!(entity.picklist("n").unwrap_err().to_string(), "n: expected PicklistProperty, found \"StringProperty\"");
    assert_eq!(entity.key("accountid").unwrap_err().to_string(), "accountid: missing");
}
