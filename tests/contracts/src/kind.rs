//! Of what kind a value is: what is left of it when its content does not matter.

use uuid::Uuid;

/// The kind of a value, as text: `{GUID}`, `int`, `id;#text`, `2000-01-01T00:00:00Z` for every instant written like
/// that. Two values of one kind are read by the same rules.
pub fn kind_of(value: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if value.trim().is_empty() {
        return "empty".to_owned();
    }
    if let Some(kind) = guid(value).or_else(|| word(value)).or_else(|| time(value)) {
        return kind;
    }
    if let Some((id, text)) = value.split_once(";#")
        && digits(id)
    {
        // A lookup's text is data: a name that looks like a number is still a name.
        let text = if text.contains(['{', ':']) { kind_of(text) } else { "text".to_owned() };
        return format!("id;#{text}");
    }
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    if digits(unsigned) {
        return "int".to_owned();
    }
    if let Some((whole, fraction)) = unsigned.split_once('.')
        && digits(whole)
        && digits(fraction)
    {
        return "decimal".to_owned();
    }
    if let Some(hex) = value.strip_prefix("0x") {
        if let Some((digest, _)) = hex.split_once(',') {
            return format!("digest of {} digits", digest.len());
        }
        if hex.chars().all(|c| c.is_ascii_hexdigit()) {
            return if hex.len() == 8 { "0xcode" } else { "0xmask" }.to_owned();
        }
    }
    let start = |prefix: &str| value.starts_with(prefix);
    match () {
        () if start("http://") || start("https://") => "address",
        () if start("/") => "/path",
        () if start("<") => "xml",
        () if start("$") => "$amount",
        () => "text",
    }
    .to_owned()
}

fn guid(value: &str) -> Option<String> {
    let bare = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(value);
    if bare.len() != 36 || Uuid::try_parse(bare).is_err() {
        return None;
    }
    // Without a letter there is no case: as good as either, and told apart by nobody.
    let case = if bare.chars().any(|c| c.is_ascii_uppercase()) { "GUID" } else { "guid" };
    Some(if bare.len() == value.len() { case.to_owned() } else { format!("{{{case}}}") })
}

fn word(value: &str) -> Option<String> {
    ["TRUE", "True", "true"]
        .into_iter()
        .zip(["FALSE", "False", "false"])
        .find(|(yes, no)| value == *yes || value == *no)
        .map(|(yes, _)| yes.to_owned())
}

/// Times by how they are written.
fn time(value: &str) -> Option<String> {
    const FORMS: &[&str] = &[
        "2000-01-01T00:00:00Z",
        "2000-01-01T00:00:00",
        "2000-01-01T00:00:00-00:00",
        "2000-01-01T00:00:00+00:00",
        "2000-01-01 00:00:00",
        "20000101 00:00:00",
        "01/01/2000 00:00:00",
        "1/1/2000",
        "1:00 AM",
    ];
    // Parts of a second are digits more or fewer, of the same kind.
    let value = match value.rsplit_once('.') {
        Some((whole, part)) if part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => value,
    };
    let mask = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let short = |text: &str| {
        // Months, days and hours without a leading zero have one digit or two.
        let text = mask(text).replace("PM", "AM");
        ["00/00/", "00/0/", "0/00/"].iter().find_map(|long| text.strip_prefix(long)).map_or_else(
            || text.strip_prefix("00:").map_or(text.clone(), |rest| format!("0:{rest}")),
            |rest| format!("0/0/{rest}"),
        )
    };
    let form = FORMS.iter().find(|form| mask(form) == mask(value) || (form.len() < 10 && mask(form) == short(value)));
    form.map(|form| form.replace("-00:00", "+00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_read_alike_are_of_one_kind() {
        for (value, kind) in [
            ("", "empty"),
            ("{6F33949A-B3FF-4B0C-BA99-93CB518AC2C0}", "{GUID}"),
            ("6f33949a-b3ff-4b0c-ba99-93cb518ac2c0", "guid"),
            ("-1", "int"),
            ("0.50000000000000", "decimal"),
            ("True", "True"),
            ("FALSE", "TRUE"),
            ("1;#msa.docx", "id;#text"),
            ("1;#0", "id;#text"),
            ("3;#2010-06-14T10:00:01Z", "id;#2000-01-01T00:00:00Z"),
            ("1;#{C99A189F-FCC5-4FF5-8DC5-298B9DA1C571}", "id;#{GUID}"),
            ("20100601 12:00:00", "20000101 00:00:00"),
            ("2010-06-17T09:30:00-05:00", "2000-01-01T00:00:00+00:00"),
            ("6/17/2010", "1/1/2000"),
            ("12/1/2010", "1/1/2000"),
            ("12:30 PM", "1:00 AM"),
            ("2014-03-26T10:02:01.987", "2000-01-01T00:00:00"),
            ("0x81020015", "0xcode"),
            ("0x1b03c4312ef", "0xmask"),
            ("/sites/contoso", "/path"),
            ("Contoso", "text"),
        ] {
            assert_eq!(kind_of(value), kind, "{value:?}");
        }
    }
}
