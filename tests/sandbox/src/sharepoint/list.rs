//! Lists and libraries: their columns, views and items.

use std::collections::BTreeMap;

use domain::Timestamp;
use soap::Element;
use uuid::Uuid;

use super::{
    rights::Grants,
    templates::{self, ListTemplate},
};

/// A list or library.
#[derive(Clone, Debug)]
pub struct List {
    /// Its id.
    pub id: Uuid,
    /// Its place in the order of making.
    pub(crate) order: u64,
    /// Its title, unique in the web.
    pub title: String,
    /// Its description; may be empty.
    pub description: String,
    /// The id of the template it was made from: 100, 101, …
    pub template: u32,
    /// Its root folder's path below the web: `Contracts`, `Lists/Tasks`.
    pub root: String,
    /// The version of its schema, counted up by every change of columns or settings.
    pub version: u32,
    /// Who made it.
    pub author: u32,
    /// When it was made.
    pub created: Timestamp,
    /// When it or something in it last changed.
    pub modified: Timestamp,
    /// Its settings.
    pub settings: Settings,
    /// Its own permissions; `None` when it has its web's.
    pub grants: Option<Grants>,
    /// Columns in their order.
    pub fields: Vec<Field>,
    /// Views in their order.
    pub views: Vec<View>,
    /// Items, files and folders by id.
    pub items: BTreeMap<u32, Item>,
    pub(crate) last_item: u32,
}

/// The settings that `UpdateList` changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches in SharePoint too")]
pub struct Settings {
    /// Whether items can have attachments.
    pub attachments: bool,
    /// Whether new items wait for approval.
    pub moderation: bool,
    /// Whether versions are kept.
    pub versioning: bool,
    /// Whether drafts have minor versions.
    pub minor_versions: bool,
    /// Whether a file must be checked out before it is changed.
    pub require_checkout: bool,
    /// Whether it is hidden from people.
    pub hidden: bool,
    /// Whether it is on the quick launch; 2007 decides by the template and no service changes it.
    pub on_quick_launch: bool,
    /// How many major versions are kept; 0 for all.
    pub version_limit: u32,
    /// `none`, `ltr` or `rtl`.
    pub direction: String,
}

/// A column: its CAML `Field` element, in no namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field(pub Element);

/// A view of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its id.
    pub id: Uuid,
    /// The name people see.
    pub title: String,
    /// The path of its page below the web.
    pub path: String,
    /// `HTML`, `CALENDAR`, `GRID` …
    pub kind: String,
    /// Whether it is the default.
    pub is_default: bool,
    /// Internal names of its columns.
    pub fields: Vec<String>,
    /// Its CAML `Query` element, in no namespace.
    pub query: Element,
    /// How many rows a page has.
    pub row_limit: u32,
    /// Whether further pages are offered.
    pub paged: bool,
}

/// An item, a file or a folder.
#[derive(Clone, Debug)]
pub struct Item {
    /// The id within the list.
    pub id: u32,
    /// The id in the world.
    pub guid: Uuid,
    /// Counted up by every change: `owshiddenversion`.
    pub version: u32,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Who made it.
    pub author: u32,
    /// Who changed it last.
    pub editor: u32,
    /// Whether a folder.
    pub is_folder: bool,
    /// The folder it lies in, below the list's root; empty for the root itself.
    pub folder: String,
    /// Its name within the folder: `contract.docx`, `12_.000` for a plain item.
    pub leaf: String,
    /// What its columns hold, by internal name; dates in UTC, people and lookups by id.
    pub values: BTreeMap<String, String>,
    /// The file, if it is one.
    pub file: Option<StoredFile>,
    /// What is attached to it, by name.
    pub attachments: BTreeMap<String, bytes::Bytes>,
    /// 0 approved, 1 rejected, 2 pending, 3 draft.
    pub moderation: u8,
}

/// The content of a file.
#[derive(Clone, Debug, Default)]
pub struct StoredFile {
    /// The bytes.
    pub bytes: bytes::Bytes,
    /// Who has it checked out.
    pub checked_out_by: Option<u32>,
    /// Major versions so far.
    pub versions: u32,
}

impl List {
    /// The template it was made from.
    pub(crate) fn definition(&self) -> &'static ListTemplate {
        templates::list_template(self.template).unwrap_or(&templates::LIST_TEMPLATES[0])
    }

    /// Whether a library of files.
    pub fn is_library(&self) -> bool {
        self.definition().base_type == 1
    }

    /// The column of an internal name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name() == name)
    }

    /// The view of a name that people see.
    pub fn view(&self, title: &str) -> Option<&View> {
        self.views.iter().find(|view| view.title == title)
    }

    /// The view that is shown when none is named.
    pub fn default_view(&self) -> Option<&View> {
        self.views.iter().find(|view| view.is_default).or_else(|| self.views.first())
    }

    /// The item at a path below the list's root, in any case.
    pub fn item_at(&self, path: &str) -> Option<&Item> {
        let path = path.to_lowercase();
        self.items.values().find(|item| item.path().to_lowercase() == path)
    }

    /// Whether a path below the list's root is a folder; the empty path is the root.
    pub(crate) fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || self.item_at(path).is_some_and(|item| item.is_folder)
    }

    /// The path below the web of something inside of the list.
    pub(crate) fn path_of(&self, inside: &str) -> String {
        if inside.is_empty() { self.root.clone() } else { format!("{}/{inside}", self.root) }
    }

    /// Notes a change of the schema.
    pub(crate) fn bump(&mut self, now: Timestamp) {
        self.version += 1;
        self.modified = now;
    }
}

impl Field {
    /// The internal name.
    pub fn name(&self) -> &str {
        self.0.attribute("Name").unwrap_or("")
    }

    /// The name people see.
    pub fn display_name(&self) -> &str {
        self.0.attribute("DisplayName").unwrap_or_else(|| self.name())
    }

    /// The type: `Text`, `Choice`, `DateTime` …
    pub fn kind(&self) -> &str {
        self.0.attribute("Type").unwrap_or("Text")
    }

    /// Whether an attribute says `TRUE`.
    pub fn is(&self, attribute: &str) -> bool {
        self.0.attribute(attribute).is_some_and(|value| value.eq_ignore_ascii_case("TRUE"))
    }

    /// The value of a new item that names none.
    pub fn default_value(&self) -> Option<String> {
        self.0.child("Default").map(Element::text).filter(|text| !text.is_empty())
    }

    /// The choices of a choice column.
    pub fn choices(&self) -> Vec<String> {
        self.0.child("CHOICES").into_iter().flat_map(|choices| choices.all("CHOICE")).map(Element::text).collect()
    }
}

impl Item {
    /// The path below the list's root.
    pub fn path(&self) -> String {
        if self.folder.is_empty() { self.leaf.clone() } else { format!("{}/{}", self.folder, self.leaf) }
    }

    /// A column's value as it is kept.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}
