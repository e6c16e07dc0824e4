//! `_layouts/permsetup.aspx`: visitors, members and owners of a new web with unique permissions.
//!
//! What it does is known (forms/README.md); the names of its fields are invented.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};

use crate::sharepoint::{
    address,
    rights::{Grant, Rights, Role},
    route::{Visit, redirect},
    services::{Refusal, Surroundings, add_group},
    state::{Collection, State},
};

use super::{
    Scene,
    form::{Form, Posted, Received, id},
    frame::frame,
    html,
    trouble::{denied, error_page, not_found},
};

const OK: &str = "ctl00$PlaceHolderMain$ctl03$RptControls$btnOK";

/// The three blocks: section, plural, role.
const BLOCKS: [(&str, &str, Role); 3] = [
    ("ctl00$PlaceHolderMain$ctl00$", "Visitors", Role::Read),
    ("ctl00$PlaceHolderMain$ctl01$", "Members", Role::Contribute),
    ("ctl00$PlaceHolderMain$ctl02$", "Owners", Role::FullControl),
];

fn field(section: &str, name: &str) -> String {
    format!("{section}{name}")
}

pub(super) fn answer(state: &mut State, key: &str, visit: &Visit<'_>, around: &Surroundings) -> Response<Bytes> {
    let Some(collection) = state.collections.get_mut(key) else { return not_found() };
    if !collection.rights(around.user, &around.web).include(Rights::MANAGE_PERMISSIONS) {
        return denied(around);
    }
    if collection.web(&around.web).is_none_or(|web| web.grants.is_none()) {
        return error_page("This operation is not allowed on an object that inherits permissions.");
    }
    let form = Form::new(around, "permsetup.aspx");
    let posted = match form.receive(visit, OK) {
        Received::Show => return show(collection, around, &form, visit),
        Received::Refused(response) => return response,
        Received::Pressed(posted) => posted,
    };
    // All or nothing: a copy is changed and kept when every block is good.
    let mut changed = collection.clone();
    for (section, plural, role) in BLOCKS {
        if let Err(message) = set_up(&mut changed, around, &posted, section, plural, role) {
            return error_page(&message);
        }
    }
    *collection = changed;
    let home = around.absolute(&around.web);
    let next = visit.parameter("next").filter(|next| address::path_on(&around.base, next).is_some());
    let next = next.filter(|next| next.starts_with(&around.base) && !next.contains(['\r', '\n']));
    redirect(&next.unwrap_or(home))
}

fn set_up(
    collection: &mut Collection,
    around: &Surroundings,
    posted: &Posted,
    section: &str,
    plural: &str,
    role: Role,
) -> Result<(), String> {
    let group = if posted.text(&field(section, "use")) == "existing" {
        let name = posted.text(&field(section, "existing"));
        collection.group(name).map(|group| group.id).ok_or_else(|| "Group cannot be found.".to_owned())?
    } else {
        let title = collection.web(&around.web).map(|web| web.title.clone()).unwrap_or_default();
        let name = match posted.text(&field(section, "name")) {
            "" => format!("{title} {plural}"),
            name => name.to_owned(),
        };
        let description = format!("Use this group to give people {} permissions to the site {title}.", role.name());
        add_group(collection, &name, &description, around.user, None).map_err(|refusal| match refusal {
            Refusal::Fault { text, .. } => text,
            Refusal::Unauthorized => String::new(),
        })?
    };
    let logins: Vec<_> =
        posted.text(&field(section, "people")).split(';').map(str::trim).filter(|login| !login.is_empty()).collect();
    for login in logins {
        let user = collection.ensure_user(login).ok_or_else(|| format!("No exact match was found for {login}."))?;
        if let Some(group) = collection.groups.get_mut(&group) {
            group.members.insert(user);
        }
    }
    let web = collection.webs.get_mut(&around.web.to_lowercase());
    if let Some(grants) = web.and_then(|web| web.grants.as_mut()) {
        grants.entry(group).or_default().add(&Grant::of(role));
    }
    Ok(())
}

fn show(collection: &Collection, around: &Surroundings, form: &Form<'_>, visit: &Visit<'_>) -> Response<Bytes> {
    let Some(web) = collection.web(&around.web) else { return not_found() };
    let query = visit.request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let page = html! {
        form name="aspnetForm" method="post" action=(format!("permsetup.aspx{query}")) id="aspnetForm" {
            (form.hidden())
            @for (section, plural, _) in BLOCKS { (block(collection, &web.title, section, plural)) }
            p { input type="submit" name=(OK) id=(id(OK)) value="OK" class="ms-ButtonHeightWidth"; }
        }
    };
    let scene = Scene { collection, web, around };
    html(StatusCode::OK, &frame(scene, "Set Up Groups for this Site", &page))
}

fn block(collection: &Collection, title: &str, section: &str, plural: &str) -> Markup {
    let (choice, name) = (field(section, "use"), field(section, "name"));
    let (existing, people) = (field(section, "existing"), field(section, "people"));
    let (new, old) = (format!("{}_new", id(&choice)), format!("{}_existing", id(&choice)));
    html! {
        section.ms-formsection {
            h3 { (plural) " of this Site" }
            input type="radio" name=(choice) id=(new) value="new" checked;
            label for=(new) { "Create a new group" }
            input type="radio" name=(choice) id=(old) value="existing";
            label for=(old) { "Use an existing group" }
            label for=(id(&name)) { "Name:" }
            input type="text" name=(name) id=(id(&name)) maxlength="255" value=(format!("{title} {plural}"));
            label for=(id(&existing)) { "Group:" }
            select name=(existing) id=(id(&existing)) {
                @for group in collection.groups.values() { option value=(group.name) { (group.name) } }
            }
            label for=(id(&people)) { "Users, separated with semicolons:" }
            input type="text" name=(people) id=(id(&people));
        }
    }
}
