//! What a column says of an item.

use domain::Timestamp;

use crate::sharepoint::{
    ids,
    list::{Item, List},
    state::{Collection, Web},
};

use super::dates::{show_local, show_utc};

/// The value of one column of one item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    Whole(i64),
    Date(Timestamp),
    Flag(bool),
    /// `id;#text`, once or more often.
    Lookup(Vec<(u32, String)>),
    /// `id;#time`: a time that is kept beside the item, written as times are.
    Dated(u32, Timestamp),
}

impl Cell {
    /// As a row attribute carries it.
    pub(crate) fn show(&self, in_utc: bool) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => format!("{number:.14}"),
            Self::Whole(number) => number.to_string(),
            Self::Date(time) if in_utc => show_utc(*time),
            Self::Date(time) => show_local(*time),
            Self::Flag(flag) => u8::from(*flag).to_string(),
            Self::Dated(id, time) => format!("{id};#{}", Self::Date(*time).show(in_utc)),
            Self::Lookup(entries) => {
                entries.iter().map(|(id, text)| format!("{id};#{text}")).collect::<Vec<_>>().join(";#")
            }
        }
    }

    /// As a person reads it.
    pub(crate) fn read(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => if *flag { "Yes" } else { "No" }.to_owned(),
            Self::Date(time) | Self::Dated(_, time) => show_local(*time).trim_end_matches(" 00:00:00").to_owned(),
            Self::Lookup(entries) => entries.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("; "),
            Self::Text(text) if text.starts_with(";#") => {
                text.split(";#").filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
            }
            Self::Text(_) | Self::Whole(_) => self.show(true),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// A list in its surroundings, as one user sees it.
#[derive(Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) collection: &'a Collection,
    pub(crate) web: &'a Web,
    pub(crate) list: &'a List,
    pub(crate) user: u32,
}

impl Sheet<'_> {
    /// The value of a column; `None` when the item has none.
    pub(crate) fn cell(&self, item: &Item, column: &str) -> Option<Cell> {
        self.own(item, column).or_else(|| self.stored(item, column)).filter(|cell| !cell.is_empty())
    }

    /// Columns that SharePoint fills in.
    fn own(&self, item: &Item, column: &str) -> Option<Cell> {
        let about = |text: String| Some(Cell::Lookup(vec![(item.id, text)]));
        let person = |id: u32| Some(Cell::Lookup(vec![(id, self.collection.member_name(id).to_owned())]));
        let file = item.file.as_ref();
        match column {
            "ID" | "SelectTitle" => Some(Cell::Whole(item.id.into())),
            "owshiddenversion" => Some(Cell::Whole(item.version.into())),
            "_Level" => Some(Cell::Whole(1)),
            "_ModerationStatus" => Some(Cell::Whole(item.moderation.into())),
            "_UIVersionString" => Some(Cell::Text(format!("{}.0", file.map_or(1, |file| file.versions.max(1))))),
            "Created" => Some(Cell::Date(item.created)),
            "Modified" => Some(Cell::Date(item.modified)),
            "Created_x0020_Date" => Some(Cell::Dated(item.id, item.created)),
            "Last_x0020_Modified" => Some(Cell::Dated(item.id, item.modified)),
            "Author" => person(item.author),
            "Editor" => person(item.editor),
            "CheckoutUser" => person(file?.checked_out_by?),
            "FSObjType" => about(u8::from(item.is_folder).to_string()),
            "UniqueId" => about(ids::braced(item.guid)),
            "GUID" => Some(Cell::Text(ids::braced(item.guid))),
            "MetaInfo" => about(String::new()),
            "PermMask" => {
                let rights = self.collection.rights_on(self.user, &self.web.path, self.list);
                Some(Cell::Text(format!("{:#x}", rights.0)))
            }
            "ContentTypeId" => Some(Cell::Text(self.content_type(item).0.to_owned())),
            "ContentType" => Some(Cell::Text(self.content_type(item).1.to_owned())),
            "Attachments" => Some(Cell::Flag(!item.attachments.is_empty())),
            "LinkTitle" | "LinkTitleNoMenu" => item.value("Title").map(|title| Cell::Text(title.to_owned())),
            "FileLeafRef" => about(item.leaf.clone()),
            "FileRef" => about(self.address(&item.path())),
            "FileDirRef" => about(self.address(&item.folder)),
            "LinkFilename" | "LinkFilenameNoMenu" => Some(Cell::Text(item.leaf.clone())),
            "BaseName" => Some(Cell::Text(item.leaf.rsplit_once('.').map_or(&*item.leaf, |(base, _)| base).to_owned())),
            "DocIcon" | "File_x0020_Type" => {
                item.leaf.rsplit_once('.').filter(|_| file.is_some()).map(|(_, kind)| Cell::Text(kind.to_lowercase()))
            }
            "File_x0020_Size" => about(file?.bytes.len().to_string()),
            _ => None,
        }
    }

    /// The path of something in the list, from the host's root without the first slash.
    fn address(&self, inside: &str) -> String {
        format!("{}/{}", self.web.path.trim_start_matches('/'), self.list.path_of(inside))
    }

    fn content_type(&self, item: &Item) -> (&'static str, &'static str) {
        match self.list.template {
            _ if item.is_folder => ("0x0120", "Folder"),
            112 => ("0x010A", "Person"),
            _ if self.list.is_library() => ("0x0101", "Document"),
            103 => ("0x0105", "Link"),
            104 => ("0x0104", "Announcement"),
            105 => ("0x0106", "Contact"),
            106 => ("0x0102", "Event"),
            107 | 150 => ("0x0108", "Task"),
            1100 => ("0x0103", "Issue"),
            _ => ("0x01", "Item"),
        }
    }

    fn stored(&self, item: &Item, column: &str) -> Option<Cell> {
        let value = item.value(column)?;
        let field = self.list.field(column)?;
        let text = || Cell::Text(value.to_owned());
        Some(match field.kind() {
            "Number" | "Currency" => value.parse().map_or_else(|_| text(), Cell::Number),
            "Integer" => value.parse().map_or_else(|_| text(), Cell::Whole),
            "Boolean" | "AllDayEvent" | "Recurrence" | "CrossProjectLink" => Cell::Flag(value == "1"),
            "DateTime" => value.parse().map_or_else(|_| text(), Cell::Date),
            "User" | "UserMulti" => {
                Cell::Lookup(ids_in(value).map(|id| (id, self.collection.member_name(id).to_owned())).collect())
            }
            "Lookup" | "LookupMulti" => Cell::Lookup(ids_in(value).map(|id| (id, self.looked_up(field, id))).collect()),
            _ => text(),
        })
    }

    /// The text of a lookup: a column of another list in the same web.
    fn looked_up(&self, field: &crate::sharepoint::list::Field, id: u32) -> String {
        let list = field.0.attribute("List").and_then(ids::parse).and_then(|list| self.web.lists.get(&list));
        let column = field.0.attribute("ShowField").unwrap_or("Title");
        let item = list.and_then(|list| list.items.get(&id));
        item.and_then(|item| item.value(column)).unwrap_or("").to_owned()
    }
}

/// The ids of a stored lookup.
fn ids_in(value: &str) -> impl Iterator<Item = u32> {
    value.split(',').filter_map(|id| id.trim().parse().ok())
}
