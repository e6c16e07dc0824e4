//! Pages that are hostile by number.

use super::{of, same};
use crate::{Document, document::joined, readers::FORM_PAGE};

fn inside(name: &str, what: impl Fn() -> String + Send + Sync + 'static) -> Document {
    Document::refused(format!("size/{name}"), move || FORM_PAGE.replace("</form>", &(what() + "</form>")).into_bytes())
}

/// More than a page may have, though each part of it is legal.
fn large(name: &str, part: &'static str) -> Document {
    inside(name, move || part.repeat((512 << 10) / part.len()))
}

/// As much as a page may have.
fn full(name: &str, part: &'static str) -> Document {
    inside(name, move || part.repeat((250_000) / part.len()))
}

pub(super) fn documents() -> Vec<Document> {
    let fonts = |count: usize| joined(count, |n| format!("<p><font color={n}></p>"));
    vec![
        same(full("50,000 elements deep", "<div>")),
        same(full("tables in tables", "<table><tr><td>")),
        same(full("19,000 spans", "<span></span>")),
        same(full("formatting that is never closed", "<b><i>")),
        same(full("links in links", "<a href=x>")),
        same(full("end tags of nothing", "</p></b>")),
        same(full("line breaks by end tag", "</br>")),
        same(full("references", "&amp;&#65;&notit;")),
        same(full("bare ampersands", "&")),
        same(full("comments", "<!---->")),
        same(full("comments that end oddly", "<!--->")),
        same(full("declarations", "<!DOCTYPE html>")),
        same(full("instructions", "<?x?>")),
        same(full("NUL", "\0")),
        same(full("forms", "<form id=aspnetForm action=//evil.test/>")),
        same(full("options of no list", "<option selected value=x>")),
        same(full("boxes without a name", "<input>")),
        same(full("buttons without a name", "<button>")),
        same(full("scripts", "<script>'<input name=x>'</script>")),
        same(full("templates", "<template><input name=x></template>")),
        same(full("closed off boxes", "<input disabled name=x>")),
        same(full("headings of errors", "<b class=ms-error>")),
        same(inside("30,000 attributes", || format!("<p {}>", joined(30_000, |n| format!("a{n} "))))),
        same(inside("one attribute 100,000 times", || format!("<p {}>", "a ".repeat(100_000)))),
        same(inside("formatting that comes back with each paragraph", move || fonts(5_000) + &"<p>".repeat(25_000))),
        same(inside("a tag's name of 220 KB", || format!("<{}>", "x".repeat(220_000)))),
        same(inside("an attribute's name of 220 KB", || format!("<p {}>", "x".repeat(220_000)))),
        same(inside("a comment of 220 KB", || format!("<!--{}-->", "-".repeat(220_000)))),
        inside("7,000 fields", || joined(7_000, |n| format!("<input name=f{n} value={n}>")))
            .but_harmless_to(super::PAGE),
        inside("10,000 options", || {
            format!("<select name=l>{}</select>", joined(10_000, |n| format!("<option value=o{n}>")))
        })
        .but_harmless_to(super::PAGE),
        inside("a hidden field of 220 KB", || format!("<input type=hidden name=h value='{}'>", "x".repeat(220_000)))
            .but_harmless_to(super::PAGE),
        inside("a box of 220 KB", || format!("<textarea name=h>{}</textarea>", "<p>".repeat(73_000)))
            .but_harmless_to(super::PAGE),
        large("24,000 fields", "<input name=abcdefghij>"),
        large("512 KB of text", "x"),
        large("512 KB of less-thans", "<"),
        inside("a hidden field of 10 MB", || format!("<input type=hidden name=h value='{}'>", "x".repeat(10_000_000))),
        inside("a script of 10 MB", || format!("<script>{}</script>", "<!--<script>".repeat(900_000))),
        of("size/50 MB of less-thans", "<".repeat(50_000_000)),
    ]
}
