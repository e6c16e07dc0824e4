//! Parameters, tokens and what becomes of values.

use super::{Template, TemplateError, assert_refused, document, harbour, plan, plan_with};

/// A list whose description is this text, with the parameters that these elements declare.
fn described(parameters: &str, text: &str) -> String {
    document(
        &format!("<pnp:Parameters>\n{parameters}\n</pnp:Parameters>"),
        &format!(
            "<pnp:Lists>\n<pnp:ListInstance Title=\"A\" TemplateType=\"100\" Url=\"Lists/A\" Description=\"{text}\"/>\
             </pnp:Lists>"
        ),
    )
}

const NAME: &str = "<pnp:Parameter Key='AccountName'/>";

#[test]
fn tokens_are_filled_and_other_braces_stay() {
    let text = "{parameter:AccountName} in {sitename}, {} { a } {3b9c8c1f-0f55-4f0e-9d5e-1c7d8c0a0001} {associatedmembergroup}";
    let plan = plan(&described(NAME, text));
    assert_eq!(
        plan.lists[0].description,
        "Harbour & Söhne in Harbour & Söhne, {} { a } {3b9c8c1f-0f55-4f0e-9d5e-1c7d8c0a0001} \
         Harbour & Söhne harbour-8a3f Members"
    );
}

#[test]
fn a_value_that_looks_like_a_token_stays_a_value() {
    let given = harbour().with("AccountName", "{parameter:Secret} {sitename}");
    let parameters = format!("{NAME}<pnp:Parameter Key='Secret'>s3cret</pnp:Parameter>");
    let plan = plan_with(&described(&parameters, "{parameter:AccountName}"), &given).expect("values are data");
    assert_eq!(plan.lists[0].description, "{parameter:Secret} {sitename}");
}

#[test]
fn a_default_may_use_other_parameters_and_gives_way_to_a_value() {
    let parameters = "<pnp:Parameter Key='Greeting'>Hello {parameter:AccountName} of {parameter:Town}</pnp:Parameter>\
                      <pnp:Parameter Key='Town'>Bremen</pnp:Parameter><pnp:Parameter Key='AccountName'/>";
    let document = described(parameters, "{parameter:Greeting}");
    assert_eq!(plan(&document).lists[0].description, "Hello Harbour & Söhne of Bremen");
    let given = plan_with(&document, &harbour().with("Greeting", "Ahoy")).expect("the value is legal");
    assert_eq!(given.lists[0].description, "Ahoy");
}

#[test]
fn a_required_parameter_without_a_value_is_refused() {
    let parameters = "\n<pnp:Parameter Key='Nickname' Required='true'/><!--here-->";
    let message = "Parameter: parameter Nickname is required and has no value";
    assert_refused(&described(parameters, ""), message);
    let empty = plan_with(&described(parameters, ""), &harbour().with("Nickname", ""));
    assert!(empty.is_err_and(|error| error.to_string().ends_with(message)));
}

#[test]
fn defaults_that_go_in_a_circle_are_refused_when_read() {
    let parameters = "<pnp:Parameter Key='A'>{parameter:B}</pnp:Parameter><!--here-->\n\
                      <pnp:Parameter Key='B'>{parameter:C}</pnp:Parameter>\n\
                      <pnp:Parameter Key='C'>x {parameter:A}</pnp:Parameter>";
    let document = described(parameters, "");
    assert_refused(&document, "Parameter: the default of parameter A refers back to itself");
    assert!(Template::read(document.as_bytes()).is_err());
    let itself = "\n<pnp:Parameter Key='A'>{parameter:A}</pnp:Parameter><!--here-->";
    assert_refused(&described(itself, ""), "Parameter: the default of parameter A refers back to itself");
}

#[test]
fn unknown_tokens_and_parameters_are_refused_when_read() {
    let marked = |text: &str| described(NAME, text).replace("/></pnp:Lists>", "/><!--here--></pnp:Lists>");
    assert_refused(
        &marked("{parameter:Acount}"),
        "ListInstance: parameter Acount is not declared in Preferences/Parameters",
    );
    assert_refused(&marked("to {parameter:AccountName"), "ListInstance: a token is not closed");
    for token in ["{listid:Tasks}", "{PARAMETER:AccountName}", "{$AccountName}", "{roledefinition:Editor}", "{site}"] {
        let error = Template::read(marked(token).as_bytes()).expect_err("the token is unknown");
        let message = error.to_string();
        let begins =
            format!("site template, line 9: ListInstance: {token} is not a token that is known here; known are");
        assert!(message.starts_with(&begins), "{message}");
    }
}

#[test]
fn tokens_in_rows_and_caml_are_checked_where_they_stand() {
    let field = "<pnp:Fields>\n<Field Type='Text' Name='A' DisplayName='A'>\n<Default>{parameter:X}</Default><!--here-->\n\
                 </Field></pnp:Fields>";
    assert_refused(&super::list(field), "Default: parameter X is not declared in Preferences/Parameters");
}

#[test]
fn parameters_have_one_declaration_each() {
    let twice = "<pnp:Parameter Key='A'/>\n<pnp:Parameter Key='A'/><!--here-->";
    assert_refused(&described(twice, ""), "Parameter: the Key is there already, in line 4");
    assert_refused(
        &described("<pnp:Parameter Key=''/><!--here-->", ""),
        "Parameter: Key must be a name without braces",
    );
    let keyless = "<pnp:Parameter Required='false'/><!--here-->";
    assert_refused(&described(keyless, ""), "Parameter: attribute Key is missing");
    let many: Vec<String> = (0..=200).map(|n| format!("<pnp:Parameter Key='P{n}'/>\n")).collect();
    assert_refused(
        &described(&format!("{}<!--here-->", many.concat().trim_end()), ""),
        "Parameter: more than 200 parameters",
    );
}

#[test]
fn defaults_cannot_grow_without_end() {
    let doubling: Vec<String> = (1..60)
        .map(|n| format!("<pnp:Parameter Key='P{n}'>{{parameter:P{}}}{{parameter:P{}}}</pnp:Parameter>", n - 1, n - 1))
        .collect();
    let parameters = format!("<pnp:Parameter Key='P0'>0123456789</pnp:Parameter>{}<!--here-->", doubling.concat());
    assert_refused(
        &described(&parameters, ""),
        "Parameter: with all values filled in, the template is larger than 4194304 bytes",
    );
}

#[test]
fn a_value_that_no_document_can_carry_is_refused_without_being_repeated() {
    let error = plan_with(&described(NAME, ""), &harbour().with("AccountName", "bell\u{7}"));
    let error = error.expect_err("the value is not legal");
    assert_eq!(error, TemplateError::IllegalValue { name: "AccountName".to_owned() });
    assert!(!error.to_string().contains("bell"));
}

#[test]
fn debug_output_of_parameters_shows_no_value() {
    assert!(!format!("{:?}", harbour()).contains("Harbour"));
}
