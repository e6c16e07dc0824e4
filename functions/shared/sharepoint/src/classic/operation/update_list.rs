//! `Lists.asmx` UpdateList (MS-LISTSWS 3.1.4.30).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{SOAP, caml};
use crate::classic::service::Ask;

/// Changes settings and adds and changes fields, in one call. Parts that are empty are left out.
pub(in crate::classic) struct UpdateList {
    /// The list's id.
    pub(in crate::classic) list: String,
    /// Attributes of `List`. 2007 takes no others than R2047 names.
    pub(in crate::classic) settings: Vec<(&'static str, bool)>,
    /// `Field` elements.
    pub(in crate::classic) new_fields: Vec<Element>,
    /// `Field` elements, told apart by `Name`.
    pub(in crate::classic) changed_fields: Vec<Element>,
    /// What the list's version must still be; `None` changes whatever is there (R887).
    pub(in crate::classic) version: Option<String>,
}

impl UpdateList {
    /// Whether there is nothing to change.
    pub(in crate::classic) fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.new_fields.is_empty() && self.changed_fields.is_empty()
    }
}

impl ToXml for UpdateList {
    fn to_xml(&self) -> Element {
        let mut request = Element::new(SOAP, Self::NAME).with_value("listName", &self.list);
        if !self.settings.is_empty() {
            let list = self
                .settings
                .iter()
                .fold(caml("List"), |list, (name, on)| list.with_attribute(name, if *on { "TRUE" } else { "FALSE" }));
            request = request.with(Element::new(SOAP, "listProperties").with(list));
        }
        let mut methods = 0..;
        for (part, fields) in [("newFields", &self.new_fields), ("updateFields", &self.changed_fields)] {
            if !fields.is_empty() {
                let methods = fields.iter().zip(&mut methods).map(|(field, id): (_, u32)| {
                    caml("Method").with_attribute("ID", (id + 1).to_string()).with(field.clone())
                });
                request = request.with(Element::new(SOAP, part).with(caml("Fields").with_all(methods)));
            }
        }
        match &self.version {
            Some(version) => request.with_value("listVersion", version),
            None => request,
        }
    }
}

impl Operation for UpdateList {
    type Reply = Updated;
    const NAME: &'static str = "UpdateList";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/UpdateList";
}

impl Ask for UpdateList {
    const SERVICE: &'static str = "Lists.asmx";
    const READS: bool = false;
}

/// What became of each field, in the order of the request; and the list's version now.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Updated {
    pub(in crate::classic) new_fields: Vec<FieldResult>,
    pub(in crate::classic) changed_fields: Vec<FieldResult>,
    pub(in crate::classic) version: Option<String>,
}

/// What became of one field. A call whose fields all failed still succeeds.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct FieldResult {
    pub(in crate::classic) code: String,
    pub(in crate::classic) message: String,
    /// The name that the field has now.
    pub(in crate::classic) name: Option<String>,
}

impl FromXml for Updated {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("UpdateListResult", |result| {
            result.within("Results", |results| {
                let fields = |part| match results.child(part) {
                    Some(methods) => {
                        methods.each("Method", FieldResult::from_method).map_err(|error| error.under(part))
                    }
                    None => Ok(Vec::new()),
                };
                let list = results.child("ListProperties");
                Ok(Self {
                    new_fields: fields("NewFields")?,
                    changed_fields: fields("UpdateFields")?,
                    version: list.and_then(|list| list.attribute("Version")).map(ToOwned::to_owned),
                })
            })
        })
    }
}

impl FieldResult {
    fn from_method(method: &Element) -> Result<Self, Error> {
        Ok(Self {
            code: method.value("ErrorCode")?,
            message: method.child_text("ErrorText"),
            name: method.child("Field").and_then(|field| field.attribute("Name")).map(ToOwned::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented (MS-LISTSWS 2.2.4.14).
    #[test]
    fn each_field_has_its_own_result() {
        let updated: Updated = read(&format!(
            "<UpdateListResponse xmlns='{SOAP}'><UpdateListResult><Results><NewFields>\
             <Method ID='1'><ErrorCode>0x00000000</ErrorCode><Field Name='DueOn' DisplayName='DueOn'/></Method>\
             <Method ID='2'><ErrorCode>0x81020014</ErrorCode><ErrorText>Not installed.</ErrorText></Method>\
             </NewFields><UpdateFields/><DeleteFields/><ListProperties Version='4'/></Results></UpdateListResult>\
             </UpdateListResponse>"
        ));
        assert_eq!(updated.new_fields[0].name.as_deref(), Some("DueOn"));
        assert_eq!(updated.new_fields[1].code, "0x81020014");
        assert_eq!(updated.version.as_deref(), Some("4"));
    }
}
