//! How the supported part of the schema is written down, and the check against it: what is not in a shape is refused.

use soap::{Element, Node};

use super::{
    error::{Reason, TemplateError, line_of},
    grammar::{instead_of_attribute, instead_of_element},
    parts,
};

/// The schema that is read, version 2022-09.
pub(super) const PNP: &str = "http://schemas.dev.office.com/PnP/2022/09/ProvisioningSchema";

/// An element that is supported.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) space: Space,
    pub(super) attributes: &'static [(&'static str, Value)],
    pub(super) required: &'static [&'static str],
    pub(super) children: &'static [(&'static Shape, Occurs)],
    pub(super) content: Content,
}

/// Whose element it is.
#[derive(Clone, Copy)]
pub(super) enum Space {
    /// The schema's own.
    Pnp,
    /// CAML, which templates write without a namespace, or inside of the schema's when that is the default one.
    Caml,
}

/// How often a child may be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurs {
    /// Once at most.
    Optional,
    /// Once.
    Once,
    /// Any number.
    Many,
    /// At least once.
    Some,
}

/// What an element holds beside attributes.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// Child elements only.
    Elements,
    /// Text only.
    Text,
    /// A whole number, from and to.
    Number(u32, u32),
    /// Text, or one child.
    TextOrElement,
    /// So many child elements, each with its own shape.
    Operands(usize),
    /// The definition of a web part.
    WebPart,
}

/// What an attribute may say.
#[derive(Clone, Copy)]
pub(super) enum Value {
    /// About the template, not about the site: read by people and tools, not by us.
    Metadata,
    /// Text with tokens.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number, from and to.
    Number(u32, u32),
    /// A version such as `1.0`.
    Decimal,
    /// The internal name of a field.
    FieldName,
    /// A GUID in braces.
    Guid,
    /// One of these; and what to do if it is another.
    OneOf(&'static [&'static str], &'static str),
}

impl Shape {
    /// An element of the schema with neither attributes nor content.
    pub(super) const fn pnp(name: &'static str) -> Self {
        Self { name, space: Space::Pnp, attributes: &[], required: &[], children: &[], content: Content::Elements }
    }

    /// A CAML element with neither attributes nor content.
    pub(super) const fn caml(name: &'static str) -> Self {
        Self { space: Space::Caml, ..Self::pnp(name) }
    }

    fn is_shape_of(&self, element: &Element) -> bool {
        let ns = &*element.name().ns;
        element.local() == self.name
            && match self.space {
                Space::Pnp => ns == PNP,
                Space::Caml => ns.is_empty() || ns == PNP,
            }
    }

    /// Refuses an element that says what this shape does not have; the first such place in the document counts.
    pub(super) fn check(&self, element: &Element) -> Result<(), TemplateError> {
        if !self.is_shape_of(element) {
            return Err(TemplateError::unsupported(element, instead_of_element(element.local())));
        }
        self.check_attributes(element)?;
        for node in element.nodes() {
            match node {
                Node::Text(text) => self.check_text(element, text)?,
                Node::Element(child) => self.check_child(element, child)?,
            }
        }
        self.check_counts(element)
    }

    fn check_attributes(&self, element: &Element) -> Result<(), TemplateError> {
        let unsupported = |name: &str, instead| {
            TemplateError::at(element, Reason::UnsupportedAttribute { name: name.to_owned(), instead })
        };
        if element.kind().is_some() {
            return Err(unsupported("xsi:type", None));
        }
        if element.is_nil() {
            return Err(unsupported("xsi:nil", None));
        }
        for (name, value) in element.attributes() {
            let known = self.attributes.iter().find(|(known, _)| name.ns.is_empty() && *name.local == **known);
            let (_, kind) =
                known.ok_or_else(|| unsupported(&name.local, instead_of_attribute(self.name, &name.local)))?;
            kind.check(element, &name.local, value)?;
        }
        for name in self.required {
            if element.attribute(*name).is_none() {
                return Err(TemplateError::missing(element, format!("attribute {name}")));
            }
        }
        Ok(())
    }

    fn check_text(&self, element: &Element, text: &str) -> Result<(), TemplateError> {
        match self.content {
            Content::Text | Content::TextOrElement => Ok(()),
            Content::Number(from, to) => Value::Number(from, to).check(element, "text", text.trim()),
            Content::Elements | Content::Operands(_) | Content::WebPart => {
                if text.chars().all(char::is_whitespace) {
                    return Ok(());
                }
                Err(TemplateError::at(element, Reason::UnexpectedText))
            }
        }
    }

    fn check_child(&self, element: &Element, child: &Element) -> Result<(), TemplateError> {
        if let Content::WebPart = self.content {
            return parts::check(element, child);
        }
        let Some((shape, occurs)) = self.children.iter().find(|(shape, _)| shape.is_shape_of(child)) else {
            return Err(TemplateError::unsupported(child, instead_of_element(child.local())));
        };
        if matches!(occurs, Occurs::Once | Occurs::Optional)
            && let Some(first) = element.all(shape.name).find(|first| shape.is_shape_of(first))
            && !std::ptr::eq(first, child)
        {
            return Err(TemplateError::at(child, Reason::Duplicate { what: "the element", first: line_of(first) }));
        }
        shape.check(child)
    }

    fn check_counts(&self, element: &Element) -> Result<(), TemplateError> {
        for (shape, occurs) in self.children {
            if matches!(occurs, Occurs::Once | Occurs::Some) && element.child(shape.name).is_none() {
                return Err(TemplateError::missing(element, format!("element {}", shape.name)));
            }
        }
        let count = element.children().count();
        match self.content {
            Content::Operands(1) if count != 1 => Err(TemplateError::invalid(element, "content", "one condition")),
            Content::Operands(many) if count != many => {
                Err(TemplateError::invalid(element, "content", "two conditions; nest them for more"))
            }
            Content::TextOrElement if count > 1 || (count == 1 && !element.text().trim().is_empty()) => {
                Err(TemplateError::invalid(element, "content", "text or one element"))
            }
            Content::Number(..) if element.text().trim().is_empty() => {
                Err(TemplateError::invalid(element, "text", "a whole number"))
            }
            Content::WebPart if count != 1 => Err(TemplateError::missing(element, "element WebPart")),
            _ => Ok(()),
        }
    }
}

impl Value {
    fn check(self, element: &Element, name: &str, value: &str) -> Result<(), TemplateError> {
        let expected = match self {
            Self::Metadata | Self::Text => return Ok(()),
            Self::OneOf(known, instead) => {
                if known.contains(&value) {
                    return Ok(());
                }
                return Err(TemplateError::at(element, Reason::UnsupportedValue { name: name.to_owned(), instead }));
            }
            Self::Flag if flag(value).is_some() => return Ok(()),
            Self::Flag => "true or false",
            Self::Number(from, to) if value.parse().is_ok_and(|number: u32| (from..=to).contains(&number)) => {
                return Ok(());
            }
            Self::Number(..) => "a whole number within its limits",
            Self::Decimal if is_decimal(value) => return Ok(()),
            Self::Decimal => "a number such as 1.0",
            Self::FieldName if is_field_name(value) => return Ok(()),
            Self::FieldName => "an internal name: 1 to 32 letters, digits and _, not beginning with a digit",
            Self::Guid if is_guid(value) => return Ok(()),
            Self::Guid => "a GUID in braces",
        };
        Err(TemplateError::invalid(element, name, expected))
    }
}

/// An `xsd:boolean`.
pub(super) fn flag(value: &str) -> Option<bool> {
    match value {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn is_decimal(value: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    value.len() <= 32 && value.split_once('.').map_or_else(|| digits(value), |(a, b)| digits(a) && digits(b))
}

/// 2007 keeps 32 characters of an internal name and encodes all others than these.
fn is_field_name(value: &str) -> bool {
    (1..=32).contains(&value.len())
        && !value.starts_with(|first: char| first.is_ascii_digit())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_guid(value: &str) -> bool {
    let inner = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| uuid::Uuid::try_parse(inner).is_ok() && inner.len() == 36)
}
