//! Lists, fields, views, rows and module parts.

use super::{assert_refused, document, list, plan};

/// A document with one list element, as it is given.
fn lists(elements: &str) -> String {
    document("", &format!("<pnp:Lists>\n{elements}\n</pnp:Lists>"))
}

fn fields(elements: &str) -> String {
    list(&format!("<pnp:Fields>\n{elements}\n</pnp:Fields>"))
}

fn view(content: &str) -> String {
    list(&format!("<pnp:Views><View DisplayName='V'>\n{content}\n</View></pnp:Views>"))
}

const TEXT: &str = "<Field Type='Text' Name='A' DisplayName='A'/>";

#[test]
fn settings_that_the_template_does_not_name_are_left_to_the_host() {
    let element =
        "<pnp:ListInstance Title='Papers' TemplateType='101' Url='Papers' EnableVersioning='1' MaxVersionLimit='5'/>";
    let settings = &plan(&lists(element)).lists[0].settings;
    assert_eq!((settings.versioning, settings.version_limit), (Some(true), Some(5)));
    assert_eq!((settings.attachments, settings.folders, settings.on_quick_launch), (None, None, None));
}

#[test]
fn what_cannot_be_said_of_a_list_is_refused() {
    let library = "Title='P' TemplateType='101' Url='P'";
    let custom = "Title='P' TemplateType='100' Url='Lists/P'";
    let title = "Title must be 1 to 128 characters without ~ \" # % & * : < > ? / \\ { | }, without a blank or dot \
                 at either end, as SharePoint 2007 makes the address from it";
    let cases = [
        (library, "EnableModeration='true'", "this value of EnableModeration is not supported; only false"),
        (library, "Hidden='1'", "this value of Hidden is not supported; only false"),
        (library, "DocumentTemplate='x.dotx'", "attribute DocumentTemplate is not supported"),
        (library, "EnableVersioning='yes'", "EnableVersioning must be true or false"),
        (library, "MaxVersionLimit='many'", "MaxVersionLimit must be a whole number within its limits"),
        (library, "MaxVersionLimit='5'", "MaxVersionLimit must be left out without EnableVersioning=\"true\""),
        (library, "EnableAttachments='true'", "EnableAttachments must be left out: a library has no attachments"),
        (
            "Title='P' TemplateType='171' Url='Lists/P'",
            "",
            "this value of TemplateType is not supported; use a list template of SharePoint 2007, such as 100, 101, 106 or 107",
        ),
        ("Title='P' TemplateType='100'", "", "attribute Url is missing"),
        (
            "Title='Big Facts' TemplateType='100' Url='Lists/BigFacts'",
            "",
            "Url must be Lists/ and the Title, because SharePoint 2007 makes the address of a list from it",
        ),
        (
            "Title='Papers' TemplateType='101' Url='Lists/Papers'",
            "",
            "Url must be the Title, because SharePoint 2007 makes the address of a library from it",
        ),
        ("Title='A/B' TemplateType='101' Url='A/B'", "", title),
        ("Title='' TemplateType='101' Url=''", "", title),
        ("Title='A.' TemplateType='101' Url='A.'", "", title),
        (
            custom,
            "ListExperience='NewExperience'",
            "this value of ListExperience is not supported; SharePoint 2007 has only the classic one",
        ),
    ];
    for (base, attribute, reason) in cases {
        let element = format!("<pnp:ListInstance {base} {attribute}/><!--here-->");
        assert_refused(&lists(&element), &format!("ListInstance: {reason}"));
    }
    for name in
        ["ContentTypeBindings", "FieldRefs", "FieldDefaults", "Folders", "UserCustomActions", "Webhooks", "IRMSettings"]
    {
        let document = list(&format!("<pnp:{name}/>"));
        let error = super::Template::read(document.as_bytes()).expect_err("the element is not supported").to_string();
        assert!(error.starts_with(&format!("site template, line 8: {name}: not supported")), "{error}");
    }
}

#[test]
fn titles_differ_even_when_case_does_not_count() {
    let one = |title: &str| format!("<pnp:ListInstance Title='{title}' TemplateType='101' Url='{title}'/>");
    let document = lists(&format!("{}\n\n{}<!--here-->", one("Papers"), one("PAPERS")));
    assert_refused(&document, "ListInstance: the Title is there already, in line 7");
}

#[test]
fn what_cannot_be_said_of_a_field_is_refused() {
    let cases = [
        (
            "<Field Type='Lookup' Name='A' DisplayName='A'/><!--here-->",
            "Field: this value of Type is not supported; \
             use Text, Note, Choice, Number, Currency, DateTime, User, Boolean or URL",
        ),
        (
            "<Field Type='Text' Name='A B' DisplayName='A'/><!--here-->",
            "Field: Name must be an internal name: 1 to 32 letters, digits and _, not beginning with a digit",
        ),
        ("<Field Type='Text' Name='A' DisplayName=''/><!--here-->", "Field: attribute DisplayName is missing"),
        ("<Field Type='Text' Name='A'/><!--here-->", "Field: attribute DisplayName is missing"),
        (
            "<Field Type='Text' Name='A' DisplayName='A' StaticName='B'/><!--here-->",
            "Field: StaticName must be the Name",
        ),
        ("<Field Type='Text' Name='A' DisplayName='A' ID='1'/><!--here-->", "Field: ID must be a GUID in braces"),
        (
            "<Field Type='Text' Name='A' DisplayName='A' Required='true'/><!--here-->",
            "Field: this value of Required is not supported; write TRUE or FALSE",
        ),
        (
            "<Field Type='Text' Name='A' DisplayName='A' EnforceUniqueValues='TRUE'/><!--here-->",
            "Field: attribute EnforceUniqueValues is not supported; leave it out: SharePoint 2007 has no unique columns",
        ),
        (
            "<Field Type='Text' Name='A' DisplayName='A' List='UserInfo'/><!--here-->",
            "Field: List must be left out: only a User has it",
        ),
        ("<Field Type='Text' Name='A' DisplayName='A'><Validation/><!--here--></Field>", "Validation: not supported"),
        ("<Field Type='Choice' Name='A' DisplayName='A'/><!--here-->", "Field: element CHOICES is missing"),
        (
            "<Field Type='Text' Name='A' DisplayName='A'><CHOICES><!--here--><CHOICE>x</CHOICE></CHOICES></Field>",
            "CHOICES: not supported; only a Choice has choices",
        ),
        (
            "<Field Type='Choice' Name='A' DisplayName='A'><CHOICES><CHOICE> </CHOICE><!--here--></CHOICES></Field>",
            "CHOICE: text is missing",
        ),
        (
            "<Field Type='Choice' Name='A' DisplayName='A'><CHOICES><CHOICE>x</CHOICE>\n<CHOICE>x</CHOICE><!--here--></CHOICES></Field>",
            "CHOICE: the choice is there already, in line 9",
        ),
        ("<Fjeld/><!--here-->", "Fjeld: not supported"),
        ("<Field xmlns='urn:other' Type='Text'/><!--here-->", "Field: not supported"),
    ];
    for (elements, message) in cases {
        assert_refused(&fields(elements), message);
    }
}

#[test]
fn fields_differ_in_name_title_and_id() {
    let field = |name: &str, title: &str| {
        format!(
            "<Field ID='{{3b9c8c1f-0f55-4f0e-9d5e-1c7d8c0a0001}}' Type='Text' Name='{name}' DisplayName='{title}'/>"
        )
    };
    let cases = [("a", "B", "Name"), ("B", "a", "DisplayName"), ("B", "B", "ID")];
    for (name, title, what) in cases {
        let document = fields(&format!("{}\n{}<!--here-->", field("A", "A"), field(name, title)));
        assert_refused(&document, &format!("Field: the {what} is there already, in line 9"));
    }
}

#[test]
fn caml_comes_without_a_namespace_wherever_the_template_puts_it() {
    let inside = fields(TEXT).replace("<Field ", "<pnp:Field ");
    assert_eq!(plan(&inside).lists[0].fields, plan(&fields(TEXT)).lists[0].fields);
    assert_eq!(&*plan(&inside).lists[0].fields[0].caml.name().ns, "");
}

#[test]
fn what_cannot_be_said_of_a_view_is_refused() {
    let shown = "<ViewFields><FieldRef Name='A'/></ViewFields>";
    let eq = "<Eq><FieldRef Name='A'/><Value Type='Text'>x</Value></Eq>";
    let queried = |condition: &str| view(&format!("{shown}<Query><Where>{condition}</Where></Query>"));
    plan(&queried(eq));
    plan(&queried(&format!("<Or>{eq}<IsNull><FieldRef Name='B'/></IsNull></Or>")));
    let cases = [
        (queried(&format!("<And><!--here-->{eq}</And>")), "And: content must be two conditions; nest them for more"),
        (queried("<In><!--here--></In>"), "In: not supported; SharePoint 2007 has no such condition; nest Eq in Or"),
        (view(&format!("{shown}<Query>\n<Where/><!--here--></Query>")), "Where: content must be one condition"),
        (queried("<Eq><!--here--><FieldRef Name='A'/></Eq>"), "Eq: element Value is missing"),
        (
            queried("<Eq><FieldRef Name='A'/><Value Type='DateTime'>x<Today/></Value><!--here--></Eq>"),
            "Value: content must be text or one element",
        ),
        (
            view(&format!("{shown}<RowLimit>all</RowLimit><!--here-->")),
            "RowLimit: text must be a whole number within its limits",
        ),
        (view(&format!("{shown}<RowLimit/><!--here-->")), "RowLimit: text must be a whole number"),
        (view(&format!("{shown}<Aggregations/><!--here-->")), "Aggregations: not supported"),
        (
            list("<pnp:Views RemoveExistingViews='true'><!--here--><View/></pnp:Views>"),
            "Views: this value of RemoveExistingViews is not supported; views that are there stay",
        ),
        (list("<pnp:Views><View DisplayName='V'/><!--here--></pnp:Views>"), "View: element ViewFields is missing"),
        (
            list("<pnp:Views><View DisplayName='V' Url='a.aspx'/><!--here--></pnp:Views>"),
            "View: attribute Url is not supported; leave it out: SharePoint 2007 names the view's page after DisplayName",
        ),
        (
            list("<pnp:Views><View DisplayName='V' Type='CALENDAR'/><!--here--></pnp:Views>"),
            "View: this value of Type is not supported; only HTML views can be made",
        ),
    ];
    for (document, message) in cases {
        assert_refused(&document, message);
    }
    let named = |name: &str| format!("<View DisplayName='{name}'>{shown}</View>");
    let views = |elements: &str| list(&format!("<pnp:Views>\n{elements}<!--here--></pnp:Views>"));
    assert_refused(
        &views(&format!("{}\n{}", named("V"), named("v"))),
        "View: the DisplayName is there already, in line 9",
    );
    assert_refused(&views(&named(" ")), "View: attribute DisplayName is missing");
}

#[test]
fn rows_have_keys_that_differ() {
    let rows =
        |attributes: &str, rows: &str| list(&format!("<pnp:DataRows {attributes}>\n{rows}</pnp:DataRows><!--here-->"));
    let row =
        |value: &str| format!("<pnp:DataRow><pnp:DataValue FieldName='Title'>{value}</pnp:DataValue></pnp:DataRow>");
    let kept = plan(&rows("KeyColumn='Title'", &row(" a &amp; b ")));
    assert_eq!(kept.rows[0].1[0].values["Title"], " a & b ");
    let keyless =
        rows("", &row("a")).replace("<!--here-->", "").replace("<pnp:DataRows >", "<pnp:DataRows ><!--here-->");
    assert_refused(&keyless, "DataRows: attribute KeyColumn is missing");
    let cases = [
        (format!("{}\n{}", row("a"), row("A")), "DataRow: the value of the KeyColumn is there already, in line 9"),
        (row(" "), "DataRow: a value of the KeyColumn Title is missing"),
        (row("a").replace("'Title'", "'Other'"), "DataRow: a value of the KeyColumn Title is missing"),
        (
            row("a").replace("</pnp:DataRow>", "<pnp:DataValue FieldName='Title'>b</pnp:DataValue></pnp:DataRow>"),
            "DataValue: the FieldName is there already, in line 9",
        ),
        (
            row("a").replace("<pnp:DataRow>", "<pnp:DataRow Key='a'>"),
            "DataRow: attribute Key is not supported; leave it out: the key is the row's value in the KeyColumn",
        ),
        (row("a").replace("</pnp:DataRow>", "<pnp:Attachments/></pnp:DataRow>"), "Attachments: not supported"),
    ];
    for (elements, message) in cases {
        assert_refused(&rows("KeyColumn='Title'", &elements), message);
    }
    let overwriting = list("<pnp:DataRows KeyColumn='Title' UpdateBehavior='Overwrite'/><!--here-->");
    assert_refused(
        &overwriting,
        "DataRows: this value of UpdateBehavior is not supported; a row that is there is left alone (Skip)",
    );
    let library = rows("KeyColumn='Title'", &row("a")).replace("<!--here-->", "");
    let library = library
        .replace("'Title'>\n", "'Title'><!--here-->\n")
        .replace("\"100\" Url=\"Lists/Facts\"", "\"101\" Url=\"Facts\"");
    assert_refused(&library, "DataRows: not supported; the rows of a library are its files; use a list");
}

#[test]
fn a_site_has_room_for_so_much() {
    let many = |count: usize, one: &dyn Fn(usize) -> String| -> String {
        let all: Vec<String> = (0..=count).map(one).collect();
        format!("{}<!--here-->", all.join("\n"))
    };
    let list_of = |n| format!("<pnp:ListInstance Title='L{n}' TemplateType='101' Url='L{n}'/>");
    assert_refused(&lists(&many(50, &list_of)), "ListInstance: more than 50 lists");
    let field = |n| format!("<Field Type='Text' Name='F{n}' DisplayName='F{n}'/>");
    assert_refused(&fields(&many(100, &field)), "Field: more than 100 fields of one list");
    let row = |n| format!("<pnp:DataRow><pnp:DataValue FieldName='Title'>{n}</pnp:DataValue></pnp:DataRow>");
    let rows = format!("<pnp:DataRows KeyColumn='Title'>{}</pnp:DataRows>", many(1_000, &row));
    assert_refused(&list(&rows), "DataRow: more than 1000 rows");
    let view = |n| format!("<View DisplayName='V{n}'><ViewFields><FieldRef Name='A'/></ViewFields></View>");
    assert_refused(
        &list(&format!("<pnp:Views>{}</pnp:Views>", many(50, &view))),
        "View: more than 50 views of one list",
    );
    let group = |n| format!("<pnp:SiteGroup Title='{n}'/>");
    let groups = format!("<pnp:Security><pnp:SiteGroups>{}</pnp:SiteGroups></pnp:Security>", many(20, &group));
    assert_refused(&document("", &groups), "SiteGroup: more than 20 groups");
}
