//! Hostile XML.

mod carriers;
mod cuts;
mod shapes;
mod sizes;
mod tricks;

use crate::{Document, Reader};
use carriers::{Carrier, Place};
use tricks::{Effect, TRICKS};

/// At least 300 documents. Those that are made by tricks come in two kinds each: a message and a document.
pub fn xml_documents() -> Vec<Document> {
    let messages = [Carrier::CRM, Carrier::FAULT, Carrier::SHAREPOINT].into_iter().cycle();
    let others = [Carrier::TEMPLATE, Carrier::RESULT].into_iter().cycle();
    let tricks = TRICKS.iter().zip(messages.zip(others));
    let tricked = tricks.flat_map(|(trick, (message, other))| [trick.in_carrier(message), trick.in_carrier(other)]);
    tricked.chain(shapes::documents()).chain(sizes::documents()).chain(cuts::documents()).collect()
}

impl tricks::Trick {
    fn in_carrier(&self, carrier: Carrier) -> Document {
        let name = format!("{}/{}/{}", carrier.name, self.place.name(), self.name);
        let bytes = carrier.with(self.place, self.bytes);
        let readers = carrier.readers.iter().copied().filter(|reader| match self.effect {
            Effect::Refused => false,
            Effect::Harmless => true,
            Effect::UnresolvedNames => matches!(reader, Reader::Rows | Reader::Fetch),
        });
        let readers: Vec<Reader> = readers.collect();
        let document = Document::refused(name, move || bytes.clone());
        document.but_harmless_to(&readers).saying(carrier.plain(), &readers)
    }
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Prolog => "prolog",
            Self::Root => "root tag",
            Self::Inside => "inside",
            Self::Leaf => "leaf",
            Self::End => "after the root",
        }
    }
}
