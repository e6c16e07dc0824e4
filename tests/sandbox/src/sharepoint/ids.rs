//! Ids that depend on nothing but their order: the same story gives the same ids.

use uuid::Uuid;

/// The name space of the sandbox's own ids; invented.
const SPACE: Uuid = Uuid::from_u128(0x7c1d_5f0e_2b58_4f0a_9a51_53a4_d0b0_2007);

/// Hands out ids.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    handed_out: u64,
}

impl Ids {
    /// The next id.
    pub(crate) fn guid(&mut self) -> Uuid {
        self.handed_out += 1;
        named(&self.handed_out.to_string())
    }
}

/// The id that always belongs to a name, such as that of a built-in column.
pub(crate) fn named(name: &str) -> Uuid {
    Uuid::new_v5(&SPACE, name.as_bytes())
}

/// An id as lists and views carry it: upper case, in braces.
pub fn braced(id: Uuid) -> String {
    id.braced().to_string().to_uppercase()
}

/// Reads an id with or without braces, in any case.
pub(crate) fn parse(text: &str) -> Option<Uuid> {
    let text = text.trim();
    let bare = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    // The five-group form only, as .NET's "D" and "B" formats.
    if bare.len() == 36 { Uuid::try_parse(bare).ok() } else { None }
}
