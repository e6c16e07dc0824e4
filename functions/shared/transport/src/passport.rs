//! What Windows Live ID, once Passport, means by the numbers of its faults; `extSTS` of SharePoint Online has the same.
//!
//! The codes are those of the sign-in assistant:
//! <https://learn.microsoft.com/previous-versions/office/developer/lync-online/hh472110(v=office.14)>.

/// `PPCRL_REQUEST_E_BAD_MEMBER_NAME_OR_PASSWORD`: the same for a name that nobody has.
pub const BAD_NAME_OR_PASSWORD: &str = "0x80048821";
/// What can only mean that the name and the password are not taken: they are wrong, the account is locked for too many
/// wrong ones, or its owner has to change the password first.
const SECRET_REFUSED: [&str; 4] = [BAD_NAME_OR_PASSWORD, "0x80048823", "0x80048824", "0x80048827"];
/// `PPCRL_REQUEST_E_AUTH_SERVER_ERROR`: the service's own trouble.
const SERVER_ERROR: &str = "0x80048820";

/// The code of a refusal without a number.
pub const NO_CODE: &str = "none";

/// A number, as the other functions here want it: `0x` and eight digits. `None` for a text that is none, which is no
/// matter for a log.
pub fn number(text: &str) -> Option<String> {
    let number = u32::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()?;
    Some(format!("0x{number:08X}"))
}

/// Whether a number can only mean that the name and the password are not taken.
pub fn is_of_secret(code: &str) -> bool {
    SECRET_REFUSED.contains(&code)
}

/// Whether a refusal is the service's own trouble, which passes: by its number, or by the code of its SOAP fault, if it
/// is one.
pub fn is_trouble(code: &str, fault: Option<&str>) -> bool {
    code == SERVER_ERROR || matches!(fault, Some("Receiver" | "Server"))
}
