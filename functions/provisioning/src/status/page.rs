//! The page itself: the plain look of CRM's own dialogs, no inline script or style (ST-36, ST-38).

use maud::{DOCTYPE, Markup, html};

use super::Status;

/// The page's style sheet, served by the engine.
pub const PAGE_STYLE: &str = include_str!("page.css");
/// The page's script, served by the engine.
pub const PAGE_SCRIPT: &str = include_str!("page.js");
/// The page's icon, served by the engine.
pub const PAGE_ICON: &str = include_str!("icon.svg");

/// The page of a site's progress. `assets` is where style and script are, without a slash at the end.
pub fn view(status: &Status, assets: &str) -> Markup {
    let moving = !matches!(status.state, "ready" | "refused");
    let title = status.title.as_deref().unwrap_or("your record");
    frame(
        assets,
        moving,
        &html! {
            main #status data-state=(status.state) {
                h1 { "SharePoint site for " bdi dir="auto" { (title) } }
                p.summary role="status" { (summary(status)) }
                @if let Some(reason) = &status.reason {
                    p.reason { (reason) }
                }
                @if let Some(until) = status.until {
                    p { "It goes on by itself at " time datetime=(until) { (until.strftime("%H:%M:%S UTC")) } ". You may close this page." }
                }
                @if let Some(site) = &status.site {
                    p { a.go href=(site) { "Open the site" } }
                }
                progress max=(status.steps.len()) value=(status.steps.iter().filter(|step| step.done).count())
                    aria-label="Steps done" {}
                ol.steps {
                    @for step in &status.steps {
                        li.done[step.done] {
                            span.mark aria-hidden="true" { @if step.done { "✓" } @else { "○" } }
                            " " (step.label)
                            @if step.done { span.hidden { " (done)" } }
                        }
                    }
                }
                @if !status.left_out.is_empty() {
                    h2 { "Not on the site" }
                    ul.people {
                        @for person in &status.left_out {
                            li { bdi dir="auto" { (person.name) } " " (person.reason) "." }
                        }
                    }
                }
            }
        },
    )
}

/// The page for a link that leads nowhere.
pub fn unknown(assets: &str) -> Markup {
    frame(
        assets,
        false,
        &html! {
            main #status data-state="unknown" {
                h1 { "There is nothing here" }
                p { "This link does not lead to a site. Press the button on the record in CRM again to get the right one." }
            }
        },
    )
}

fn summary(status: &Status) -> String {
    match status.state {
        "ready" if status.members == 1 => "The site is ready. One person has access.".to_owned(),
        "ready" => format!("The site is ready. {} people have access.", status.members),
        "refused" => "The site could not be made.".to_owned(),
        "waiting" => "Waiting for another system. Nothing is lost.".to_owned(),
        _ => "The site is being made. This takes a few seconds.".to_owned(),
    }
}

fn frame(assets: &str, moving: bool, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { "SharePoint site" }
                link rel="icon" type="image/svg+xml" href={ (assets) "/icon.svg" };
                link rel="stylesheet" href={ (assets) "/status.css" };
                @if moving {
                    noscript { meta http-equiv="refresh" content="2"; }
                    script src={ (assets) "/status.js" } defer {}
                }
            }
            body {
                header { "Tieline" }
                (main)
            }
        }
    }
}
