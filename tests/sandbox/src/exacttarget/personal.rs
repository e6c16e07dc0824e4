//! What makes a mail personal: `%%First Name%%` and its like become what is known of a person.

use std::collections::BTreeMap;

/// Names for subscribers who have none of their own. Invented.
pub(super) const PEOPLE: [(&str, &str); 12] = [
    ("Ada", "Lund"),
    ("Bo", "Ek"),
    ("Chiara", "Conti"),
    ("Dmitri", "Orlov"),
    ("Élodie", "Marchand"),
    ("فاطمة", "حسن"),
    ("Grażyna", "Wójcik"),
    ("花子", "山田"),
    ("Ímar", "Ó Briain"),
    ("José", "Núñez"),
    ("Kwame", "Mensah"),
    ("Lin", "O'Neil & \"Co\""),
];

/// Whom a mail is for: the columns and attributes that are known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The customer's own key.
    pub key: String,
    /// Where the mail goes.
    pub address: String,
    /// Name to value; names as they were written.
    pub known: BTreeMap<String, String>,
}

/// The text for a person. A name that nothing is known of becomes nothing; what is no name stays as it is.
pub(super) fn personal(text: &str, person: &Person, unsubscribe: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("%%") {
        written.push_str(before);
        let Some((name, after)) = behind.split_once("%%").filter(|(name, _)| is_name(name)) else {
            written.push_str("%%");
            rest = behind;
            continue;
        };
        match &*name.to_lowercase() {
            "emailaddr" | "email address" => written.push_str(&person.address),
            "_subscriberkey" | "subscriberkey" => written.push_str(&person.key),
            "unsub_center_url" => written.push_str(unsubscribe),
            lower => {
                let known = person.known.iter().find(|(known, _)| known.to_lowercase() == lower);
                written.push_str(known.map_or("", |(_, value)| value));
            }
        }
        rest = after;
    }
    written + rest
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 128 && !name.contains(['\n', '%'])
}
