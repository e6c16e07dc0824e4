//! The form of an ASP.NET page: what it holds, what is put into it, and how it is sent back.
//!
//! Names of boxes are found by their last part, because the rest depends on the page's inner structure
//! (contract, `forms/README.md`, "Robust client").

use super::html::{MOST_BYTES, Piece, Tag, pieces};

/// The form `aspnetForm` of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is sent, as the page says it: possibly relative, possibly empty.
    pub(super) action: String,
    /// What a browser would send if nothing was touched, in the page's order.
    fields: Vec<(String, String)>,
    /// Boxes, buttons and lists: everything with a name.
    names: Vec<String>,
    /// Of these, what holds text, hidden or not.
    boxes: Vec<String>,
    radios: Vec<(String, String)>,
    /// Name and value of every option of every list.
    options: Vec<(String, String)>,
}

/// Why a page cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It ends too early; the next one may be whole.
    Cut,
    /// It is larger than this, in bytes, and than any page that we know.
    TooLarge(usize),
    /// It is whole and lacks this.
    Missing(String),
}

impl Form {
    /// Reads the form of a page. A page that ends before its form does is cut; one that has no form, if it ends before
    /// its own end.
    pub(super) fn parse(page: &str) -> Result<Self, Unusable> {
        if page.len() > MOST_BYTES {
            return Err(Unusable::TooLarge(MOST_BYTES));
        }
        // A browser takes no notice of a form inside of a form.
        let (mut in_other_form, mut is_whole) = (false, false);
        let mut ours: Option<Reading> = None;
        for piece in pieces(page) {
            match (piece, &mut ours) {
                (Piece::End(name), Some(_)) if name == "form" => return Ok(ours.unwrap_or_default().finish()),
                (piece, Some(ours)) => ours.take(piece),
                (Piece::Start(tag), None) if tag.name == "form" && !in_other_form => {
                    if tag.attribute("id").as_deref() == Some("aspnetForm") {
                        ours = Some(Reading::of(&tag));
                    } else {
                        in_other_form = true;
                    }
                }
                (Piece::End(name), None) => {
                    in_other_form &= name != "form";
                    is_whole |= name == "html";
                }
                _ => {}
            }
        }
        Err(if is_whole && ours.is_none() { missing("aspnetForm") } else { Unusable::Cut })
    }

    /// The whole name of the box, button or list whose name ends in `$suffix`, or is `suffix` itself.
    pub(super) fn name(&self, suffix: &str) -> Result<String, Unusable> {
        named(&self.names, suffix)
    }

    /// The same of what holds text: a value that is put into anything else is not sent.
    pub(super) fn text_box(&self, suffix: &str) -> Result<String, Unusable> {
        named(&self.boxes, suffix)
    }

    /// Whether a list offers a value.
    pub(super) fn offers(&self, name: &str, value: &str) -> bool {
        self.options.iter().any(|(list, option)| list == name && option == value)
    }

    /// The radio button of a section whose value contains a word.
    pub(super) fn radio(&self, section: &str, word: &str) -> Result<(String, String), Unusable> {
        let fits = |(name, value): &&(String, String)| name.contains(section) && value.contains(word);
        self.radios.iter().find(fits).cloned().ok_or_else(|| missing(section))
    }

    /// Puts a value into a box, in place of what is there.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The form as a browser sends it.
    pub(super) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }

    fn add_input(&mut self, name: String, tag: &Tag) {
        let value = |default: &str| tag.attribute("value").unwrap_or_else(|| default.to_owned());
        match tag.kind().as_str() {
            "" | "hidden" | "text" => {
                self.boxes.push(name.clone());
                self.fields.push((name, value("")));
            }
            kind @ ("radio" | "checkbox") => {
                if kind == "radio" {
                    self.radios.push((name.clone(), value("on")));
                }
                if tag.has("checked") {
                    self.fields.push((name, value("on")));
                }
            }
            _ => {}
        }
    }
}

/// A form that is being read, and what of it is open.
#[derive(Default)]
struct Reading {
    form: Form,
    open: Open,
}

#[derive(Default)]
enum Open {
    #[default]
    Nothing,
    /// A box of many lines, by its name, and its text.
    Area(Option<String>, String),
    /// A list, by its name, and the option that is open in it.
    List(Option<String>, Option<Choice>),
}

/// An option of a list. Without a value, its text is its value.
struct Choice {
    value: Option<String>,
    text: String,
    is_chosen: bool,
}

impl Reading {
    fn of(form: &Tag) -> Self {
        let action = form.attribute("action").unwrap_or_default();
        Self { form: Form { action, ..Form::default() }, open: Open::Nothing }
    }

    fn finish(mut self) -> Form {
        self.close();
        self.form
    }

    fn take(&mut self, piece: Piece) {
        match (piece, &mut self.open) {
            (Piece::Text(text), Open::Area(_, held)) => held.push_str(&text),
            (Piece::Text(text), Open::List(_, Some(choice))) => choice.text.push_str(&text),
            (Piece::Start(tag), _) => self.start(&tag),
            (Piece::End(name), _) => match name.as_str() {
                "option" => self.end_choice(),
                "select" | "textarea" => self.close(),
                _ => {}
            },
            (Piece::Text(_), _) => {}
        }
    }

    fn start(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "option" | "optgroup" => {
                self.end_choice();
                if let (Open::List(_, choice), "option") = (&mut self.open, tag.name.as_str()) {
                    let is_chosen = tag.has("selected");
                    *choice = Some(Choice { value: tag.attribute("value"), text: String::new(), is_chosen });
                }
            }
            "input" | "button" | "textarea" | "select" => {
                self.close();
                let name = tag.attribute("name").filter(|name| !name.is_empty() && !tag.has("disabled"));
                self.form.names.extend(name.clone());
                match (tag.name.as_str(), name) {
                    ("textarea", name) => self.open = Open::Area(name, String::new()),
                    ("select", name) => self.open = Open::List(name, None),
                    ("input", Some(name)) => self.form.add_input(name, tag),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        self.end_choice();
        if let Open::Area(Some(name), text) = std::mem::take(&mut self.open) {
            // A line end just behind the tag is layout (HTML, "the textarea element").
            let text = text.strip_prefix('\n').map(ToOwned::to_owned).unwrap_or(text);
            self.form.boxes.push(name.clone());
            self.form.fields.push((name, text));
        }
    }

    fn end_choice(&mut self) {
        let Open::List(list, choice) = &mut self.open else { return };
        let (Some(list), Some(choice)) = (list, choice.take()) else { return };
        let value = choice.value.unwrap_or(choice.text);
        if choice.is_chosen {
            self.form.fields.push((list.clone(), value.clone()));
        }
        self.form.options.push((list.clone(), value));
    }
}

fn named(names: &[String], suffix: &str) -> Result<String, Unusable> {
    let fits = |name: &&String| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('$'));
    names.iter().find(fits).cloned().ok_or_else(|| missing(suffix))
}

fn missing(part: &str) -> Unusable {
    Unusable::Missing(part.to_owned())
}

/// Whether the page ends inside of its form or, where it has none, before its own end.
pub(super) fn is_cut(page: &str) -> bool {
    Form::parse(page) == Err(Unusable::Cut)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(body: &str) -> String {
        format!("<html><body><form id='aspnetForm' action='newsbweb.aspx'>{body}</form></body></html>")
    }

    fn decoded(form: &Form) -> Vec<(String, String)> {
        form_urlencoded::parse(form.encode().as_bytes()).into_owned().collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// A value is put where it is sent from: found by fuzzing, a radio button of the name of a box.
    #[test]
    fn only_what_holds_text_is_a_box() {
        let form = Form::parse(&page(
            "<input type=radio name='a$Title' value=x><button name='b$Title'></button><select name='c$Title'></select>
             <input type=hidden name='d$Title'>",
        ));
        let form = form.expect("a form");
        assert_eq!((form.name("Title"), form.text_box("Title")), (Ok("a$Title".to_owned()), Ok("d$Title".to_owned())));
        let without = Form::parse(&page("<input type=checkbox name='Title'>")).expect("a form");
        assert_eq!(without.text_box("Title"), Err(missing("Title")));
    }

    /// "Robust client" 2: what a browser would send is sent.
    #[test]
    fn every_field_that_a_browser_would_send_is_echoed() {
        let form = Form::parse(&page(
            "<input type='hidden' name='__VIEWSTATE' value='/wE+='><input name='t' value='x'><input type=TEXT name='e'>
             <input type='radio' name='r' value='no' checked><input type='radio' name='r' value='yes'>
             <input type='checkbox' name='c' checked><input type='checkbox' name='d'>
             <input type='submit' name='s' value='Go'><input type='hidden' name='off' value='1' disabled>
             <textarea name='a'>two\nlines</textarea>
             <select name='l'><option value='1'>one<option value='2' selected>two</select>
             <select name='none'><option value='1'>one</select>",
        ));
        let expected = pairs(&[
            ("__VIEWSTATE", "/wE+="),
            ("t", "x"),
            ("e", ""),
            ("r", "no"),
            ("c", "on"),
            ("a", "two\nlines"),
            ("l", "2"),
        ]);
        assert_eq!(decoded(&form.unwrap()), expected);
    }

    /// "Robust client" 3: boxes are found by the end of their names, at a `$`.
    #[test]
    fn a_box_is_found_by_the_end_of_its_name() {
        let form =
            Form::parse(&page("<input name='a$NotTxtTitle'><input name='ctl00$x$TxtTitle'><input name='Plain'>"))
                .unwrap();
        assert_eq!(form.name("TxtTitle"), Ok("ctl00$x$TxtTitle".to_owned()));
        assert_eq!(form.name("Plain"), Ok("Plain".to_owned()));
        assert_eq!(form.name("Title"), Err(missing("Title")));
    }

    #[test]
    fn a_page_without_its_form_or_cut_inside_of_it_is_refused() {
        assert_eq!(Form::parse("<html><form id='other'></form></html>"), Err(missing("aspnetForm")));
        let cut = page("<input name='x'>").replace("</form></body></html>", "");
        assert_eq!(Form::parse(&cut), Err(Unusable::Cut));
        assert_eq!(Form::parse("<html><body><fo"), Err(Unusable::Cut));
    }

    /// As a browser has it: what stands in a script, a comment, a template or a box is no part of the form.
    #[test]
    fn only_what_is_of_the_form_is_read() {
        let form = Form::parse(&page(
            "<script>'<input name=s>'</script><!-- <input name=c> --><template><input name=t></template>
             <textarea name=a></form><input name=i></textarea><form id=aspnetForm action=//evil.test/><input name=n>
             <noscript><input name=o></noscript><style><input name=y></style><input name=''>",
        ));
        assert_eq!(decoded(&form.unwrap()), pairs(&[("a", "</form><input name=i>"), ("n", "")]));
        assert_eq!(Form::parse("<html><form><form id=aspnetForm></form></html>"), Err(missing("aspnetForm")));
        assert_eq!(Form::parse("<html><form id=aspnetForm><textarea></form></html>"), Err(Unusable::Cut));
    }

    #[test]
    fn an_option_ends_with_the_next_one_and_with_its_list() {
        let form = Form::parse(&page(
            "<select name=l><optgroup><option>one<option selected> two &amp; a half <optgroup><option value=3>three</select>
             <option>none<select name=m><option selected>last<input name=i>",
        ));
        let form = form.unwrap();
        assert_eq!(decoded(&form), pairs(&[("l", " two & a half "), ("m", "last"), ("i", "")]));
        assert!(form.offers("l", "one") && form.offers("l", "3") && !form.offers("l", "three"));
    }

    /// A page is read in the time that its length takes, whatever it holds; one that is too long is not read.
    #[test]
    fn a_page_that_is_too_large_is_refused() {
        let large = page(&"<b>".repeat(MOST_BYTES / 3));
        assert_eq!(Form::parse(&large), Err(Unusable::TooLarge(MOST_BYTES)));
    }

    proptest! {
        /// A name or value comes back as it stood in the page, whatever it is.
        #[test]
        fn any_field_value_survives_page_and_echo(
            fields in prop::collection::vec(("[a-z$_]{1,12}", "[^\\pC]{0,30}"), 0..6),
            area in "[^\\pC]{0,30}",
            text in "\\PC{0,20}(\n\\PC{0,20})?",
        ) {
            let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
            let input = |(name, value): &(String, String)| format!("<input type=hidden name=\"{name}\" value=\"{}\">", escape(value));
            let inputs = fields.iter().map(input).collect::<Vec<_>>().concat();
            let page = page(&format!("{inputs}<textarea name=\"area\">\n{}</textarea>", escape(&area)));
            let mut form = Form::parse(&page).expect("a whole form");
            let mut expected = fields;
            expected.push(("area".to_owned(), area));
            prop_assert_eq!(decoded(&form), expected);
            form.set("box", &text);
            prop_assert_eq!(decoded(&form).pop(), Some(("box".to_owned(), text)));
        }
    }
}
