//! Making a web by its page, and finding it again.

use http::header;
use sharepoint::{Lack, NewWeb, SiteError, SiteHost};
use transport::BackError;

use crate::host::{DIGEST_REFUSED, Host, PAGE, PARENT, SOAP, answer, envelope, fault, html, web};

fn berg() -> NewWeb {
    NewWeb {
        name: "berg".parse().unwrap(),
        title: "Berg & Söhne \"Süd\"".to_owned(),
        description: "Account site".to_owned(),
        definition: "STS#1".to_owned(),
        mark: "harbour account 1".to_owned(),
    }
}

async fn refusal(host: &Host) -> SiteError {
    host.adapter().create_web(&berg()).await.unwrap_err()
}

/// ST-01: the page's fields go back as they came, with ours filled in and permissions of its own.
#[tokio::test]
async fn a_web_is_made_by_get_and_post_with_everything_echoed() {
    let host = Host::default();
    let made = host.adapter().create_web(&berg()).await.unwrap();
    assert_eq!(made, web());
    assert_eq!(host.asked(), ["GET", "POST"]);
    let posted = host.world().posted.pop().unwrap();
    let expected = [
        ("__EVENTARGUMENT", ""),
        ("__EVENTTARGET", "m$r$BtnCreateSubweb"),
        ("__REQUESTDIGEST", "0xAB,01 Mar 2026 12:00:00 -0000"),
        ("__VIEWSTATE", "/wEPDwUK\"+="),
        ("m$d$TxtCreateSubwebDescription", "Account site [tieline harbour%20account%201]"),
        ("m$d$TxtCreateSubwebTitle", "Berg & Söhne \"Süd\""),
        ("m$idNavSection$ctl01$q", "RadQuickLaunchYes"),
        ("m$idPermSection$ctl05$u", "radUniqueYes"),
        ("m$t$ctl00$LbWebTemplate", "STS#1"),
        ("m$u$TxtCreateSubwebName", "berg"),
    ];
    assert_eq!(posted, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

/// ST-01: a web is never without its owner.
#[tokio::test]
async fn the_mark_is_read_back_from_the_web_it_was_made_with() {
    let host = Host::default();
    let adapter = host.adapter();
    assert_eq!(adapter.find_web(&berg().name).await.unwrap(), None);
    let made = adapter.create_web(&berg()).await.unwrap();
    assert_eq!(adapter.find_web(&berg().name).await.unwrap(), Some(made.clone()));
    assert_eq!(adapter.mark(&made).await.unwrap().as_deref(), Some("harbour account 1"));
}

/// ST-01: a web that our account may not look into is somebody else's; a wrong password is not that, nor is a session
/// that ended.
#[tokio::test]
async fn a_web_that_is_closed_to_us_has_no_mark_of_ours() {
    let closed = [answer(401, &[], ""), answer(403, &[], ""), fault("0x80070005", "Access is denied.")];
    for denied in closed {
        let host = Host::default();
        host.adapter().create_web(&berg()).await.unwrap();
        for next in [Ok(denied.clone()), Ok(answer(401, &[], ""))] {
            host.instead("GetWeb", next);
        }
        assert!(matches!(host.adapter().mark(&web()).await, Err(SiteError::SignIn { .. })), "the parent is closed too");
        host.instead("GetWeb", Ok(denied.clone()));
        assert_eq!(
            host.adapter().mark(&web()).await.unwrap().as_deref(),
            Some("harbour account 1"),
            "once is not closed"
        );
        let parent = envelope(&format!(
            "<GetWebResponse xmlns='{SOAP}'><GetWebResult><Web Url='{PARENT}'/></GetWebResult></GetWebResponse>"
        ));
        // After a 401 the credentials are tried at the parent.
        let tried = (denied.status() == 401).then(|| parent.clone());
        for next in [Some(denied.clone()), tried.clone(), Some(parent), Some(denied), tried].into_iter().flatten() {
            host.instead("GetWeb", Ok(next));
        }
        assert_eq!(host.adapter().mark(&web()).await.unwrap(), None);
    }
}

/// MS-WEBSS R743: GetWeb has a code for an address that is no web's; other hosts have other ones, or none.
#[tokio::test]
async fn a_parent_that_is_no_web_is_what_is_lacking() {
    for refused in [answer(404, &[], ""), fault("0x82000001", "x"), fault("0x80070002", "x"), fault("", "x")] {
        let host = Host::default();
        host.instead("GetWeb", Ok(refused));
        assert_eq!(host.adapter().lacks(&["STS#1"]).await.unwrap(), [Lack::Parent]);
        assert_eq!(host.asked(), ["GetWeb"]);
    }
}

/// Below an address that is no web (a list of the parent), the parent's services answer: its mark is not ours.
#[tokio::test]
async fn the_mark_of_the_web_above_is_not_taken_for_ours() {
    assert_eq!(Host::default().adapter().mark(&web()).await.unwrap(), None);
}

/// "Robust client" 6.
#[tokio::test]
async fn what_may_not_be_read_is_there_all_the_same() {
    for status in [200, 401, 403, 302] {
        let host = Host::default();
        host.instead("GET", Ok(answer(status, &[(header::LOCATION, "/sites/harbour/berg/default.aspx")], "")));
        assert_eq!(host.adapter().find_web(&berg().name).await.unwrap(), Some(web()), "{status}");
    }
}

#[tokio::test]
async fn a_name_in_use_is_told_apart_from_other_refusals() {
    let host = Host::default();
    host.adapter().create_web(&berg()).await.unwrap();
    assert!(matches!(refusal(&host).await, SiteError::NameTaken { .. }));
    host.instead("POST", Ok(html("<form id='aspnetForm'><span class='ms-error'>The title is too long.</span></form>")));
    let SiteError::Refused { code, message, .. } = refusal(&host).await else { panic!("not refused") };
    assert_eq!((&*code, &*message), ("none", "The title is too long."));
}

/// "Robust client" 7: once more with a new digest, and not a third time.
#[tokio::test]
async fn an_expired_digest_is_renewed_once() {
    let host = Host::default();
    host.instead("POST", Ok(html(DIGEST_REFUSED)));
    assert_eq!(host.adapter().create_web(&berg()).await.unwrap(), web());
    assert_eq!(host.asked(), ["GET", "POST", "GET", "POST"]);

    let host = Host::default();
    host.instead("POST", Ok(html(DIGEST_REFUSED)));
    host.instead("POST", Ok(html(DIGEST_REFUSED)));
    assert!(matches!(refusal(&host).await, SiteError::Refused { .. }));
    assert_eq!(host.asked(), ["GET", "POST", "GET", "POST"]);
}

/// "Robust client" 3: what is missing is named and nothing is sent.
#[tokio::test]
async fn a_page_without_a_box_is_named_and_not_guessed_at() {
    for (gone, missing) in [
        ("__REQUESTDIGEST", "__REQUESTDIGEST"),
        ("__EVENTTARGET", "__EVENTTARGET"),
        ("TxtCreateSubwebTitle", "TxtCreateSubwebTitle"),
        ("TxtCreateSubwebDescription", "TxtCreateSubwebDescription"),
        ("TxtCreateSubwebName", "TxtCreateSubwebName"),
        ("LbWebTemplate", "LbWebTemplate"),
        ("BtnCreateSubweb", "BtnCreateSubweb"),
        ("radUniqueYes", "idPermSection"),
        ("id=\"aspnetForm\"", "aspnetForm"),
        ("newsbweb.aspx?x=1", "form action on the same host"),
    ] {
        let host = Host::default();
        host.instead("GET", Ok(html(&PAGE.replace(gone, "https://evil.test.example/"))));
        match refusal(&host).await {
            SiteError::PageChanged { missing: named, .. } => assert_eq!(named, missing),
            other => panic!("{gone}: {other}"),
        }
        assert_eq!(host.asked(), ["GET"], "{gone}");
    }
}

/// A page that ends early says nothing about the host: it is asked for again later, and nobody is refused for it.
#[tokio::test]
async fn a_cut_page_is_never_sent_back_and_not_taken_for_a_changed_one() {
    let whole = PAGE.find("</form>\n</body>").or(PAGE.rfind("</form")).unwrap();
    for end in (0..whole).step_by(31) {
        let host = Host::default();
        host.instead("GET", Ok(html(&PAGE[..end])));
        let error = refusal(&host).await;
        assert!(matches!(error, SiteError::Unreadable { .. }) && error.is_transient(), "{end}: {error}");
        assert_eq!(host.asked(), ["GET"], "{end}");
    }
    let host = Host::default();
    host.instead("POST", Ok(html("<html><body><form id='aspnetForm'>")));
    assert!(refusal(&host).await.is_transient(), "a cut page of errors");
    host.instead("POST", Ok(html("<html><body><form id='aspnetForm'></form></body></html>")));
    assert!(matches!(refusal(&host).await, SiteError::PageChanged { .. }), "a whole one without a message");
    let host = Host::default();
    host.instead("GET", Ok(answer(200, &[(header::CONTENT_LENGTH, "99999")], PAGE)));
    assert_eq!(host.adapter().create_web(&berg()).await.unwrap(), web(), "a cut answer to a GET is asked for again");
}

#[tokio::test]
async fn a_definition_that_the_host_does_not_offer_is_refused_by_name() {
    let host = Host::default();
    let new = NewWeb { definition: "STS#9".to_owned(), ..berg() };
    let SiteError::Refused { message, .. } = host.adapter().create_web(&new).await.unwrap_err() else {
        panic!("not refused")
    };
    assert!(message.contains("STS#9"));
    assert_eq!(host.asked(), ["GET"]);
}

#[tokio::test]
async fn a_redirect_to_an_error_or_a_sign_in_is_not_success() {
    let redirect = |to| Ok(answer(302, &[(header::LOCATION, to)], ""));
    let host = Host::default();
    host.instead("POST", redirect("/_layouts/error.aspx?ErrorText=x"));
    assert!(matches!(refusal(&host).await, SiteError::Refused { .. }));
    host.instead("POST", redirect("/_layouts/AccessDenied.aspx?Source=x"));
    assert!(matches!(refusal(&host).await, SiteError::Refused { code, .. } if code == "403"));
    host.instead("POST", redirect("/_layouts/Login.aspx?ReturnUrl=x"));
    assert!(matches!(refusal(&host).await, SiteError::SignIn { .. }));
    host.instead(
        "GET",
        Ok(html("<form id='aspnetForm' action='login.aspx'><input type=\"password\" name='p'></form>")),
    );
    assert!(matches!(refusal(&host).await, SiteError::SignIn { .. }));
    host.instead("GET", Ok(answer(401, &[], "")));
    assert!(matches!(refusal(&host).await, SiteError::SignIn { .. }));
}

/// P1: the effect of a lost answer is found by asking, never by sending again.
#[tokio::test]
async fn a_post_whose_answer_is_lost_is_not_sent_again() {
    let host = Host::default();
    host.instead("POST", Err(BackError::lost()));
    let error = refusal(&host).await;
    assert!(matches!(&error, SiteError::Call { source, .. } if source.may_have_landed()), "{error}");
    assert!(error.is_transient());
    assert_eq!(host.asked(), ["GET", "POST"]);
}

/// The errors carry what was attempted and never what was sent.
#[tokio::test]
async fn an_error_shows_neither_words_of_the_host_nor_addresses() {
    let host = Host::default();
    host.instead("POST", Ok(html("<form id='aspnetForm'><span class='ms-error'>Berg is bad.</span></form>")));
    assert_eq!(refusal(&host).await.to_string(), "CreateWeb: SharePoint refused (code none)");
    host.instead("GetWeb", Ok(fault("0x82000001", "https://crm.test.example/sites/harbour/berg")));
    let error = host.adapter().mark(&web()).await.unwrap_err();
    assert_eq!(error.to_string(), "GetWeb: SharePoint refused (code 0x82000001)");
}
