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

/// Whose end tag may be left out: the next of the name ends them, or the end of what holds them.
const UNCLOSED: [&str; 8] = ["dd", "dt", "li", "option", "p", "td", "th", "tr"];

/// What holds those. One of the name that stands in a holder of its own is a part of the place.
const HOLDERS: [&str; 5] = ["dl", "ol", "select", "table", "ul"];

struct Place {
    rank: usize,
    element: String,
    /// Elements of its own name inside of it.
    depth: usize,
    /// Holders inside of it.
    holders: usize,
    text: String,
}

impl Place {
    fn ends_before(&mut self, start: &str) -> bool {
        self.holders += usize::from(HOLDERS.contains(&start));
        let is_same = self.element == start;
        let ends = is_same && self.holders == 0 && self.may_stay_open();
        self.depth += usize::from(is_same && !ends);
        ends
    }

    fn ends_with(&mut self, end: &str) -> bool {
        if self.may_stay_open() && HOLDERS.contains(&end) {
            match self.holders.checked_sub(1) {
                None => return true,
                Some(holders) => self.holders = holders,
            }
            if self.holders == 0 {
                self.depth = 0;
            }
        }
        if self.element != end {
            return false;
        }
        let depth = self.depth.checked_sub(1);
        self.depth = depth.unwrap_or_default();
        depth.is_none()
    }

    fn may_stay_open(&self) -> bool {
        UNCLOSED.contains(&self.element.as_str())
    }
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
                close(&mut open, &mut said, |place| place.ends_before(&tag.name));
                if let Some(rank) = rank(&tag).filter(|_| open.len() < MOST_OPEN) {
                    open.push(Place { rank, element: tag.name, depth: 0, holders: 0, text: String::new() });
                }
            }
            Piece::End(name) => close(&mut open, &mut said, |place| place.ends_with(&name)),
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

/// Takes out the places that end. One inside of another of its kind has said nothing that the other does not say.
fn close(open: &mut Vec<Place>, said: &mut [Option<String>], mut ends: impl FnMut(&mut Place) -> bool) {
    for at in (0..open.len()).rev() {
        if ends(&mut open[at]) {
            let place = open.remove(at);
            if !open[..at].iter().any(|outer| outer.rank == place.rank) {
                note(said, &place);
            }
        }
    }
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

    /// HTML, "optional tags".
    #[test]
    fn a_complaint_ends_where_the_next_paragraph_cell_or_item_begins() {
        for page in [
            "<p class=ms-error>No.<p>Home",
            "<ul><li class=ms-error>No.<li>Home</ul>",
            "<ul><li class=ms-error>No.</ul>Home",
            "<table><tr><td class=ms-error>No.<td>Home</table>",
            "<table><tr><td class=ms-error><table><tr><td>N<td>o.</table><td>Home</table>",
            "<table><tr><td class=ms-error>No.</table>Home",
            "<select><option class=ms-error>No.<option>Home</select>",
        ] {
            assert_eq!(complaint(page).as_deref(), Some("No."), "{page}");
        }
    }

    #[test]
    fn of_places_in_each_other_the_outer_one_complains() {
        let page = "<div class=ms-error>The title <b class=ms-error>Berg</b> is too long.</div><p>Home";
        assert_eq!(complaint(page).as_deref(), Some("The title Berg is too long."));
        let cut = "<div class=ms-error>The title <b class=ms-error>Berg</b> is";
        assert_eq!(complaint(cut).as_deref(), Some("The title Berg is"));
    }

    #[test]
    fn a_complaint_leaves_out_what_stands_in_for_a_frame() {
        for name in ["iframe", "noembed", "noframes"] {
            let page = format!("<b class=ms-error>No<{name}>, <i>never</i></{name}>.</b>");
            assert_eq!(complaint(&page).as_deref(), Some("No."), "{name}");
        }
    }
}
