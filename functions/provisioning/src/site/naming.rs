//! Names in SharePoint: pure functions of what is stored, so that a repeat finds its own work.

use domain::{RecordRef, TenantId};
use sharepoint::WebName;

/// How much of a record's name goes into its web's name; with the id it stays below 64.
const SLUG_CHARACTERS: usize = 40;
/// What SharePoint 2007 takes as a title, in UTF-16 units (newsbweb.aspx: `maxlength` 255).
const TITLE_UNITS: usize = 255;

/// The names a record's web may have, best first. The caller takes the first that is free or already its own.
///
/// `harbour-freight`, then `harbour-freight-8d0f1b6e`, then with the whole id. Ids of CRM 4.0 differ in their first
/// digits; the last name is the record's alone.
pub fn candidates(record: RecordRef, name: &str) -> Vec<WebName> {
    let id = record.id.uuid().simple().to_string();
    let slug = slug(name).unwrap_or_else(|| record.kind.entity().to_owned());
    // A bare word for the kind would be taken by the first nameless record; give it its id at once.
    let bare = (slug != record.kind.entity()).then(|| slug.clone());
    let names = bare.into_iter().chain([format!("{slug}-{}", &id[..8]), format!("{}-{id}", record.kind.entity())]);
    names.filter_map(|name| name.parse().ok()).collect()
}

/// A record's name as a web name: ASCII letters and digits, runs of anything else as one hyphen. Latin letters with
/// marks lose them. `None` if nothing is left, as for a name in another script.
fn slug(name: &str) -> Option<String> {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        let plain: &str = match character {
            'a'..='z' | '0'..='9' => &character.to_string(),
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ą' => "a",
            'æ' => "ae",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'ð' => "d",
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
            'ł' => "l",
            'ñ' | 'ń' | 'ň' => "n",
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => "o",
            'œ' => "oe",
            'ř' => "r",
            'ś' | 'š' | 'ş' => "s",
            'ß' => "ss",
            'ť' | 'ţ' => "t",
            'þ' => "th",
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            // A combining mark belongs to the letter before it.
            '\u{300}'..='\u{36F}' => continue,
            _ => "-",
        };
        if plain != "-" {
            slug.push_str(plain);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.char_indices().nth(SLUG_CHARACTERS).map_or(slug.len(), |(end, _)| end));
    let slug = slug.trim_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// A record's name as a site's title: control characters and surrounding blanks gone, at most 255 characters.
/// A record without a name is titled by its kind and the beginning of its id.
pub fn title(record: RecordRef, name: &str) -> String {
    let visible: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let title = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut room = TITLE_UNITS;
    let fits = |c: &char| {
        let taken = room.checked_sub(c.len_utf16());
        room = taken.unwrap_or_default();
        taken.is_some()
    };
    let title: String = title.chars().take_while(fits).collect();
    if title.is_empty() { format!("Account {}", &record.id.to_string()[..8]) } else { title }
}

/// What a web carries to show whose it is.
pub fn mark(tenant: &TenantId, record: RecordRef) -> String {
    format!("{tenant}/{}/{}", record.kind.entity(), record.id)
}

#[cfg(test)]
mod tests {
    use domain::RecordKind;
    use proptest::prelude::*;

    use super::*;

    fn record() -> RecordRef {
        RecordRef { kind: RecordKind::Account, id: "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01".parse().expect("an id") }
    }

    fn first(name: &str) -> String {
        candidates(record(), name)[0].as_str().to_owned()
    }

    /// ST-01: any name that CRM lets people type gives a legal address.
    #[test]
    fn names_of_all_kinds_become_web_names() {
        assert_eq!(first("Harbour Freight & Sons"), "harbour-freight-sons");
        assert_eq!(first("Ångström & Søn A/S"), "angstrom-son-a-s");
        assert_eq!(first("  --Łódź.. "), "lodz");
        assert_eq!(first("株式会社みなと"), "account-8d0f1b6e");
        assert_eq!(first("***???"), "account-8d0f1b6e");
        assert_eq!(first(""), "account-8d0f1b6e");
        assert_eq!(first(&"long name ".repeat(30)).len(), 39);
    }

    #[test]
    fn a_taken_name_is_followed_by_ones_with_the_record_id() {
        let names: Vec<_> = candidates(record(), "Harbour").into_iter().map(String::from).collect();
        assert_eq!(names, ["harbour", "harbour-8d0f1b6e", "account-8d0f1b6e6a3adf119a6d00155d0a0b01"]);
    }

    #[test]
    fn a_title_is_what_people_typed_without_what_cannot_be_shown() {
        assert_eq!(title(record(), " Harbour\u{0}\t Freight\n"), "Harbour Freight");
        assert_eq!(title(record(), "شركة الميناء"), "شركة الميناء");
        assert_eq!(title(record(), " \u{7} "), "Account 8d0f1b6e");
        assert_eq!(title(record(), &"x".repeat(300)).len(), 255);
    }

    proptest! {
        #[test]
        fn every_name_has_candidates_and_the_last_is_the_records_own(name in "\\PC{0,300}") {
            let names = candidates(record(), &name);
            prop_assert!(names.len() >= 2);
            prop_assert_eq!(names.last().map(WebName::as_str), Some("account-8d0f1b6e6a3adf119a6d00155d0a0b01"));
            prop_assert!(!title(record(), &name).trim().is_empty());
        }
    }
}
