//! What site definitions and list templates put into a new web and a new list.

mod columns;
mod list_templates;
mod web_definitions;

pub(crate) use columns::caml_field;
pub(crate) use list_templates::{LIST_TEMPLATES, ListTemplate, NewList, list_template, make_list, people_list};
pub(crate) use web_definitions::{NewWeb, WEB_DEFINITIONS, is_taken, make_web};
