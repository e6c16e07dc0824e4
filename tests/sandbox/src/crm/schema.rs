//! Which entities and attributes the CRM knows, and of what type.
//!
//! Standard ones come from our own `data/crm/entities.json`, Tieline's from `infra/crm/entities.json`, which the CRM
//! packages come from too.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::fault::Refusal;

const STANDARD: &str = include_str!("../../data/crm/entities.json");
const OURS: &str = include_str!("../../../../infra/crm/entities.json");

/// The first object type code of a custom entity.
const FIRST_CUSTOM_CODE: i64 = 10_000;

/// The schema of every organisation.
pub(crate) static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::read().expect("both files are part of the source and read by every test"));

/// All entities by logical name.
#[derive(Clone, Debug)]
pub(crate) struct Schema(BTreeMap<String, Entity>);

/// One entity.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    pub(crate) name: String,
    pub(crate) code: i64,
    /// The key attribute.
    pub(crate) key: String,
    /// The attribute that names a record to people.
    pub(crate) primary: Option<String>,
    /// Whether its records have an owner and can be shared.
    pub(crate) owned: bool,
    /// By state number.
    pub(crate) states: Vec<State>,
    /// By logical name: typed answers list them in this order.
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// Set by the server alone: what a client sends for it is not used.
    pub(crate) by_server: bool,
}

/// The types of CRM 4.0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Key,
    Text(usize),
    Bit {
        labels: [String; 2],
        default: Option<bool>,
    },
    Number,
    Money,
    Float,
    Moment,
    Picklist {
        options: Vec<Choice>,
        default: Option<i64>,
    },
    State,
    Status,
    /// To this entity, or to any (`*`).
    Lookup(String),
    Owner,
    Customer,
    EntityName,
    UniqueIdentifier,
}

/// A state and the statuses in it; the first is the default.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) statuses: Vec<Choice>,
}

/// A number and what people see of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Choice {
    pub(crate) value: i64,
    pub(crate) label: String,
}

impl Schema {
    pub(crate) fn entity(&self, name: &str) -> Result<&Entity, Refusal> {
        self.0.get(&name.to_ascii_lowercase()).ok_or_else(|| Refusal::no_entity(name))
    }

    /// The same without an entity, or without one attribute of it.
    ///
    /// Kept for as long as the program runs, like the whole one: only a test makes another.
    pub(crate) fn without(&self, entity: &str, attribute: Option<&str>) -> &'static Self {
        let mut schema = self.clone();
        match attribute {
            None => drop(schema.0.remove(entity)),
            Some(attribute) => {
                if let Some(entity) = schema.0.get_mut(entity) {
                    entity.attributes.remove(attribute);
                }
            }
        }
        Box::leak(Box::new(schema))
    }

    pub(crate) fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.0.values()
    }

    fn read() -> Result<Self, serde_json::Error> {
        let mut schema = BTreeMap::new();
        let standard: File = serde_json::from_str(STANDARD)?;
        let ours: File = serde_json::from_str(OURS)?;
        let custom_codes = FIRST_CUSTOM_CODE..;
        let standard = standard.entities.into_iter().map(|entity| (entity.code.unwrap_or_default(), entity));
        for (code, entity) in standard.chain(custom_codes.zip(ours.entities)) {
            let entity = Entity::from_file(entity, code);
            schema.insert(entity.name.clone(), entity);
        }
        for extension in ours.extensions {
            if let Some(entity) = schema.get_mut(&extension.entity) {
                entity.attributes.extend(extension.attributes.into_iter().map(AttributeInFile::read));
            }
        }
        Ok(Self(schema))
    }
}

impl Entity {
    pub(crate) fn attribute(&self, name: &str) -> Result<&Attribute, Refusal> {
        self.attributes.get(name).ok_or_else(|| Refusal::no_attribute(&self.name, name))
    }

    /// The label of a status.
    pub(crate) fn status_label(&self, status: i64) -> Option<&str> {
        let statuses = self.states.iter().flat_map(|state| &state.statuses);
        statuses.into_iter().find(|choice| choice.value == status).map(|choice| choice.label.as_str())
    }

    fn from_file(file: EntityInFile, code: i64) -> Self {
        let key = file.attributes.iter().find(|attribute| attribute.kind == "primarykey");
        let key = key.map(|attribute| attribute.name.clone()).unwrap_or_default();
        let primary = file.attributes.iter().find(|attribute| attribute.primary).map(|named| named.name.clone());
        let owned = file.ownership == "user";
        // A custom entity has the states that CRM gives it: Active and Inactive.
        let custom = code >= FIRST_CUSTOM_CODE;
        let states = file.states.unwrap_or_else(|| if custom { two_states() } else { Vec::new() });
        let mut attributes: BTreeMap<_, _> = file.attributes.into_iter().map(AttributeInFile::read).collect();
        let mut add = |name: &str, kind: Kind, by_server: bool| {
            attributes.insert(name.to_owned(), Attribute { kind, required: false, by_server });
        };
        if file.ownership != "none" {
            add("createdon", Kind::Moment, true);
            add("modifiedon", Kind::Moment, true);
            add("createdby", Kind::Lookup("systemuser".to_owned()), true);
            add("modifiedby", Kind::Lookup("systemuser".to_owned()), true);
        }
        if owned {
            add("ownerid", Kind::Owner, false);
            add("owningbusinessunit", Kind::Lookup("businessunit".to_owned()), true);
        }
        if !states.is_empty() {
            // Changed by SetState alone [contract §5: state is a name, SetState sets it].
            add("statecode", Kind::State, true);
            add("statuscode", Kind::Status, false);
        }
        Self { name: file.name, code, key, primary, owned, states, attributes }
    }
}

fn two_states() -> Vec<State> {
    let state =
        |name: &str, value| State { name: name.to_owned(), statuses: vec![Choice { value, label: name.to_owned() }] };
    vec![state("Active", 1), state("Inactive", 2)]
}

#[derive(Deserialize)]
struct File {
    entities: Vec<EntityInFile>,
    #[serde(default)]
    extensions: Vec<Extension>,
}

#[derive(Deserialize)]
struct Extension {
    entity: String,
    attributes: Vec<AttributeInFile>,
}

#[derive(Deserialize)]
struct EntityInFile {
    name: String,
    code: Option<i64>,
    ownership: String,
    states: Option<Vec<State>>,
    attributes: Vec<AttributeInFile>,
}

#[derive(Deserialize)]
struct AttributeInFile {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    maxlength: Option<usize>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    primary: bool,
    target: Option<String>,
    #[serde(default)]
    options: Vec<Choice>,
    default: Option<serde_json::Value>,
    labels: Option<[String; 2]>,
}

impl AttributeInFile {
    fn read(self) -> (String, Attribute) {
        let kind = match self.kind.as_str() {
            "primarykey" => Kind::Key,
            "bit" => Kind::Bit {
                labels: self.labels.unwrap_or_else(|| ["No".to_owned(), "Yes".to_owned()]),
                default: self.default.and_then(|value| value.as_bool()),
            },
            "int" => Kind::Number,
            "money" => Kind::Money,
            "float" => Kind::Float,
            "datetime" => Kind::Moment,
            "picklist" => {
                Kind::Picklist { options: self.options, default: self.default.and_then(|value| value.as_i64()) }
            }
            "lookup" => Kind::Lookup(self.target.unwrap_or_else(|| "*".to_owned())),
            "owner" => Kind::Owner,
            "customer" => Kind::Customer,
            "entityname" => Kind::EntityName,
            "uniqueidentifier" => Kind::UniqueIdentifier,
            // nvarchar and ntext; the tests hold every name of the files against this list.
            _ => Kind::Text(self.maxlength.unwrap_or(100)),
        };
        (self.name, Attribute { kind, required: self.required, by_server: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_our_entity_and_what_we_add_to_an_account() {
        let request = SCHEMA.entity("tl_siterequest").expect("our entity");
        assert_eq!((request.key.as_str(), request.code), ("tl_siterequestid", FIRST_CUSTOM_CODE));
        assert!(request.attributes["tl_target"].required);
        let account = SCHEMA.entity("account").expect("the account");
        assert_eq!(account.attributes["tl_siteurl"].kind, Kind::Text(500));
        assert_eq!(account.attributes["name"].kind, Kind::Text(160));
    }

    #[test]
    fn every_type_in_the_files_is_a_known_one() {
        let known = [
            "primarykey",
            "nvarchar",
            "ntext",
            "bit",
            "int",
            "money",
            "float",
            "datetime",
            "picklist",
            "lookup",
            "owner",
            "customer",
            "entityname",
            "uniqueidentifier",
        ];
        for text in [STANDARD, OURS] {
            let file: File = serde_json::from_str(text).expect("a schema file");
            let entities = file.entities.iter().flat_map(|entity| &entity.attributes);
            for attribute in entities.chain(file.extensions.iter().flat_map(|extension| &extension.attributes)) {
                assert!(known.contains(&attribute.kind.as_str()), "{}: {}", attribute.name, attribute.kind);
            }
        }
    }
}
