//! The pages. `PAGE` is invented after the contract's reconstruction: other names around the known ends, boxes in
//! another order, two decoys, and a digest that is not one.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response, header};

use super::{HOST, World, answer, html, percent_decoded};

pub(crate) const PAGE: &str = r#"<!DOCTYPE html><html><head><title>New SharePoint Site</title></head><body>
<form id="search" action="/search"><input type="hidden" name="__VIEWSTATE" value="decoy"></form>
<form name="aspnetForm" method="post" action="newsbweb.aspx?x=1&amp;y=2" id="aspnetForm">
<input type="hidden" name="__EVENTTARGET" value=""><input type="hidden" name="__EVENTARGUMENT" value="">
<input type="hidden" name="__REQUESTDIGEST" value="0xAB,01 Mar 2026 12:00:00 -0000">
<input type="hidden" name="__VIEWSTATE" value="/wEPDwUK&quot;+=">
<span class="ms-formvalidation" style="display:none">You must specify a value for this required field.</span>
<input type="radio" name="m$idPermSection$ctl05$u" value="radUniqueNo" checked="checked">
<input type="radio" name="m$idPermSection$ctl05$u" value="radUniqueYes">
<input type="radio" name="m$idNavSection$ctl01$q" value="RadQuickLaunchYes" checked><input type="radio" name="m$idNavSection$ctl01$q" value="RadQuickLaunchNo">
<select name="m$t$ctl00$LbWebTemplate" size="12"><option value="STS#0" selected>Team Site</option><option value="STS#1">Blank Site</option></select>
<input type="text" name="m$u$TxtCreateSubwebName" maxlength="260"><input name="m$d$TxtCreateSubwebTitle">
<textarea name="m$d$TxtCreateSubwebDescription">
</textarea>
<input type="button" name="m$r$BtnCancel" value="Cancel"><input type="button" name="m$r$BtnCreateSubweb" value="Create">
</form></body></html>"#;

/// Invented: the error page with its label.
pub(crate) const TAKEN: &str = r#"<html><body><form id="aspnetForm" action="error.aspx"><span id="ctl00_M_LabelMessage">
The Web site address "/sites/harbour/berg" is already in use.</span></form></body></html>"#;

/// The words are documented (contract, forms); the page is invented.
pub(crate) const DIGEST_REFUSED: &str = r#"<html><body><form id="aspnetForm"><span id="ctl00_M_LabelMessage">The security validation for
this page is invalid. Click Back in your Web browser, refresh the page, and try your operation again.</span></form></body></html>"#;

impl World {
    pub(super) fn page(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = percent_decoded(request.uri().path());
        if path.ends_with("/_layouts/newsbweb.aspx") {
            return if request.method() == "GET" { html(PAGE) } else { self.create(request) };
        }
        if self.webs.contains_key(&path) { html("<html>a web</html>") } else { answer(404, &[], "") }
    }

    fn create(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let fields: BTreeMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
        let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let path = format!("/sites/harbour/{}", value("m$u$TxtCreateSubwebName"));
        let description = value("m$d$TxtCreateSubwebDescription");
        let unique = value("m$idPermSection$ctl05$u") == "radUniqueYes";
        self.posted.push(fields);
        if self.webs.contains_key(&path) {
            return html(TAKEN);
        }
        self.webs.insert(path.clone(), description);
        let setup = if unique { "/_layouts/permsetup.aspx?HideCancel=1" } else { "" };
        answer(302, &[(header::LOCATION, &format!("{HOST}{path}{setup}"))], "")
    }
}
