//! Module placeholders: content editor web parts of version 2 on the page that every site has.

use std::collections::BTreeMap;

use sharepoint::{ModulePart, PagePlan};
use soap::Element;

use super::error::{Reason, TemplateError, line_of};

const WEB_PART: (&str, &str) = ("http://schemas.microsoft.com/WebPart/v2", "WebPart");

/// The HTML of a content editor web part, written as text: values in it are escaped for HTML.
pub(super) const CONTENT: (&str, &str) = ("http://schemas.microsoft.com/WebPart/v2/ContentEditor", "Content");

/// The only kind of web part that is placed. Others run code or need the ids of lists.
const CONTENT_EDITOR: &str = "Microsoft.SharePoint.WebPartPages.ContentEditorWebPart";

/// The assembly it is in, whatever its version.
const ASSEMBLY: &str = "Microsoft.SharePoint,";

/// Refuses what is not the definition of a content editor web part. `contents` is the element around it.
pub(super) fn check(contents: &Element, part: &Element) -> Result<(), TemplateError> {
    if !part.is(WEB_PART) {
        return Err(TemplateError::unsupported(part, super::grammar::instead_of_element(part.local())));
    }
    if contents.children().next().is_some_and(|first| !std::ptr::eq(first, part)) {
        return Err(TemplateError::invalid(contents, "content", "one WebPart"));
    }
    // Values are made safe for HTML in `Content` alone: nothing else must look like it.
    let is_foreign = |child: &&Element| {
        let of_web_parts = [WEB_PART.0, CONTENT.0].contains(&&*child.name().ns);
        !of_web_parts || (child.is(CONTENT.1) && !child.is(CONTENT))
    };
    if let Some(foreign) = part.children().find(is_foreign) {
        return Err(TemplateError::unsupported(foreign, None));
    }
    // Which of two counts is the server's business, so there must not be two.
    let required = |local: &'static str| {
        let mut found = part.all((WEB_PART.0, local));
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(TemplateError::missing(part, format!("element {local}"))),
            (Some(first), Some(second)) => {
                Err(TemplateError::at(second, Reason::Duplicate { what: "the element", first: line_of(first) }))
            }
        }
    };
    required("Title")?;
    let assembly = required("Assembly")?;
    if !assembly.text().trim().starts_with(ASSEMBLY) {
        return Err(TemplateError::invalid(assembly, "text", "the assembly Microsoft.SharePoint"));
    }
    let kind = required("TypeName")?;
    if kind.text().trim() != CONTENT_EDITOR {
        let instead = "use Microsoft.SharePoint.WebPartPages.ContentEditorWebPart";
        return Err(TemplateError::at(kind, Reason::UnsupportedValue { name: "text".to_owned(), instead }));
    }
    Ok(())
}

/// The pages of a filled template.
pub(super) fn plan(template: &Element) -> Result<Vec<PagePlan>, TemplateError> {
    let files: Vec<&Element> = template.child("Files").into_iter().flat_map(Element::children).collect();
    if let [first, second, ..] = files[..] {
        return Err(TemplateError::at(second, Reason::Duplicate { what: "the file", first: line_of(first) }));
    }
    files.into_iter().map(page).collect()
}

fn page(file: &Element) -> Result<PagePlan, TemplateError> {
    let mut parts = Vec::new();
    let mut lines = BTreeMap::new();
    for element in file.child("WebParts").into_iter().flat_map(Element::children) {
        let part = module_part(element)?;
        if let Some(first) = lines.insert(part.title.to_lowercase(), line_of(element)) {
            return Err(TemplateError::at(element, Reason::Duplicate { what: "the Title", first }));
        }
        parts.push(part);
    }
    let path = file.attribute("Src").unwrap_or_default().to_owned();
    Ok(PagePlan { path, source: None, parts })
}

fn module_part(element: &Element) -> Result<ModulePart, TemplateError> {
    let text = |name: &'static str| element.attribute(name).unwrap_or_default();
    let title = text("Title").to_owned();
    if title.trim().is_empty() {
        return Err(TemplateError::missing(element, "attribute Title"));
    }
    let order = text("Order").parse();
    let order = order.map_err(|_| TemplateError::invalid(element, "Order", "a whole number"))?;
    let contents = element.child("Contents").and_then(|contents| contents.child(WEB_PART));
    let part = contents.ok_or_else(|| TemplateError::missing(element, "element WebPart"))?;
    if part.child_text((WEB_PART.0, "Title")) != title {
        // The page shows the inner one, and parts that are there are recognised by it.
        return Err(TemplateError::invalid(part, "Title", "the Title of the element around it"));
    }
    Ok(ModulePart { title, zone: text("Zone").to_owned(), order, xml: part.to_xml()? })
}
