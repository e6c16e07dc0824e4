//! `_layouts/newsbweb.aspx`: how a web is made in 2007 (ST-13). 2010 has it still; that it is the same one is invented.
//!
//! Names of fields are those of the reconstructed page (forms/newsbweb-2007.reconstructed.html); texts are typical.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};

use crate::sharepoint::{
    names::{BadName, check_web_name},
    rights::{Grant, Grants, Rights, Role},
    route::{Visit, redirect},
    services::Surroundings,
    state::{Collection, State},
    templates::{NewWeb, WEB_DEFINITIONS, is_taken, make_web},
};

use super::{
    Scene,
    form::{Form, Posted, Received, id},
    frame::frame,
    html,
    trouble::{denied, error_page, not_found},
};

const TITLE: &str = "ctl00$PlaceHolderMain$idTitleDescSection$ctl01$TxtCreateSubwebTitle";
const DESCRIPTION: &str = "ctl00$PlaceHolderMain$idTitleDescSection$ctl02$TxtCreateSubwebDescription";
const NAME: &str = "ctl00$PlaceHolderMain$idUrlSection$ctl01$TxtCreateSubwebName";
const LANGUAGE: &str =
    "ctl00$PlaceHolderMain$InputFormTemplatePickerControl$ctl00$DDLanguageFormControl$DdLanguageWebTemplate";
const CATEGORY: &str = "ctl00$PlaceHolderMain$InputFormTemplatePickerControl$ctl00$ctl01$HiddenSelectedCategory";
const TEMPLATE: &str = "ctl00$PlaceHolderMain$InputFormTemplatePickerControl$ctl00$ctl01$LbWebTemplate";
const UNIQUE: &str = "ctl00$PlaceHolderMain$idPermSection$ctl01$unique";
const QUICK_LAUNCH: &str = "ctl00$PlaceHolderMain$idNavSection$ctl01$quicklaunch";
const TOP_BAR: &str = "ctl00$PlaceHolderMain$idNavSection$ctl02$topnav";
const CREATE: &str = "ctl00$PlaceHolderMain$ctl00$RptControls$BtnCreateSubweb";

const LONGEST_TITLE: usize = 255;
const REQUIRED: &str = "You must specify a value for this required field.";

pub(super) fn answer(state: &mut State, key: &str, visit: &Visit<'_>, around: &Surroundings) -> Response<Bytes> {
    let State { collections, ids, .. } = state;
    let Some(collection) = collections.get_mut(key) else { return not_found() };
    if !collection.rights(around.user, &around.web).include(Rights::MANAGE_SUBWEBS) {
        return denied(around);
    }
    let form = Form::new(around, "newsbweb.aspx");
    let posted = match form.receive(visit, CREATE) {
        Received::Show => return show(collection, around, &form, None),
        Received::Refused(response) => return response,
        Received::Pressed(posted) => posted,
    };
    let new = match read(collection, around, &posted) {
        Ok(new) => new,
        Err(Wrong::Field(name)) => return show(collection, around, &form, Some((name, &posted))),
        Err(Wrong::Page(message)) => return error_page(&message),
    };
    let (path, unique) = (new.path.clone(), new.grants.is_some());
    let web = make_web(new, ids, around.now);
    collection.webs.insert(path.to_lowercase(), web);
    let address = around.absolute(&path);
    if !unique {
        return redirect(&address);
    }
    let next: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    redirect(&format!("{address}/_layouts/permsetup.aspx?next={next}"))
}

/// What is wrong with a post.
enum Wrong {
    /// A required field is empty: the page is shown again.
    Field(&'static str),
    /// The error page says why.
    Page(String),
}

fn read(collection: &Collection, around: &Surroundings, posted: &Posted) -> Result<NewWeb, Wrong> {
    let (title, name) = (posted.text(TITLE), posted.text(NAME));
    if title.is_empty() {
        return Err(Wrong::Field(TITLE));
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err(Wrong::Page(format!("The title of a site must have {LONGEST_TITLE} characters or fewer.")));
    }
    match check_web_name(&around.web, name) {
        Err(BadName::Empty) => return Err(Wrong::Field(NAME)),
        Err(bad) => return Err(Wrong::Page(bad.page_text(name))),
        Ok(()) => {}
    }
    let definition = posted.text(TEMPLATE);
    if !WEB_DEFINITIONS.iter().any(|known| known.0 == definition) {
        let text = "The template you have chosen is invalid or cannot be found.";
        return Err(Wrong::Page(text.to_owned()));
    }
    let path = format!("{}/{name}", around.web);
    if is_taken(collection, &around.web, name) {
        return Err(Wrong::Page(format!("The Web site address \"{path}\" is already in use.")));
    }
    let unique = posted.text(UNIQUE) == "radUniqueYes";
    Ok(NewWeb {
        path,
        title: title.to_owned(),
        description: posted.text(DESCRIPTION).to_owned(),
        definition: definition.to_owned(),
        author: around.user,
        // Nobody but the one who made it, until permsetup.aspx or a service says more.
        grants: unique.then(|| Grants::from([(around.user, Grant::of(Role::FullControl))])),
        on_quick_launch: posted.text(QUICK_LAUNCH) != "RadQuickLaunchNo",
    })
}

fn show(
    collection: &Collection,
    around: &Surroundings,
    form: &Form<'_>,
    wrong: Option<(&'static str, &Posted)>,
) -> Response<Bytes> {
    let Some(web) = collection.web(&around.web) else { return not_found() };
    let scene = Scene { collection, web, around };
    let before = |name: &str| wrong.map(|(_, posted)| posted.text(name).to_owned()).unwrap_or_default();
    let complaint = |name: &str| {
        html! {
            @if wrong.is_some_and(|(field, _)| field == name) { span.ms-formvalidation role="alert" { (REQUIRED) } }
        }
    };
    let page = html! {
        form name="aspnetForm" method="post" action="newsbweb.aspx" id="aspnetForm" {
            (form.hidden())
            section.ms-formsection {
                h3 { "Title and Description" }
                label for=(id(TITLE)) { "Title:" }
                input name=(TITLE) id=(id(TITLE)) type="text" maxlength="255" size="35" title="Title" class="ms-input" value=(before(TITLE));
                (complaint(TITLE))
                label for=(id(DESCRIPTION)) { "Description:" }
                textarea name=(DESCRIPTION) id=(id(DESCRIPTION)) rows="3" cols="40" title="Description" class="ms-input" { (before(DESCRIPTION)) }
            }
            section.ms-formsection {
                h3 { "Web Site Address" }
                label for=(id(NAME)) { "URL name:" }
                span dir="ltr" {
                    (around.absolute(&around.web)) "/"
                    input name=(NAME) id=(id(NAME)) type="text" maxlength="260" size="18" title="Create Subsite Name" class="ms-input" value=(before(NAME));
                }
                (complaint(NAME))
            }
            (template_section())
            (choice_sections())
            p {
                input type="submit" name=(CREATE) id=(id(CREATE)) value="Create" accesskey="O" class="ms-ButtonHeightWidth";
            }
        }
    };
    html(StatusCode::OK, &frame(scene, "New SharePoint Site", &page))
}

fn template_section() -> Markup {
    html! {
        section.ms-formsection {
            h3 { "Template Selection" }
            label for=(id(LANGUAGE)) { "Select a language:" }
            select name=(LANGUAGE) id=(id(LANGUAGE)) size="1" { option selected="selected" value="1033" { "English" } }
            label for=(id(TEMPLATE)) { "Select a template:" }
            input type="hidden" name=(CATEGORY) id=(id(CATEGORY)) value="Collaboration";
            select name=(TEMPLATE) id=(id(TEMPLATE)) size="12" {
                @for (index, (name, title, ..)) in WEB_DEFINITIONS.iter().enumerate() {
                    option value=(name) selected[index == 0] { (title) }
                }
            }
        }
    }
}

fn choice_sections() -> Markup {
    let radio = |name: &str, value: &str, checked: bool, label: &str| {
        let id = format!("{}_{value}", id(name));
        html! {
            input type="radio" name=(name) id=(id) value=(value) checked[checked];
            label for=(id) { (label) }
        }
    };
    html! {
        section.ms-formsection id="idPermSection" {
            h3 { "Permissions" }
            (radio(UNIQUE, "radUniqueNo", true, "Use same permissions as parent site"))
            (radio(UNIQUE, "radUniqueYes", false, "Use unique permissions"))
        }
        section.ms-formsection id="idNavSection" {
            h3 { "Navigation" }
            p { "Display this site on the Quick Launch of the parent site?" }
            (radio(QUICK_LAUNCH, "RadQuickLaunchYes", true, "Yes"))
            (radio(QUICK_LAUNCH, "RadQuickLaunchNo", false, "No"))
            p { "Display this site on the top link bar of the parent site?" }
            (radio(TOP_BAR, "RadTopNavYes", false, "Yes"))
            (radio(TOP_BAR, "RadTopNavNo", true, "No"))
        }
    }
}
