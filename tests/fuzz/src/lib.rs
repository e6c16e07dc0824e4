//! What the fuzz targets share.

use soap::{Element, Node};

/// Panics where a canary is planted, if the feature `canary` is on.
#[macro_export]
macro_rules! canary {
    ($found:expr) => {
        assert!(!(cfg!(feature = "canary") && $found), "the canary was found");
    };
}

/// All text of an element as it is held, to the letter: `==` of elements forgives white space.
pub fn texts(element: &Element) -> Vec<&str> {
    let own = element.nodes().iter().flat_map(|node| match node {
        Node::Text(text) => vec![text.as_str()],
        Node::Element(child) => texts(child),
    });
    own.collect()
}

/// An element and everything below it.
pub fn all(element: &Element) -> Vec<&Element> {
    std::iter::once(element).chain(element.children().flat_map(all)).collect()
}
