//! Promises about why a document is refused. Apart from `corpus`, which counts the memory of its process.

use std::collections::BTreeMap;

use hostile::{Reader, xml_documents};
use soap::Problem;

/// A6: a refusal for another reason than the document was built for is none.
#[test]
fn what_is_refused_is_refused_for_what_is_hostile_in_it() {
    let mut reasons = BTreeMap::<String, Vec<String>>::new();
    for document in xml_documents() {
        let bytes = document.bytes();
        let [tree, rows] = [Reader::Tree, Reader::Rows].map(|reader| reader.read(&bytes).problem.map(|p| class(&p)));
        let reason = match (tree, rows) {
            (None, None) => continue,
            (tree, rows) if tree == rows => tree.unwrap_or_default(),
            (tree, rows) => format!("{}, {} to rows", tree.unwrap_or_default(), rows.as_deref().unwrap_or("harmless")),
        };
        reasons.entry(reason).or_default().push(document.name);
    }
    let told = |(reason, names): (String, Vec<String>)| format!("{reason}:\n  {}\n", names.join("\n  "));
    let reasons: Vec<String> = reasons.into_iter().map(told).collect();
    insta::assert_snapshot!("reasons", reasons.concat());
}

/// The kind of problem without what it says more.
fn class(problem: &Problem) -> String {
    format!("{problem:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}
