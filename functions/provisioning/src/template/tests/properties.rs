//! Promises that hold for any template and any value.

use proptest::prelude::*;

use super::{Template, document, harbour, plan_with};
use crate::template::{
    ACCOUNT_SITE,
    tokens::{Piece, pieces},
};

/// Text that XML can carry and that has no braces.
fn plain() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 äß€&<>\"'\t\n/=:;.-]{0,24}"
}

fn text_list(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let row = format!(
        "<pnp:DataRow><pnp:DataValue FieldName='Title'>k</pnp:DataValue>\
         <pnp:DataValue FieldName='Body'>{escaped}</pnp:DataValue></pnp:DataRow>"
    );
    document(
        "<pnp:Parameters><pnp:Parameter Key='P'/><pnp:Parameter Key='Q'/></pnp:Parameters>",
        &format!(
            "<pnp:Lists><pnp:ListInstance Title='A' TemplateType='100' Url='Lists/A'>\
             <pnp:DataRows KeyColumn='Title'>{row}</pnp:DataRows></pnp:ListInstance></pnp:Lists>"
        ),
    )
}

/// The text as it comes out of a plan.
fn filled(text: &str, p: &str, q: &str) -> String {
    let plan = plan_with(&text_list(text), &harbour().with("P", p).with("Q", q));
    plan.expect("the text is legal").rows[0].1[0].values["Body"].clone()
}

proptest! {
    #[test]
    fn filling_leaves_no_token_behind_and_changes_nothing_else(
        parts in prop::collection::vec((plain(), prop::sample::select(vec!["P", "Q"])), 0..6),
        end in plain(),
        p in plain(),
        q in plain(),
    ) {
        let (mut text, mut expected) = (String::new(), String::new());
        for (literal, name) in parts {
            text.extend([literal.as_str(), "{parameter:", name, "}"]);
            expected.push_str(&literal);
            expected.push_str(if name == "P" { &p } else { &q });
        }
        text.push_str(&end);
        expected.push_str(&end);
        let filled = filled(&text, &p, &q);
        prop_assert_eq!(filled.find("{parameter:"), None);
        prop_assert_eq!(filled, expected);
    }

    #[test]
    fn text_is_taken_apart_without_loss(text in "[a-z0-9{} :$€-]{0,40}") {
        let known: Result<Vec<_>, _> = pieces(&text).collect();
        let literals: Option<String> = known.unwrap_or_default().iter().map(|piece| match piece {
            Piece::Literal(text) => Some(*text),
            Piece::Token(_) => None,
        }).collect();
        if let Some(literals) = literals.filter(|literals| !literals.is_empty()) {
            prop_assert_eq!(literals, text);
        }
    }

    #[test]
    fn a_value_is_never_read_again(value in "[a-z{}:]{1,30}") {
        prop_assert_eq!(filled("{parameter:P}", &value, ""), value);
    }

    #[test]
    fn any_bytes_give_a_template_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Template::read(&bytes);
    }

    #[test]
    fn our_own_template_with_bytes_changed_gives_a_plan_or_a_refusal(
        changes in prop::collection::vec((0..ACCOUNT_SITE.len(), any::<u8>()), 1..4),
        cut in 0..ACCOUNT_SITE.len(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = ACCOUNT_SITE.to_vec();
        for (place, byte) in changes {
            bytes[place] = byte;
        }
        if is_cut {
            bytes.truncate(cut);
        }
        if let Ok(template) = Template::read(&bytes) {
            let _ = template.plan(&harbour());
        }
    }

    #[test]
    fn any_title_and_values_give_a_plan_or_a_refusal(title in any::<String>(), name in any::<String>()) {
        let given = crate::template::Parameters { site_title: title, ..harbour() }.with("AccountName", name);
        let template = Template::read(ACCOUNT_SITE).expect("our own template is supported");
        let _ = template.plan(&given);
    }
}
