//! Promises about site templates. All documents here are invented.

mod account_site;
mod contract;
mod lists;
mod pages;
mod properties;
mod security;
mod structure;
mod values;

use super::{Parameters, SitePlan, Template, TemplateError};

/// The values that Tieline gives for an account.
fn harbour() -> Parameters {
    Parameters::new("Harbour & Söhne", "harbour-8a3f".parse().expect("a legal web name"))
        .with("RecordId", "8a3f21c0-0000-4000-8000-000000000001")
        .with("RecordUrl", "https://crm.example/sfa/accts/edit.aspx?id={8A3F21C0-0000-4000-8000-000000000001}&x=1")
        .with("AccountName", "Harbour & Söhne")
        .with("OwnerName", "Anna Müller")
}

/// A whole document around the content of `Preferences` and of `ProvisioningTemplate`.
fn document(preferences: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <pnp:Provisioning xmlns:pnp=\"http://schemas.dev.office.com/PnP/2022/09/ProvisioningSchema\">\n\
         <pnp:Preferences>{preferences}</pnp:Preferences>\n<pnp:Templates>\n\
         <pnp:ProvisioningTemplate ID=\"T\" Version=\"1.0\">\n{content}\n</pnp:ProvisioningTemplate>\n\
         </pnp:Templates>\n</pnp:Provisioning>"
    )
}

/// A document with one custom list of that content.
fn list(content: &str) -> String {
    document(
        "",
        &format!(
            "<pnp:Lists>\n<pnp:ListInstance Title=\"Facts\" TemplateType=\"100\" Url=\"Lists/Facts\">\n{content}\n\
             </pnp:ListInstance>\n</pnp:Lists>"
        ),
    )
}

fn plan_with(document: &str, given: &Parameters) -> Result<SitePlan, TemplateError> {
    Template::read(document.as_bytes())?.plan(given)
}

fn plan(document: &str) -> SitePlan {
    plan_with(document, &harbour()).unwrap_or_else(|error| panic!("{error}\n{document}"))
}

/// Asserts that the document is refused with this message, at the line on which it says `<!--here-->`.
#[track_caller]
fn assert_refused(document: &str, message: &str) {
    let before = document.find("<!--here-->").expect("the fixture marks the line");
    let line = document[..before].lines().count();
    let error = plan_with(document, &harbour()).expect_err("the fixture is not supported");
    assert_eq!(error.to_string(), format!("site template, line {line}: {message}"), "\n{document}");
}
