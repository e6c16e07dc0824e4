//! Documents that are hostile by number.

use crate::{Document, Reader, document::joined};

const BOTH: &[Reader] = &[Reader::Tree, Reader::Rows];

fn refused(name: &str, content: impl Fn() -> String + Send + Sync + 'static) -> Document {
    Document::refused(format!("size/{name}"), move || content().into_bytes())
}

fn nested(depth: usize) -> String {
    "<a>".repeat(depth) + &"</a>".repeat(depth)
}

fn laughs() -> String {
    let entity = |n: usize| format!("<!ENTITY l{} \"{}\">", n + 1, format!("&l{n};").repeat(10));
    let entities: String = (0..9).map(entity).collect();
    format!("<!DOCTYPE l [<!ENTITY l0 \"lol\">{entities}]><l>&l9;</l>")
}

pub(super) fn documents() -> Vec<Document> {
    let name = || "n".repeat(1_000_000);
    let attributes = |count: usize| joined(count, |n| format!(" a{n}=''"));
    let namespaces = |count: usize| joined(count, |n| format!(" xmlns:n{n}='urn:{n}'"));
    vec![
        refused("billion laughs", laughs),
        refused("quadratic blow-up", || {
            format!("<!DOCTYPE a [<!ENTITY x \"{}\">]><a>{}</a>", "x".repeat(50_000), "&x;".repeat(50_000))
        }),
        refused("64 deep", || nested(64)).but_harmless_to(BOTH),
        refused("65 deep", || nested(65)),
        refused("1,000 deep", || nested(1_000)),
        refused("1,000,000 deep", || nested(1_000_000)),
        refused("1,000,000 deep and never closed", || "<a>".repeat(1_000_000)),
        refused("65 deep in empty elements", || "<a>".repeat(64) + "<a/>" + &"</a>".repeat(64)),
        refused("512 attributes", move || format!("<a{}/>", attributes(512))).but_harmless_to(BOTH),
        refused("513 attributes", move || format!("<a{}/>", attributes(513))),
        refused("40,000 attributes", move || format!("<a{}/>", attributes(40_000))),
        refused("40,000 attributes, the last one twice", move || format!("<a{} a39999=''/>", attributes(40_000))),
        refused("130 namespaces", move || format!("<a{}/>", namespaces(130))).but_harmless_to(BOTH),
        refused("257 namespaces", move || format!("<a{}/>", namespaces(257))).but_harmless_to(&[Reader::Rows]),
        refused("40,000 namespaces", move || format!("<a{}/>", namespaces(40_000))),
        refused("64 levels that declare anew", move || {
            let tags = joined(63, |n| format!("<a xmlns='urn:{n}' xmlns:p='urn:{n}'>"));
            tags + &"</a>".repeat(63)
        })
        .but_harmless_to(BOTH),
        refused("namespace of 1 MB for 500 attributes", move || {
            let names = joined(500, |n| format!(" p:a{n}=''"));
            format!("<a xmlns:p='{}'{names}/>", "u".repeat(1_000_000))
        })
        .but_harmless_to(&[Reader::Rows]),
        refused("namespace of 1 MB for 100,000 elements", || {
            format!("<a xmlns='{}'>{}</a>", "u".repeat(1_000_000), "<b/>".repeat(100_000))
        })
        .but_harmless_to(&[Reader::Rows]),
        refused("attribute of 50 MB", || format!("<a b='{}'/>", "x".repeat(50_000_000))).but_harmless_to(BOTH),
        refused("attribute of 5 MB of line ends", || format!("<a b='{}'/>", "\n".repeat(5_000_000)))
            .but_harmless_to(BOTH),
        refused("text of 70 MB", || format!("<a>{}</a>", "x".repeat(70_000_000))),
        refused("text of 60 MB", || format!("<a>{}</a>", "x".repeat(60_000_000))).but_harmless_to(BOTH),
        refused("text of 1,000,000 references", || format!("<a>{}</a>", "&amp;".repeat(1_000_000)))
            .but_harmless_to(BOTH),
        refused("text in 300,000 sections", || format!("<a>{}</a>", "<![CDATA[x]]>".repeat(300_000)))
            .but_harmless_to(BOTH),
        refused("text split by 500,000 comments", || format!("<a>{}</a>", "x<!---->".repeat(500_000)))
            .but_harmless_to(BOTH),
        refused("500,000 instructions", || format!("{}<a/>", "<?a?>".repeat(500_000))).but_harmless_to(BOTH),
        refused("comment of 10 MB", || format!("<!--{}--><a/>", "<a>".repeat(3_000_000))).but_harmless_to(BOTH),
        refused("instruction of 10 MB", || format!("<?a {}?><a/>", "?<".repeat(5_000_000))).but_harmless_to(BOTH),
        refused("layout of 10 MB", || format!("{}<a/>", " \r\n\t".repeat(2_500_000))).but_harmless_to(BOTH),
        refused("name of 1 MB", move || format!("<{}/>", name())),
        refused("attribute's name of 1 MB", move || format!("<a {}=''/>", name())),
        refused("60 levels of names of 100 KB", || {
            let names: Vec<String> = (0..60).map(|n| format!("n{n}{}", "x".repeat(100_000))).collect();
            format!("<{}><x y='1' y='1'>", names.join("><"))
        }),
        refused("entity's name of 5 MB", || format!("<a>&{};</a>", "x".repeat(5_000_000))),
        refused("reference of 5 MB", || format!("<a>&#{};</a>", "1".repeat(5_000_000))),
        refused("reference of 5 MB of zeros", || format!("<a>&#{}65;</a>", "0".repeat(5_000_000)))
            .but_harmless_to(BOTH),
        refused("250,001 elements", || format!("<a>{}</a>", "<b/>".repeat(250_000))),
        refused("10,000,000 elements", || format!("<a>{}</a>", "<b/>".repeat(10_000_000))),
        refused("10,000,000 elements in one row", || format!("<a><result>{}</result></a>", "<b/>".repeat(10_000_000))),
        refused("1,000,000 attributes", || format!("<a>{}</a>", "<b c='' d='' e='' f=''/>".repeat(250_000))),
        refused("200,000 rows", || format!("<a>{}</a>", "<result><b/></result>".repeat(200_000)))
            .but_harmless_to(&[Reader::Rows]),
        refused("200,000 names", || format!("<a>{}</a>", joined(200_000, |n| format!("<b{n}/>"))))
            .but_harmless_to(&[Reader::Rows]),
        refused("10,000 names", || format!("<a>{}</a>", joined(10_000, |n| format!("<b{n}/>")))).but_harmless_to(BOTH),
        refused("50 MB of less-thans", || "<".repeat(50_000_000)),
        refused("50 MB of ampersands", || format!("<a>{}</a>", "&".repeat(50_000_000))),
        refused("50 MB of quotes", || format!("<a {}/>", "'".repeat(50_000_000))),
        refused("50 MB of NUL", || "\0".repeat(50_000_000)),
    ]
}
