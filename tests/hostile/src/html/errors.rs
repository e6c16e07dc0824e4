//! Pages that answer the form: what the host complains of goes to people, and may be built to hurt as well.

use crate::{Document, Reader};

const ERROR_PAGE: &[Reader] = &[Reader::ErrorPage];
const PLAIN: &str = "<html><body><form id=aspnetForm><span id=x_LabelMessage>No.</span></form></body></html>";
const LABEL: &str = "<span id=x_LabelMessage>No.</span>";

/// The error page with this in front of its label.
fn before(name: &str, what: impl Into<String>) -> Document {
    let page = PLAIN.replace(LABEL, &(what.into() + LABEL));
    Document::refused(format!("error/{name}"), move || page.clone().into_bytes())
}

/// With this instead.
fn saying(name: &str, what: impl Into<String>) -> Document {
    let page = PLAIN.replace(LABEL, &what.into());
    Document::refused(format!("error/{name}"), move || page.clone().into_bytes()).but_harmless_to(ERROR_PAGE)
}

fn same(document: Document) -> Document {
    document.but_harmless_to(ERROR_PAGE).saying(PLAIN, ERROR_PAGE)
}

pub(super) fn documents() -> Vec<Document> {
    let decoy = "<b id=y_LabelMessage>Yes.</b>";
    let hidden = |name: &str| before(&format!("a label in {name}"), format!("<{name}>{decoy}</{name}>"));
    let hidden =
        ["iframe", "noembed", "noframes", "script", "style", "template", "textarea", "title", "xmp"].map(hidden);
    let mut documents: Vec<Document> = hidden.into_iter().map(same).collect();
    documents.extend([
        same(before("a label in a comment", format!("<!-- {decoy} -->"))),
        same(before("a label that is hidden", "<b id=y_LabelMessage style='display : none'>Yes.</b>")),
        same(before("a label of an asterisk", "<b id=y_LabelMessage>*</b>")),
        same(saying("a label that a paragraph ends", "<p id=x_LabelMessage>No.<p>Yes.")),
        same(saying("a label in a label", "<p id=x_LabelMessage>N<b id=y_LabelMessage>o</b>.</p>")),
        saying("9,000 labels", "<b id=LabelMessage>x</b>".repeat(9_000)),
        saying("labels in labels", "<b id=LabelMessage>x".repeat(11_000)),
        saying("a label of 220 KB", format!("<b id=LabelMessage>{}</b>", "x".repeat(220_000))),
        saying("a label of references", format!("<b id=LabelMessage>x{}</b>", "&NotEqualTilde;".repeat(16_000))),
        saying("a label that does not end", format!("<b id=LabelMessage>x{}", "<p>y".repeat(55_000))),
        saying(
            "a digest that is refused each time",
            "<b id=LabelMessage>The security validation for this page is invalid.</b>",
        ),
        before("512 KB", "x".repeat(512 << 10)),
    ]);
    documents
}
