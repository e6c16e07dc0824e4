//! What a document may not be. Facts of reliability.md §0.6 and §2.4; all fixtures are invented.

use soap::{Element, Limits, Problem, Rows, parse};

fn problem(document: &str) -> Problem {
    problem_of(document.as_bytes())
}

fn problem_of(document: &[u8]) -> Problem {
    let tree = parse(document, Limits::default()).expect_err("the tree must refuse it").problem().clone();
    // The streaming reader must refuse whatever the tree refuses.
    let Ok(mut rows) = Rows::over(document, "row", Limits::default()) else { return tree };
    loop {
        match rows.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the row reader accepted {:.200}", String::from_utf8_lossy(document)),
            Err(_) => return tree,
        }
    }
}

/// ST-09: a cut reply never looks like a short page.
#[test]
fn a_cut_document_is_refused_at_every_byte() {
    let whole = "<a x='1'><row>one &amp; two</row><row/><b><![CDATA[c]]></b></a>";
    for end in 0..whole.len() {
        let cut = &whole[..end];
        assert!(parse(cut.as_bytes(), Limits::default()).is_err(), "{cut}");
        let rows = Rows::over(cut.as_bytes(), "row", Limits::default());
        let outcome = rows.and_then(|mut rows| {
            while rows.next_row()?.is_some() {}
            Ok(())
        });
        assert!(outcome.is_err(), "{cut}");
    }
    assert!(matches!(problem("<a><b></b>"), Problem::Cut { open: 1 }));
    assert!(matches!(problem(""), Problem::Cut { open: 0 }));
}

#[test]
fn a_second_root_or_text_outside_of_the_root_is_refused() {
    for bad in
        ["<a/><b/>", "<a/>x", "x<a/>", "\u{FEFF}\u{FEFF}<a/>", "<a/>&amp;", "<a/><![CDATA[x]]>", "<a></a><a></a>"]
    {
        assert_eq!(problem(bad), Problem::SecondRoot, "{bad}");
    }
}

/// reliability.md A6: no DOCTYPE, so no entity of the document's own.
#[test]
fn a_doctype_is_refused_and_unknown_entities_with_it() {
    let bomb = "<!DOCTYPE a [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;'>]><a>&m;</a>";
    assert_eq!(problem(bomb), Problem::Doctype);
    assert_eq!(problem("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), Problem::Doctype);
    assert_eq!(problem("<a>&m;</a>"), Problem::UnknownEntity);
    assert_eq!(problem("<a b='&m;'><row/></a>"), Problem::UnknownEntity);
}

#[test]
fn sixty_four_levels_pass_and_sixty_five_do_not() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(parse(nested(64).as_bytes(), Limits::default()).is_ok());
    assert_eq!(problem(&nested(65)), Problem::TooDeep(64));
}

#[test]
fn an_oversize_document_is_refused_before_it_is_read() {
    let limits = Limits { bytes: 10, ..Limits::default() };
    let refused = parse(b"<a>0123456789</a>", limits).expect_err("too large");
    assert_eq!(*refused.problem(), Problem::TooLarge(10));
}

#[test]
fn duplicate_and_too_many_attributes_are_refused() {
    assert_eq!(problem("<a b='1' b='2'/>"), Problem::DuplicateAttribute);
    assert_eq!(problem("<row b='1' b='2'/>"), Problem::DuplicateAttribute);
    assert_eq!(problem("<x><row><c b='1' b='2'/></row></x>"), Problem::DuplicateAttribute);
    let namespaced = "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>";
    let refused = parse(namespaced.as_bytes(), Limits::default()).expect_err("one expanded name twice");
    assert_eq!(*refused.problem(), Problem::DuplicateAttribute);
    let many = (0..513).map(|i| format!("a{i}=''")).collect::<Vec<_>>().join(" ");
    assert_eq!(problem(&format!("<a {many}/>")), Problem::TooManyAttributes(512));
}

/// A4: a document of 4-byte elements is a tree of 40 times its size; a row of them is held in full, too.
#[test]
fn a_document_of_too_many_parts_is_refused() {
    assert_eq!(problem(&format!("<a>{}</a>", "<b/>".repeat(250_000))), Problem::TooManyParts(250_000));
    assert_eq!(problem(&format!("<a><row>{}</row></a>", "<b/>".repeat(250_001))), Problem::TooManyParts(250_000));
    assert_eq!(problem(&format!("<a>{}</a>", "<b c='' d='' e=''/>".repeat(62_500))), Problem::TooManyParts(250_000));
    // A tree holds each name once, as 16 parts; rows hold none.
    let tree_of =
        |document: String| parse(document.as_bytes(), Limits::default()).map_err(|error| error.problem().clone());
    let just = |elements: usize| format!("<a>{}</a>", "<b/>".repeat(elements));
    assert!(tree_of(just(250_000 - 1 - 32)).is_ok());
    assert_eq!(tree_of(just(250_000 - 32)).err(), Some(Problem::TooManyParts(250_000)));
    let names = |count: usize| (0..count).map(|n| format!("<b{n}/>")).collect::<Vec<_>>().concat();
    assert!(tree_of(format!("<a>{}</a>", names(14_704))).is_ok());
    assert_eq!(tree_of(format!("<a>{}</a>", names(14_705))).err(), Some(Problem::TooManyParts(250_000)));
    let page = format!("<a>{}</a>", "<row><b/><b/></row>".repeat(200_000));
    let mut rows = Rows::over(page.as_bytes(), "row", Limits::default()).expect("a page");
    while rows.next_row().expect("no row is large").is_some() {}
    assert_eq!(rows.count(), 200_000);
}

#[test]
fn characters_that_xml_cannot_carry_are_refused_raw_and_as_references() {
    for bad in ["<a>\u{0}</a>", "<a>\u{1}</a>", "<a b='\u{8}'/>", "<a>\u{FFFE}</a>"] {
        assert_eq!(problem(bad), Problem::IllegalCharacter, "{bad:?}");
    }
    for bad in ["<a>&#0;</a>", "<a>&#x1;</a>", "<a>&#xD800;</a>", "<a>&#xFFFF;</a>", "<a>&#99999999;</a>"] {
        assert_eq!(problem(bad), Problem::IllegalCharacter, "{bad:?}");
    }
    assert!(parse(b"<a b='&#0;'/>", Limits::default()).is_err());
    assert!(parse(b"<a b='&#x8;'/>", Limits::default()).is_err());
}

#[test]
fn other_encodings_are_refused() {
    assert_eq!(problem_of(b"<a>\xFF</a>"), Problem::Encoding);
    assert_eq!(problem("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Problem::Encoding);
    let utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(parse(&utf16, Limits::default()).is_err());
    assert!(parse(b"\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?><a/>", Limits::default()).is_ok());
}

/// XML 1.0, productions 22 to 26: the declaration is the first thing of a document or not there, and says 1.0 or 1.1.
#[test]
fn a_declaration_stands_once_at_the_very_start_and_names_a_version_that_exists() {
    let declared = "<?xml version='1.0'?>";
    for bad in [
        format!(" {declared}<a/>"),
        format!("{declared}{declared}<a/>"),
        format!("<!-- -->{declared}<a/>"),
        format!("<a>{declared}</a>"),
        format!("<a/>{declared}"),
        "<?xml version='2.0'?><a/>".to_owned(),
        "<?xml encoding='utf-8'?><a/>".to_owned(),
    ] {
        assert!(matches!(problem(&bad), Problem::Malformed(_)), "{bad}");
    }
    assert!(parse(b"<?xml version='1.1'?><a/>", Limits::default()).is_ok());
}

#[test]
fn names_that_xml_does_not_allow_are_refused() {
    let names = ["1a", "-a", ".a", ":a", "a:", "a:b:c", "a:1b", "a@b", "a&b", "\u{B7}a", "a\u{D7}"];
    for name in names {
        assert_eq!(problem(&format!("<{name} xmlns:a='u'/>")), Problem::IllegalName, "{name}");
    }
    for name in ["1a", ":a", "a:", "a:b:c", "a:1b", "a\u{D7}"] {
        assert_eq!(problem(&format!("<x xmlns:a='u' {name}='1'/>")), Problem::IllegalName, "{name}");
    }
    for name in ["", "1a", "a:b:c", "a b"] {
        let kind = format!("<x xmlns:a='u' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='{name}'/>");
        let refused = parse(kind.as_bytes(), Limits::default()).expect_err("no name of a type");
        assert_eq!(*refused.problem(), Problem::IllegalName, "{name}");
    }
    let good = "<_a.b-c:\u{E5}\u{3C0}1 xmlns:_a.b-c='u' \u{10000}\u{B7}='1'/>";
    assert!(parse(good.as_bytes(), Limits::default()).is_ok());
}

/// Namespaces in XML 1.0, section 3 and its constraints "Reserved Prefixes" and "No Prefix Undeclaring".
#[test]
fn reserved_prefixes_and_prefixes_bound_to_nothing_are_refused() {
    let xml = soap::ns::XML;
    for bad in [
        "xmlns:p=''".to_owned(),
        "xmlns:xml='urn:x'".to_owned(),
        "xmlns:xmlns='urn:x'".to_owned(),
        format!("xmlns:p='{xml}'"),
        format!("xmlns='{xml}'"),
        "xmlns:p='http://www.w3.org/2000/xmlns/'".to_owned(),
    ] {
        let refused = parse(format!("<a {bad}/>").as_bytes(), Limits::default()).expect_err("a reserved binding");
        assert_eq!(*refused.problem(), Problem::IllegalBinding, "{bad}");
    }
    assert!(parse(format!("<a xmlns='' xmlns:xml='{xml}' xml:lang='en'/>").as_bytes(), Limits::default()).is_ok());
}

/// XML Schema, part 2: a boolean is one of four words. Something else must not pass for "there is a value".
#[test]
fn a_nil_that_is_no_boolean_is_refused() {
    let nil = |value: &str| {
        let document = format!("<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='{value}'/>");
        parse(document.as_bytes(), Limits::default())
    };
    for (value, expected) in [("true", true), (" 1 ", true), ("false", false), ("0", false)] {
        assert_eq!(nil(value).expect("a boolean").is_nil(), expected, "{value}");
    }
    for bad in ["maybe", "", "TRUE", "\u{A0}1"] {
        let refused = nil(bad).expect_err("no boolean");
        assert!(matches!(refused.problem(), Problem::Unexpected { .. }), "{bad}");
        assert_eq!(refused.path(), "a/@xsi:nil");
    }
}

#[test]
fn an_unbound_prefix_is_refused() {
    for bad in ["<p:a/>", "<a p:b='1'/>", "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='q:T'/>"] {
        let refused = parse(bad.as_bytes(), Limits::default()).expect_err("no declaration");
        assert_eq!(*refused.problem(), Problem::UnboundPrefix, "{bad}");
    }
}

#[test]
fn mismatched_and_broken_markup_is_refused() {
    for bad in ["<a></b>", "<a", "<a b=1/>", "<a b/>", "</a>", "<a><!-- -</a>", "<a b='<'/>", "< a/>", "<a>&</a>"] {
        assert!(parse(bad.as_bytes(), Limits::default()).is_err(), "{bad}");
    }
}

/// What quick-xml lets through and XML 1.0 does not: productions 14 to 17 and 40.
#[test]
fn what_other_parsers_would_refuse_is_refused() {
    for bad in ["<a b='1'c='2'/>", "<a>]]></a>", "<a><!-- a -- b --></a>", "<a><!-- a ---></a>"] {
        assert!(matches!(problem(bad), Problem::Malformed(_)), "{bad}");
    }
    for bad in ["<?XML version='1.0'?><a/>", "<a><?xMl x?></a>", "<a><??></a>", "<a><? b?></a>"] {
        assert_eq!(problem(bad), Problem::IllegalName, "{bad}");
    }
    let good = "<?xml-stylesheet href='x'?><a b='1'\n\tc='2'><![CDATA[]]>]] ><!-- ]]> --><?b ]]>?></a>";
    assert!(parse(good.as_bytes(), Limits::default()).is_ok());
}

/// A4: names of namespaces are held for every element and attribute, and an error repeats the names on its way.
#[test]
fn names_that_are_longer_than_any_in_use_are_refused() {
    let (long, longer) = ("n".repeat(1_024), "n".repeat(1_025));
    for bad in [format!("<{longer}/>"), format!("<a {longer}='1'/>"), format!("<a {longer}:b='1'/>")] {
        assert_eq!(problem(&bad), Problem::IllegalName);
    }
    let declared = |uri: &str| parse(format!("<a xmlns:p='{uri}' p:b='1'/>").as_bytes(), Limits::default());
    assert_eq!(*declared(&longer).expect_err("too long").problem(), Problem::IllegalBinding);
    assert!(declared(&long).is_ok() && parse(format!("<{long}/>").as_bytes(), Limits::default()).is_ok());
}

/// Errors say where: the way of the example in the style guide.
#[test]
fn an_error_carries_the_path_to_the_element() {
    let document = "<Msg><Results><BatchID>1</BatchID></Results><Results><BatchID>seven</BatchID></Results></Msg>";
    let message = parse(document.as_bytes(), Limits::default()).expect("well formed");
    let read = message.each("Results", |row| row.value::<u64>("BatchID")).map_err(|error| error.under("Msg"));
    let error = read.expect_err("seven is no number").to_string();
    assert_eq!(error, "Msg/Results[1]/BatchID: expected u64, found \"seven\"");
    let missing = message.within("Results", |row| row.value::<u64>("Owner")).expect_err("there is no owner");
    assert_eq!(missing.to_string(), "Results/Owner: missing");
    let refused = parse(b"<a><b><c x='1' x='2'/></b></a>", Limits::default()).expect_err("a duplicate");
    assert_eq!(refused.path(), "a/b/c");
}

#[test]
fn names_and_characters_that_cannot_be_written_are_refused() {
    assert_eq!(*Element::new("", "a b").to_xml().expect_err("a space").problem(), Problem::IllegalName);
    let inner = Element::new("", "a").with(Element::new("", "b").with_text("\u{1}"));
    let refused = inner.to_xml().expect_err("a control character");
    assert_eq!((refused.path(), refused.problem()), ("a/b", &Problem::IllegalCharacter));
}
