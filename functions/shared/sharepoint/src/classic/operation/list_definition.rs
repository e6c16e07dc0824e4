//! A list as the services describe it (MS-LISTSWS 2.2.4.11, 2.2.4.12).

use soap::{Element, Error};

use crate::ListRef;

/// A list with what Tieline compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::classic) struct ListDefinition {
    /// `{GUID}`, upper case, in braces.
    pub(in crate::classic) id: String,
    pub(in crate::classic) title: String,
    pub(in crate::classic) template: u32,
    /// The path of the default view; may be empty.
    pub(in crate::classic) url: String,
    /// Sent back with a change, so that a change of somebody else in between is noticed.
    pub(in crate::classic) version: Option<String>,
    pub(in crate::classic) versioning: Option<bool>,
    pub(in crate::classic) attachments: Option<bool>,
    /// Empty where the operation does not tell them (a collection of lists).
    pub(in crate::classic) fields: Vec<FieldDefinition>,
}

/// A field of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::classic) struct FieldDefinition {
    pub(in crate::classic) name: String,
    pub(in crate::classic) title: String,
}

impl ListDefinition {
    /// Reads the `List` element.
    pub(super) fn from_list(list: &Element) -> Result<Self, Error> {
        let text = |name| list.attribute(name).unwrap_or_default().to_owned();
        let template = list.required_attribute("ServerTemplate")?;
        Ok(Self {
            id: braced(list.required_attribute("ID")?),
            title: list.required_attribute("Title")?.to_owned(),
            template: template
                .parse()
                .map_err(|_| Error::unexpected("a template number", template).under("@ServerTemplate"))?,
            url: text("DefaultViewUrl"),
            version: list.attribute("Version").filter(|version| !version.is_empty()).map(ToOwned::to_owned),
            versioning: flag(list, "EnableVersioning"),
            attachments: flag(list, "EnableAttachments"),
            fields: match list.child("Fields") {
                Some(fields) => fields.each("Field", FieldDefinition::from_field)?,
                None => Vec::new(),
            },
        })
    }

    /// The list as the port knows it.
    pub(in crate::classic) fn reference(&self) -> ListRef {
        ListRef { id: self.id.clone(), title: self.title.clone(), url: self.url.clone() }
    }
}

impl FieldDefinition {
    fn from_field(field: &Element) -> Result<Self, Error> {
        let name = field.required_attribute("Name")?.to_owned();
        let title = field.attribute("DisplayName").unwrap_or(&name).to_owned();
        Ok(Self { name, title })
    }
}

/// `True` and `TRUE` both occur.
fn flag(list: &Element, name: &str) -> Option<bool> {
    list.attribute(name).map(|value| value.eq_ignore_ascii_case("true"))
}

fn braced(id: &str) -> String {
    format!("{{{}}}", id.trim_start_matches('{').trim_end_matches('}').to_uppercase())
}
