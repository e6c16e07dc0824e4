//! What a web part's definition says.

use soap::{Element, Limits};
use uuid::Uuid;

use crate::sharepoint::page::WebPart;

use super::Refusal;

const VERSION_2: &str = "http://schemas.microsoft.com/WebPart/v2";
const VERSION_3: &str = "http://schemas.microsoft.com/WebPart/v3";

/// Reads a definition: a `WebPart` of version 2, or the `webPart` inside of a `webParts` of version 3.
pub(super) fn read(id: Uuid, xml: &str) -> Result<WebPart, Refusal> {
    let invalid = || {
        Refusal::plain(
            "The file you imported is not valid. Verify that the file is a Web Part description file (*.webpart or \
             *.dwp) and that it contains well-formed XML.",
        )
    };
    let root = soap::parse(xml.trim().as_bytes(), Limits::default()).map_err(|_| invalid())?;
    let (title, type_name) = if root.is((VERSION_2, "WebPart")) {
        let (assembly, name) = (root.child_text("Assembly"), root.child_text("TypeName"));
        if assembly.trim().is_empty() {
            return Err(invalid());
        }
        (root.child_text("Title"), name)
    } else {
        let part = root.all("webPart").find(|part| part.is((VERSION_3, "webPart"))).ok_or_else(invalid)?;
        let name = part.child("metaData").and_then(|data| data.child("type")).and_then(|kind| kind.attribute("name"));
        let properties = part.child("data").and_then(|data| data.child("properties"));
        let title = properties
            .into_iter()
            .flat_map(|properties| properties.all("property"))
            .find(|property| property.attribute("name") == Some("Title"));
        (title.map(Element::text).unwrap_or_default(), name.unwrap_or("").to_owned())
    };
    let type_name = type_name.split(',').next().unwrap_or("").trim().to_owned();
    if type_name.is_empty() {
        return Err(invalid());
    }
    let shown = ["Content", "XML", "ContentLink", "XMLLink", "ListName"];
    let content = shown.iter().map(|name| root.child_text(*name)).find(|text| !text.trim().is_empty());
    Ok(WebPart {
        id,
        title,
        zone: String::new(),
        order: 0,
        type_name,
        content: content.unwrap_or_default(),
        xml: xml.trim().to_owned(),
    })
}

/// A part as GetWebPartProperties returns it: its definition, with its storage key and its place.
pub(super) fn describe(part: &WebPart) -> Option<Element> {
    let root = soap::parse(part.xml.as_bytes(), Limits::default()).ok()?;
    let mut described = root.with_attribute("ID", part.id.to_string());
    for (name, value) in [("ZoneID", part.zone.clone()), ("PartOrder", part.order.to_string())] {
        if described.child(name).is_none() && described.is((VERSION_2, "WebPart")) {
            described = described.with(Element::new(VERSION_2, name).with_text(value));
        }
    }
    Some(described)
}
