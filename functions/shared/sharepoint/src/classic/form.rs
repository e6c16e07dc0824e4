//! The form of an ASP.NET page: what it holds, what is put into it, and how it is sent back.
//!
//! Names of boxes are found by their last part, because the rest depends on the page's inner structure
//! (contract, `forms/README.md`, "Robust client").

use http::StatusCode;
use scraper::{ElementRef, Html, Selector};
use transport::Answer;
use url::Url;

/// The form `aspnetForm` of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is sent, as the page says it: possibly relative, possibly empty.
    pub(super) action: String,
    /// What a browser would send if nothing was touched, in the page's order.
    fields: Vec<(String, String)>,
    /// Boxes, buttons and lists: everything with a name.
    names: Vec<String>,
    radios: Vec<(String, String)>,
    /// Name and value of every option of every list.
    options: Vec<(String, String)>,
}

/// Why a page cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It ends too early; the next one may be whole.
    Cut,
    /// It is whole and lacks this.
    Missing(String),
}

impl Form {
    /// Reads the form of a page. A page that ends before its form does is cut.
    pub(super) fn parse(page: &str) -> Result<Self, Unusable> {
        if is_cut(page) {
            return Err(Unusable::Cut);
        }
        let html = Html::parse_document(page);
        let form = html.select(&selector("form#aspnetForm")).next().ok_or_else(|| missing("aspnetForm"))?;
        let mut read = Self {
            action: form.attr("action").unwrap_or_default().to_owned(),
            fields: Vec::new(),
            names: Vec::new(),
            radios: Vec::new(),
            options: Vec::new(),
        };
        for control in form.select(&selector("input[name], textarea[name], select[name], button[name]")) {
            if control.attr("disabled").is_none() {
                read.add(control);
            }
        }
        Ok(read)
    }

    fn add(&mut self, control: ElementRef<'_>) {
        let name = control.attr("name").unwrap_or_default().to_owned();
        let value = |default: &str| control.attr("value").unwrap_or(default).to_owned();
        match control.value().name() {
            "textarea" => self.fields.push((name.clone(), control.text().collect())),
            "select" => self.add_options(control, &name),
            "input" => match control.attr("type").unwrap_or("text").to_ascii_lowercase().as_str() {
                "hidden" | "text" => self.fields.push((name.clone(), value(""))),
                kind @ ("radio" | "checkbox") => {
                    if kind == "radio" {
                        self.radios.push((name.clone(), value("on")));
                    }
                    if control.attr("checked").is_some() {
                        self.fields.push((name.clone(), value("on")));
                    }
                }
                _ => {}
            },
            _ => {}
        }
        self.names.push(name);
    }

    fn add_options(&mut self, list: ElementRef<'_>, name: &str) {
        let mut chosen = Vec::new();
        for option in list.select(&selector("option")) {
            let value = option.attr("value").map_or_else(|| option.text().collect(), ToOwned::to_owned);
            if option.attr("selected").is_some() {
                chosen.push((name.to_owned(), value.clone()));
            }
            self.options.push((name.to_owned(), value));
        }
        self.fields.append(&mut chosen);
    }

    /// The whole name of the box or button whose name ends in `$suffix`, or is `suffix` itself.
    pub(super) fn name(&self, suffix: &str) -> Result<String, Unusable> {
        let fits =
            |name: &&String| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('$'));
        self.names.iter().find(fits).cloned().ok_or_else(|| missing(suffix))
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
}

fn missing(part: &str) -> Unusable {
    Unusable::Missing(part.to_owned())
}

/// Whether the page ends inside of its form or, where it has none, before its own end. A parser of HTML closes what is
/// open and does not tell.
pub(super) fn is_cut(page: &str) -> bool {
    let page = page.to_ascii_lowercase();
    let is_ours = |tag: &str| tag.split('>').next().is_some_and(|tag| tag.contains("aspnetform"));
    let start = page.match_indices("<form").map(|(at, _)| at).find(|at| is_ours(&page[*at..]));
    match start {
        Some(start) => !page[start..].contains("</form"),
        None => !page.contains("</html"),
    }
}

/// Whether an answer is, or leads to, a sign-in page instead of the page that was asked for.
pub(super) fn wants_sign_in(answer: &Answer) -> bool {
    if answer.is_redirect() {
        return answer.location().is_some_and(is_sign_in_address);
    }
    answer.status == StatusCode::OK && answer.is_html() && asks_for_a_password(&String::from_utf8_lossy(&answer.body))
}

/// Whether a claims host refuses a call because nobody is signed in: 403, and where to sign in (MS-OFBA, from memory).
/// 403 alone is a no to somebody whom it knows.
pub(super) fn is_sign_in_required(answer: &Answer) -> bool {
    answer.status == StatusCode::FORBIDDEN && answer.headers.contains_key("x-forms_based_auth_required")
}

/// The addresses of sign-in pages: 2007's own, and those a claims host or an online one would send to.
fn is_sign_in_address(location: &str) -> bool {
    let location = location.to_ascii_lowercase();
    let path = location.split(['?', '#']).next().unwrap_or_default();
    ["/_layouts/login.aspx", "/_layouts/authenticate.aspx", "/_login/default.aspx", "/_forms/default.aspx"]
        .iter()
        .any(|end| path.ends_with(end))
        || location.contains("wa=wsignin1.0")
}

fn asks_for_a_password(page: &str) -> bool {
    // Parsing costs more than looking; the page of a finished web is large.
    page.to_ascii_lowercase().contains("\"password\"")
        && Html::parse_document(page).select(&selector("input[type=password]")).next().is_some()
}

/// Whether a redirect leads to SharePoint's page of errors or refusals.
pub(super) fn is_error_page(location: &Url) -> bool {
    let path = location.path().to_ascii_lowercase();
    path.contains("/_layouts/") && (path.ends_with("/error.aspx") || path.ends_with("/accessdenied.aspx"))
}

/// What a page that came instead of success says: the error page's label, else what validation shows.
pub(super) fn complaint(page: &str) -> Option<String> {
    let html = Html::parse_document(page);
    ["[id$=LabelMessage]", ".ms-formvalidation", ".ms-error"].iter().find_map(|place| {
        html.select(&selector(place))
            // Validators stand hidden on every page, and an asterisk marks each required box.
            .filter(|found| !found.attr("style").is_some_and(|style| style.replace(' ', "").contains("display:none")))
            .map(|found| found.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
            .find(|text| text.chars().any(char::is_alphabetic))
    })
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("selectors are constants")
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

    #[test]
    fn a_complaint_is_what_the_page_shows_and_not_what_it_hides() {
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
    fn a_redirect_to_a_sign_in_page_is_known_by_its_path() {
        assert!(is_sign_in_address("/sites/x/_layouts/Login.aspx?ReturnUrl=%2f"));
        assert!(is_sign_in_address("https://sts.test.example/?wa=wsignin1.0&x=1"));
        assert!(!is_sign_in_address("https://x/sites/login.aspx/_layouts/permsetup.aspx?next=/_layouts/login.aspx"));
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
