//! Lists and libraries with their settings, fields and views.

use super::{
    operation::{
        AddList, AddView, FieldResult, GetList, GetListCollection, GetViewCollection, ListDefinition, UpdateList,
    },
    plan_rules,
    refusal::{self, LIST_EXISTS},
    service::ask,
    session::Session,
};
use crate::{FieldPlan, ListPlan, ListRef, SiteError, ViewPlan, Web};

/// 1 call, and then for each list: 1 to make it (or, where it is there and fields are planned, 1 to read it), 1 where
/// settings or fields are missing, 1 more where a new field's title differs from its name, 1 per missing view (and 1
/// to read the views of a list that was there).
pub(super) async fn ensure(session: &Session, web: &Web, plans: &[ListPlan]) -> Result<Vec<ListRef>, SiteError> {
    plans.iter().try_for_each(plan_rules::check)?;
    let there = ask(session, &web.url, &GetListCollection).await?.0;
    let find = |plan: &ListPlan| there.iter().find(|list| list.title.to_lowercase() == plan.title.to_lowercase());
    for plan in plans {
        if let Some(list) = find(plan).filter(|list| list.template != plan.template) {
            let why = format!("list {} is there, made from template {}", plan.title, list.template);
            return Err(refusal::unsupported("GetListCollection", why));
        }
    }
    let mut lists = Vec::with_capacity(plans.len());
    for plan in plans {
        let one = One { session, web, plan };
        let list = match find(plan) {
            Some(list) if plan.fields.is_empty() => one.complete(list.clone(), false).await?,
            Some(list) => one.complete(one.read(&list.id).await?, false).await?,
            None => one.make().await?,
        };
        lists.push(list.reference());
    }
    Ok(lists)
}

/// One list on its way to its plan.
struct One<'a> {
    session: &'a Session,
    web: &'a Web,
    plan: &'a ListPlan,
}

impl One<'_> {
    async fn make(&self) -> Result<ListDefinition, SiteError> {
        let ListPlan { title, description, template, .. } = self.plan;
        let add = AddList { title: title.clone(), description: description.clone(), template: *template };
        match ask(self.session, &self.web.url, &add).await {
            Ok(added) => self.complete(added.0, true).await,
            // Made by somebody else since the lists were read, or by an earlier try whose effect came late.
            Err(error) if LIST_EXISTS.is_why(&error) => self.complete(self.read(title).await?, false).await,
            Err(error) => Err(error),
        }
    }

    async fn read(&self, list: &str) -> Result<ListDefinition, SiteError> {
        Ok(ask(self.session, &self.web.url, &GetList { list: list.to_owned() }).await?.0)
    }

    /// Settings, fields and views that are missing. After a conflict the list is read once more.
    async fn complete(&self, mut list: ListDefinition, new: bool) -> Result<ListDefinition, SiteError> {
        match self.update(&list).await {
            Err(SiteError::Conflict { .. }) => {
                list = self.read(&list.id).await?;
                self.update(&list).await?;
            }
            outcome => outcome?,
        }
        self.add_views(&list, new).await?;
        Ok(list)
    }

    async fn update(&self, list: &ListDefinition) -> Result<(), SiteError> {
        let change = change(self.plan, list);
        if change.is_empty() {
            return Ok(());
        }
        let updated = ask(self.session, &self.web.url, &change).await?;
        let missing = missing_fields(self.plan, list);
        if updated.new_fields.len() != missing.len() {
            let expected = format!("{} results", missing.len());
            let source = soap::Error::unexpected(expected, &updated.new_fields.len().to_string()).under("NewFields");
            return Err(SiteError::Unreadable { operation: "UpdateList", source });
        }
        for (field, result) in missing.iter().zip(&updated.new_fields) {
            self.check(&field.name, result)?;
        }
        check_codes(&updated.changed_fields)?;
        let changed_fields = missing.into_iter().filter(|field| has_title_of_its_own(field)).map(titled).collect();
        let titles = UpdateList { changed_fields, version: updated.version, ..nothing(list) };
        if titles.is_empty() {
            return Ok(());
        }
        check_codes(&ask(self.session, &self.web.url, &titles).await?.changed_fields)
    }

    /// A field must have been made, and under its name: rows and views know it by that.
    fn check(&self, name: &str, result: &FieldResult) -> Result<(), SiteError> {
        check_codes(std::slice::from_ref(result))?;
        match &result.name {
            Some(other) if other != name => {
                let why = format!("list {}: field {name} was made as {other}", self.plan.title);
                Err(refusal::refused("UpdateList", "field-name", &why))
            }
            _ => Ok(()),
        }
    }

    async fn add_views(&self, list: &ListDefinition, new: bool) -> Result<(), SiteError> {
        if self.plan.views.is_empty() {
            return Ok(());
        }
        // A new list has its template's views only, and plans name none of those.
        let there = if new {
            Vec::new()
        } else {
            ask(self.session, &self.web.url, &GetViewCollection { list: list.id.clone() }).await?.0
        };
        for view in self.plan.views.iter().filter(|view| !there.contains(&view.name)) {
            ask(self.session, &self.web.url, &add_view(list, view)).await?;
        }
        Ok(())
    }
}

fn check_codes(results: &[FieldResult]) -> Result<(), SiteError> {
    let failed = results.iter().find(|result| !refusal::is_success(&result.code));
    failed.map_or(Ok(()), |result| Err(refusal::refused("UpdateList", &result.code, &result.message)))
}

/// What one call can bring closer to the plan.
fn change(plan: &ListPlan, list: &ListDefinition) -> UpdateList {
    let wanted = [
        ("EnableVersioning", plan.settings.versioning, list.versioning),
        ("EnableAttachments", plan.settings.attachments, list.attachments),
    ];
    let differs =
        |(name, wanted, is): (_, Option<bool>, Option<bool>)| wanted.filter(|_| wanted != is).map(|on| (name, on));
    // Made by an earlier try that did not come to giving it its title.
    let untitled = |field: &&FieldPlan| {
        let made_with = plan_rules::title_that_names(&field.name);
        has_title_of_its_own(field) && list.fields.iter().any(|is| is.name == field.name && is.title == made_with)
    };
    UpdateList {
        settings: wanted.into_iter().filter_map(differs).collect(),
        new_fields: missing_fields(plan, list).into_iter().map(named).collect(),
        changed_fields: plan.fields.iter().filter(untitled).map(titled).collect(),
        ..nothing(list)
    }
}

fn nothing(list: &ListDefinition) -> UpdateList {
    let version = list.version.clone();
    UpdateList {
        list: list.id.clone(),
        settings: Vec::new(),
        new_fields: Vec::new(),
        changed_fields: Vec::new(),
        version,
    }
}

fn missing_fields<'p>(plan: &'p ListPlan, list: &ListDefinition) -> Vec<&'p FieldPlan> {
    plan.fields.iter().filter(|field| !list.fields.iter().any(|is| is.name == field.name)).collect()
}

fn has_title_of_its_own(field: &FieldPlan) -> bool {
    plan_rules::title(field) != plan_rules::title_that_names(&field.name)
}

/// The field as it has to be made to get its name.
fn named(field: &FieldPlan) -> soap::Element {
    field.caml.clone().with_attribute("DisplayName", plan_rules::title_that_names(&field.name))
}

/// The field as it is planned.
fn titled(field: &FieldPlan) -> soap::Element {
    field.caml.clone()
}

fn add_view(list: &ListDefinition, view: &ViewPlan) -> AddView {
    let part = |local| view.caml.child(local).cloned();
    AddView {
        list: list.id.clone(),
        name: view.name.clone(),
        fields: part("ViewFields"),
        query: part("Query"),
        row_limit: part("RowLimit"),
        kind: plan_rules::kind(view).unwrap_or("Html"),
        default: view.caml.attribute("DefaultView").is_some_and(|default| default.eq_ignore_ascii_case("true")),
    }
}
