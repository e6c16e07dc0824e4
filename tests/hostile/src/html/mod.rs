//! Hostile pages: `newsbweb.aspx` with tricks in it, cut, or grown beyond measure.

mod errors;
mod sizes;
mod tricks;

use crate::{Document, Reader, readers::FORM_PAGE};

const PAGE: &[Reader] = &[Reader::Page];

/// At least 200 pages. What they make a client send is held against what [`FORM_PAGE`] does, and what they say to one
/// that sent the form, against a plain error page.
pub fn html_pages() -> Vec<Document> {
    let pages = tricks::documents().into_iter().chain(sizes::documents()).chain(errors::documents()).chain(cuts());
    pages.map(|page| page.of_group("page")).collect()
}

fn of(name: impl Into<String>, page: impl Into<Vec<u8>>) -> Document {
    let page = page.into();
    Document::refused(name, move || page.clone())
}

/// The form and nothing else is sent.
fn same(document: Document) -> Document {
    document.but_harmless_to(PAGE).saying(FORM_PAGE, PAGE)
}

/// The page, cut behind each of its tags and inside of each.
fn cuts() -> Vec<Document> {
    let form_ends = FORM_PAGE.find("</form>").expect("the page has a form") + "</form>".len();
    let ends = FORM_PAGE.match_indices('>').map(|(at, _)| at + 1);
    let cuts = ends.enumerate().flat_map(|(number, at)| {
        let inside = FORM_PAGE[..at].rfind('<').expect("a tag has a beginning") + 2;
        [(format!("cut/behind tag {}", number + 1), at), (format!("cut/inside tag {}", number + 1), inside)]
    });
    let cut = |(name, at): (String, usize)| {
        let page = of(name, &FORM_PAGE[..at]);
        if at >= form_ends { same(page) } else { page }
    };
    cuts.map(cut).collect()
}
