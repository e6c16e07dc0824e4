//! Pages with the web parts that hold the place of modules.

use std::collections::BTreeMap;

use url::Url;

use super::{
    address,
    operation::{AddWebPartToZone, CopyIntoItems, EnumerateFolder, GetWebPartProperties2},
    refusal,
    service::ask,
    session::Session,
};
use crate::{PagePlan, SiteError, Web};

/// 1 call per folder in which pages may have to be made, 1 per page made, 1 per page that was there and gets parts,
/// 1 per part that is missing.
pub(super) async fn ensure(session: &Session, web: &Web, pages: &[PagePlan]) -> Result<(), SiteError> {
    let mut folders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for page in pages {
        let url = address::below(&web.url, page.path.split('/'));
        let mut made = false;
        if let Some(source) = &page.source {
            let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !folders.contains_key(folder) {
                let files = ask(session, &web.url, &EnumerateFolder { folder: folder.to_owned() }).await?.0;
                folders.insert(folder, files.iter().map(|file| file.to_lowercase()).collect());
            }
            let there = folders.get(folder).is_some_and(|files| files.contains(&page.path.to_lowercase()));
            if !there {
                make(session, web, &url, source).await?;
                made = true;
            }
        }
        add_parts(session, web, page, &url, made).await?;
    }
    Ok(())
}

/// The call succeeds whatever became of the page: its own code counts.
async fn make(session: &Session, web: &Web, url: &Url, source: &str) -> Result<(), SiteError> {
    let copy = CopyIntoItems { to: url.clone(), content: source.to_owned() };
    let result = ask(session, &web.url, &copy).await?;
    match result.code.as_str() {
        "Success" => Ok(()),
        code => Err(refusal::refused("CopyIntoItems", code, &result.message)),
    }
}

/// A page that was just made has no parts yet.
async fn add_parts(session: &Session, web: &Web, page: &PagePlan, url: &Url, made: bool) -> Result<(), SiteError> {
    if page.parts.is_empty() {
        return Ok(());
    }
    let there =
        if made { Vec::new() } else { ask(session, &web.url, &GetWebPartProperties2 { page: url.clone() }).await?.0 };
    for part in page.parts.iter().filter(|part| !there.contains(&part.title)) {
        let (xml, zone) = (part.xml.clone(), part.zone.clone());
        ask(session, &web.url, &AddWebPartToZone { page: url.clone(), xml, zone, order: part.order }).await?;
    }
    Ok(())
}
