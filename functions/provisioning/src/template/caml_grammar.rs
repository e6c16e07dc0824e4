//! The part of CAML that fields and views of a template may use: what WSS 3.0 knows (contract README, 3; the schema
//! of CAML in MS-WSSCAML).

use super::shape::{
    Content,
    Occurs::{self, Many, Once, Optional},
    Shape,
    Value::{self, FieldName, Guid, Number, OneOf, Text},
};

/// A CAML boolean.
const TRUE_OR_FALSE: Value = OneOf(&["TRUE", "FALSE"], "write TRUE or FALSE");

pub(super) static FIELDS: Shape = Shape { children: &[(&FIELD, Occurs::Some)], ..Shape::pnp("Fields") };

const FIELD_TYPES: &[&str] = &["Text", "Note", "Choice", "Number", "Currency", "DateTime", "User", "Boolean", "URL"];

static FIELD: Shape = Shape {
    attributes: &[
        ("ID", Guid),
        ("Type", OneOf(FIELD_TYPES, "use Text, Note, Choice, Number, Currency, DateTime, User, Boolean or URL")),
        ("Name", FieldName),
        ("StaticName", FieldName),
        ("DisplayName", Text),
        ("Description", Text),
        ("Group", Text),
        ("Required", TRUE_OR_FALSE),
        ("Indexed", TRUE_OR_FALSE),
        ("Hidden", TRUE_OR_FALSE),
        ("ReadOnly", TRUE_OR_FALSE),
        ("ShowInNewForm", TRUE_OR_FALSE),
        ("ShowInEditForm", TRUE_OR_FALSE),
        ("ShowInDisplayForm", TRUE_OR_FALSE),
        ("MaxLength", Number(1, 255)),
        ("NumLines", Number(1, 1_000)),
        ("RichText", TRUE_OR_FALSE),
        ("RichTextMode", OneOf(&["Compatible", "FullHtml"], "use Compatible or FullHtml")),
        ("AppendOnly", TRUE_OR_FALSE),
        ("UnlimitedLengthInDocumentLibrary", TRUE_OR_FALSE),
        ("FillInChoice", TRUE_OR_FALSE),
        (
            "Format",
            OneOf(
                &["DateOnly", "DateTime", "Dropdown", "RadioButtons", "Hyperlink", "Image"],
                "use DateOnly, DateTime, Dropdown, RadioButtons, Hyperlink or Image",
            ),
        ),
        ("LCID", Number(1, 0xFFFF)),
        ("Decimals", Number(0, 5)),
        ("Min", Text),
        ("Max", Text),
        ("Percentage", TRUE_OR_FALSE),
        ("List", OneOf(&["UserInfo"], "only UserInfo, for a User")),
        ("UserSelectionMode", OneOf(&["PeopleOnly", "PeopleAndGroups"], "use PeopleOnly or PeopleAndGroups")),
        ("UserSelectionScope", Number(0, u32::MAX)),
    ],
    required: &["Type", "Name", "DisplayName"],
    children: &[(&CHOICES, Optional), (&DEFAULT, Optional)],
    ..Shape::caml("Field")
};

static CHOICES: Shape = Shape { children: &[(&CHOICE, Occurs::Some)], ..Shape::caml("CHOICES") };
static CHOICE: Shape = Shape { content: Content::Text, ..Shape::caml("CHOICE") };
static DEFAULT: Shape = Shape { content: Content::Text, ..Shape::caml("Default") };

pub(super) static VIEWS: Shape = Shape {
    attributes: &[("RemoveExistingViews", OneOf(&["false", "0"], "views that are there stay"))],
    children: &[(&VIEW, Occurs::Some)],
    ..Shape::pnp("Views")
};

static VIEW: Shape = Shape {
    attributes: &[
        ("DisplayName", Text),
        ("Type", OneOf(&["HTML"], "only HTML views can be made")),
        ("DefaultView", TRUE_OR_FALSE),
    ],
    required: &["DisplayName"],
    children: &[(&QUERY, Optional), (&VIEW_FIELDS, Once), (&ROW_LIMIT, Optional)],
    ..Shape::caml("View")
};

static VIEW_FIELDS: Shape = Shape { children: &[(&FIELD_REF, Occurs::Some)], ..Shape::caml("ViewFields") };

static ROW_LIMIT: Shape = Shape {
    attributes: &[("Paged", TRUE_OR_FALSE)],
    content: Content::Number(1, 2_000_000_000),
    ..Shape::caml("RowLimit")
};

static QUERY: Shape =
    Shape { children: &[(&WHERE, Optional), (&ORDER_BY, Optional), (&GROUP_BY, Optional)], ..Shape::caml("Query") };

static FIELD_REF: Shape = Shape { attributes: &[("Name", FieldName)], required: &["Name"], ..Shape::caml("FieldRef") };

static SORTED_REF: Shape = Shape {
    attributes: &[("Name", FieldName), ("Ascending", TRUE_OR_FALSE)],
    required: &["Name"],
    ..Shape::caml("FieldRef")
};

static ORDER_BY: Shape = Shape { children: &[(&SORTED_REF, Occurs::Some)], ..Shape::caml("OrderBy") };

static GROUP_BY: Shape = Shape {
    attributes: &[("Collapse", TRUE_OR_FALSE)],
    children: &[(&SORTED_REF, Occurs::Some)],
    ..Shape::caml("GroupBy")
};

static WHERE: Shape = Shape { children: CONDITIONS, content: Content::Operands(1), ..Shape::caml("Where") };
static AND: Shape = Shape { children: CONDITIONS, content: Content::Operands(2), ..Shape::caml("And") };
static OR: Shape = Shape { children: CONDITIONS, content: Content::Operands(2), ..Shape::caml("Or") };

static CONDITIONS: &[(&Shape, Occurs)] = &[
    (&AND, Many),
    (&OR, Many),
    (&EQ, Many),
    (&NEQ, Many),
    (&GT, Many),
    (&GEQ, Many),
    (&LT, Many),
    (&LEQ, Many),
    (&BEGINS_WITH, Many),
    (&CONTAINS, Many),
    (&IS_NULL, Many),
    (&IS_NOT_NULL, Many),
];

static EQ: Shape = comparison("Eq");
static NEQ: Shape = comparison("Neq");
static GT: Shape = comparison("Gt");
static GEQ: Shape = comparison("Geq");
static LT: Shape = comparison("Lt");
static LEQ: Shape = comparison("Leq");
static BEGINS_WITH: Shape = comparison("BeginsWith");
static CONTAINS: Shape = comparison("Contains");
static IS_NULL: Shape = Shape { children: &[(&FIELD_REF, Once)], ..Shape::caml("IsNull") };
static IS_NOT_NULL: Shape = Shape { children: &[(&FIELD_REF, Once)], ..Shape::caml("IsNotNull") };

const fn comparison(name: &'static str) -> Shape {
    Shape { children: COMPARED, ..Shape::caml(name) }
}

const COMPARED: &[(&Shape, Occurs)] = &[(&FIELD_REF, Once), (&VALUE, Once)];

static VALUE: Shape = Shape {
    attributes: &[("Type", OneOf(VALUE_TYPES, "use the type of the field")), ("IncludeTimeValue", TRUE_OR_FALSE)],
    required: &["Type"],
    children: &[(&TODAY, Optional), (&NOW, Optional), (&USER_ID, Optional)],
    content: Content::TextOrElement,
    ..Shape::caml("Value")
};

const VALUE_TYPES: &[&str] = &[
    "Text", "Note", "Choice", "Number", "Currency", "DateTime", "User", "Boolean", "URL", "Integer", "Counter",
    "Lookup",
];

static TODAY: Shape = Shape::caml("Today");
static NOW: Shape = Shape::caml("Now");
static USER_ID: Shape = Shape::caml("UserID");
