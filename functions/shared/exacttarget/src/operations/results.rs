//! What became of each object of a request (contract §6).

use soap::{Element, Error, FromXml};

/// What became of the objects, in the order of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results(pub Vec<Outcome>);

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which object of the request, from 0.
    pub ordinal: u32,
    /// Whether it was done.
    pub is_ok: bool,
    /// The platform's code, where it was not: `error_codes.tsv` of the contract has 671.
    pub code: Option<u32>,
    /// The number of what was made.
    pub new_id: Option<u64>,
    /// The id of what was made.
    pub new_object_id: Option<String>,
}

impl Outcome {
    /// The subscriber is on the list already (recorded): it is updated instead.
    pub const ALREADY_ON_LIST: u32 = 12_014;

    fn read(result: &Element, place: u32) -> Result<Self, Error> {
        let is_ok = result.required("StatusCode")?.text().trim() == "OK";
        Ok(Self {
            ordinal: result.optional_value("OrdinalID")?.unwrap_or(place),
            is_ok,
            code: result.optional_value("ErrorCode")?.filter(|code| *code != 0),
            // 0 where nothing was made.
            new_id: result.optional_value("NewID")?.filter(|id| *id != 0),
            new_object_id: Some(result.child_text("NewObjectID").trim().to_owned()).filter(|id| !id.is_empty()),
        })
    }
}

impl FromXml for Results {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let mut place = 0;
        let read = |result: &Element| {
            place += 1;
            Outcome::read(result, place - 1)
        };
        body.each("Results", read).map(Self)
    }
}
