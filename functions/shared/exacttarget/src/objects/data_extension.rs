//! A table at the platform, and its rows.

use soap::Element;

use super::{Object, pair, properties};
use crate::NS;

/// A table. One that is sendable says which of its columns is the subscriber's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataExtension {
    /// What it is known by: at most 36 characters in practice (contract §7).
    pub key: String,
    /// Its name, unique in the account.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The column that holds the subscriber's key, if mails can be sent to the rows.
    pub subscriber_column: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; the head of a file's column is the same.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it is part of the primary key: a row of the same key is changed, not added.
    pub is_key: bool,
    /// Whether every row has a value.
    pub is_required: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text of at most so many characters.
    Text(u32),
    /// A whole number.
    Number,
    /// A time, in the server's time.
    Date,
    /// True or false.
    Boolean,
    /// An address, which the platform checks.
    EmailAddress,
}

impl From<&DataExtension> for Object {
    fn from(table: &DataExtension) -> Self {
        let DataExtension { key, name, columns, subscriber_column } = table;
        let mut written = properties().with_value("CustomerKey", key).with_value("Name", name);
        written = written.with_value("IsSendable", subscriber_column.is_some());
        if let Some(column) = subscriber_column {
            let named = |element: &str, name: &str| Element::new(NS, element).with_value("Name", name);
            written = written
                .with(named("SendableDataExtensionField", column))
                // An attribute, which has a value by the schema.
                .with(pair("SendableSubscriberField", "Subscriber Key", ""));
        }
        let fields = columns.iter().map(Column::written);
        Self::new("DataExtension", &written.with(Element::new(NS, "Fields").with_all(fields)))
    }
}

impl Column {
    fn written(&self) -> Element {
        let (kind, length) = match self.kind {
            ColumnKind::Text(length) => ("Text", Some(length)),
            ColumnKind::Number => ("Number", None),
            ColumnKind::Date => ("Date", None),
            ColumnKind::Boolean => ("Boolean", None),
            ColumnKind::EmailAddress => ("EmailAddress", None),
        };
        let mut field = Element::new(NS, "Field").with_value("Name", &self.name);
        if let Some(length) = length {
            field = field.with_value("MaxLength", length);
        }
        field
            // A part of the key is always there.
            .with_value("IsRequired", self.is_required || self.is_key)
            .with_value("IsPrimaryKey", self.is_key)
            .with_value("FieldType", kind)
    }
}

/// A row of a table, by the table's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataExtensionRow {
    /// The table's key.
    pub table: String,
    /// The columns of the primary key.
    pub keys: Vec<(String, String)>,
    /// The others.
    pub values: Vec<(String, String)>,
}

impl From<&DataExtensionRow> for Object {
    fn from(row: &DataExtensionRow) -> Self {
        let pairs = |outer: &str, inner: &str, pairs: &[(String, String)]| {
            Element::new(NS, outer).with_all(pairs.iter().map(|(name, value)| pair(inner, name, value)))
        };
        let mut written =
            properties().with_value("CustomerKey", &row.table).with(pairs("Properties", "Property", &row.values));
        if !row.keys.is_empty() {
            written = written.with(pairs("Keys", "Key", &row.keys));
        }
        Self::new("DataExtensionObject", &written)
    }
}
