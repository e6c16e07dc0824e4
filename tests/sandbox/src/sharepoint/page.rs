//! Web part pages: where modules are placed.

use uuid::Uuid;

/// A page that can hold web parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The path below the web, such as `default.aspx`.
    pub path: String,
    /// The ids of its zones in the order of the source.
    pub zones: Vec<String>,
    /// What is placed on it.
    pub parts: Vec<WebPart>,
}

/// A web part on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPart {
    /// Its storage key.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The zone it is in.
    pub zone: String,
    /// Its order in the zone.
    pub order: u32,
    /// The .NET type, without its assembly.
    pub type_name: String,
    /// What it would show: the text of its `Content`, `XML` or `ContentLink`, or the id of a list.
    pub content: String,
    /// The definition as it was given.
    pub xml: String,
}

impl Page {
    /// The page that a source makes: its zones are those that the source names.
    pub(crate) fn of_source(path: &str, source: &str) -> Self {
        Self { path: path.to_owned(), zones: zones_of(source), parts: Vec::new() }
    }

    /// The parts of a zone in their order.
    pub fn parts_in(&self, zone: &str) -> Vec<&WebPart> {
        let mut parts: Vec<_> = self.parts.iter().filter(|part| part.zone == zone).collect();
        parts.sort_by_key(|part| part.order);
        parts
    }

    /// The zone of that id in any case, or the first one: the server chooses when it does not know the zone
    /// (MS-WPPS 3.1.4.2.2.1).
    pub(crate) fn zone_or_first(&self, zone: &str) -> Option<&str> {
        let known = self.zones.iter().find(|known| known.eq_ignore_ascii_case(zone));
        known.or_else(|| self.zones.first()).map(String::as_str)
    }

    /// Puts a part into a zone at a place, and those from that place on one further.
    pub(crate) fn insert(&mut self, part: WebPart) {
        let taken = self.parts.iter().any(|other| other.zone == part.zone && other.order == part.order);
        if taken {
            for other in self.parts.iter_mut().filter(|other| other.zone == part.zone && other.order >= part.order) {
                other.order += 1;
            }
        }
        self.parts.push(part);
    }
}

/// The ids of `WebPartZone` controls in a page's source. ASP.NET pages are no XML, so this only looks for the tags.
fn zones_of(source: &str) -> Vec<String> {
    let mut zones = Vec::new();
    for tag in source.split("WebPartZone").skip(1) {
        let tag = tag.split('>').next().unwrap_or("");
        let lower = tag.to_ascii_lowercase();
        let Some(start) = lower.find(" id=") else { continue };
        let value = &tag[start + 4..];
        let zone: String = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].chars().take_while(|c| *c != quote).collect(),
            _ => value.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect(),
        };
        if !zone.is_empty() && !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    zones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_in_a_source() {
        let source = r#"<WebPartPages:WebPartZone runat="server" Title="loc:Left" ID="Left" FrameType="TitleBarOnly">
            <ZoneTemplate></ZoneTemplate></WebPartPages:WebPartZone><WebPartPages:WebPartZone id='Right' runat="server"/>"#;
        assert_eq!(zones_of(source), ["Left", "Right"]);
        assert_eq!(zones_of("<html/>"), Vec::<String>::new());
    }
}
