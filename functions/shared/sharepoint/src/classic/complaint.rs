//! What a page that came instead of success says.

use super::html::{MOST_BYTES, Piece, Tag, pieces};

/// Where a page says it, the surest place first: the error page's label, then what validation shows.
const PLACES: [fn(&Tag) -> bool; 3] = [
    |tag| tag.attribute("id").is_some_and(|id| id.ends_with("LabelMessage")),
    |tag| is_of_class(tag, "ms-formvalidation"),
    |tag| is_of_class(tag, "ms-error"),
];

/// What HTML closes by itself.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Places inside of each other are followed to here; a page with more is built to hurt.
const MOST_OPEN: usize = 16;

/// Longer than any message of SharePoint, in bytes.
const MOST_TEXT: usize = 4_000;

struct Place {
    rank: usize,
    element: String,
    /// Elements of its own name inside of it.
    depth: usize,
    text: String,
}

/// The error page's label, else what validation shows; `None` for a page that says nothing or is too large to be one.
pub(super) fn complaint(page: &str) -> Option<String> {
    if page.len() > MOST_BYTES {
        return None;
    }
    let mut open: Vec<Place> = Vec::new();
    let mut said: [Option<String>; PLACES.len()] = Default::default();
    for piece in pieces(page) {
        match piece {
            Piece::Start(tag) if VOID.contains(&tag.name.as_str()) => {}
            Piece::Start(tag) => {
                for same in open.iter_mut().filter(|place| place.element == tag.name) {
                    same.depth += 1;
                }
                if let Some(rank) = rank(&tag).filter(|_| open.len() < MOST_OPEN) {
                    open.push(Place { rank, element: tag.name, depth: 0, text: String::new() });
                }
            }
            Piece::End(name) => {
                for at in (0..open.len()).rev().filter(|at| open[*at].element == name).collect::<Vec<_>>() {
                    match open[at].depth.checked_sub(1) {
                        Some(depth) => open[at].depth = depth,
                        None => note(&mut said, &open.remove(at)),
                    }
                }
            }
            Piece::Text(text) => {
                for place in open.iter_mut().filter(|place| place.text.len() < MOST_TEXT) {
                    place.text.push_str(&text);
                }
            }
        }
    }
    for place in &open {
        note(&mut said, place);
    }
    said.into_iter().flatten().next()
}

/// The first message of each place. Validators put an asterisk at each required box: that is none.
fn note(said: &mut [Option<String>], place: &Place) {
    let text = place.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let slot = &mut said[place.rank];
    if slot.is_none() && text.chars().any(char::is_alphabetic) {
        *slot = Some(text.chars().take(MOST_TEXT).collect());
    }
}

/// Which place this is. Validators stand hidden on every page.
fn rank(tag: &Tag) -> Option<usize> {
    let is_hidden = tag.attribute("style").is_some_and(|style| style.replace(' ', "").contains("display:none"));
    PLACES.iter().position(|is_place| is_place(tag)).filter(|_| !is_hidden)
}

fn is_of_class(tag: &Tag, class: &str) -> bool {
    tag.attribute("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|one| one == class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_what_the_page_shows_and_not_what_it_hides() {
        let page = |body: &str| format!("<html><body><form id='aspnetForm'>{body}</form></body></html>");
        let hidden = "<span class='ms-formvalidation' style='display: none'>You must specify a value.</span>
                      <span class='ms-formvalidation'> *</span>";
        assert_eq!(complaint(&page(hidden)), None);
        assert_eq!(
            complaint(&page(&format!("{hidden}<span class='ms-error'>Too\n long.</span>"))).as_deref(),
            Some("Too long.")
        );
        let label = "<span class='ms-error'>No.</span><span id='ctl00_X_LabelMessage'>In use.</span>";
        assert_eq!(complaint(&page(label)).as_deref(), Some("In use."));
    }

    #[test]
    fn a_complaint_ends_with_its_element_and_holds_what_is_inside_of_it() {
        let page =
            "<div class='x ms-error'>The <b>title</b><div> is<br>\u{a0}too</div> long<script>if (a<b) c</script>.
                    </div><p>Home</p>";
        assert_eq!(complaint(page).as_deref(), Some("The title is too long."));
        assert_eq!(complaint("<input class='ms-error'><p>Home</p>"), None);
        assert_eq!(complaint("<span class='ms-error'>cut in the mid").as_deref(), Some("cut in the mid"));
    }
}
