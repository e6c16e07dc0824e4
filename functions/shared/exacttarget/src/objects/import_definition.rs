//! What becomes of a file that was dropped (contract §6, File import).

use soap::Element;

use super::{Object, properties};
use crate::NS;

/// An import. It is made once and started for file after file: an account may have a thousand definitions at most, and
/// one import runs at a time for each destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportDefinition {
    /// What it is known by.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Where the rows go.
    pub destination: Destination,
    /// The file's name in the folder `Import`, which may hold `%%Year%%`, `%%Month%%`, `%%Day%%`.
    pub file: String,
    /// How the file is written. Its first line names the columns.
    pub kind: FileKind,
    /// The location's key: `ExactTarget Enhanced FTP` in every account; others are made in the account by people.
    pub location: String,
    /// What becomes of rows that are there already.
    pub update: UpdateKind,
    /// Whether a row that is refused lets the others in.
    pub allows_errors: bool,
}

/// Where rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A list, by its number.
    List(u64),
    /// A table, by its key.
    DataExtension(String),
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Commas.
    Csv,
    /// Tabulators.
    Tab,
}

/// What becomes of rows that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateKind {
    /// New ones are added, others changed: an import that is repeated adds nothing.
    AddAndUpdate,
    /// New ones are added.
    AddAndDoNotUpdate,
    /// All others are removed; only for tables without a primary key.
    Overwrite,
}

impl From<&ImportDefinition> for Object {
    fn from(import: &ImportDefinition) -> Self {
        let destination = match &import.destination {
            Destination::List(id) => Element::new(NS, "DestinationObject").with_kind(NS, "List").with_value("ID", id),
            Destination::DataExtension(key) => {
                Element::new(NS, "DestinationObject").with_kind(NS, "DataExtension").with_value("CustomerKey", key)
            }
        };
        let written = properties()
            .with_value("CustomerKey", &import.key)
            .with_value("Name", &import.name)
            .with_value("AllowErrors", import.allows_errors)
            .with(destination)
            .with_value("FieldMappingType", "InferFromColumnHeadings")
            .with_value("FileSpec", &import.file)
            .with_value(
                "FileType",
                match import.kind {
                    FileKind::Csv => "CSV",
                    FileKind::Tab => "TAB",
                },
            )
            .with(Element::new(NS, "RetrieveFileTransferLocation").with_value("CustomerKey", &import.location))
            .with_value(
                "UpdateType",
                match import.update {
                    UpdateKind::AddAndUpdate => "AddAndUpdate",
                    UpdateKind::AddAndDoNotUpdate => "AddAndDoNotUpdate",
                    UpdateKind::Overwrite => "Overwrite",
                },
            )
            .with_value("HeaderLines", 1)
            .with_value("StandardQuotedStrings", true);
        Self::new("ImportDefinition", &written)
    }
}
