// A person presses Create site in the simulated CRM and works in the site: the whole way in a real browser, by keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { start } from "./setting/demo.mjs";
import { Person } from "./setting/person.mjs";

const PATIENCE = 20_000; // milliseconds; far longer than it takes
const SWEEP = 300; // seconds between two runs of the engine's timer (template.yaml)

let demo, harbour;

before(async () => {
  demo = await start();
  harbour = demo.addresses.tenants.find((tenant) => tenant.id === "harbour");
});
after(() => demo?.stop());

/** Signs in to CRM and opens the form of an account. */
async function opensAccount(name, account, options) {
  const person = await Person.opens(demo.browser, demo.addresses, options);
  await person.page.goto(harbour.crm_page);
  await person.signsInAs(name);
  await person.follows(account);
  return person;
}

/** Presses the button and waits until the status page has the link to the site. */
async function pressesUntilReady(person) {
  await person.chooses("Create site");
  await person.page.waitForURL(`${demo.addresses.engine}/v1/sites/**`, { timeout: PATIENCE });
  await person.page.getByRole("link", { name: "Open the site" }).waitFor({ timeout: PATIENCE });
  return person.page.url();
}

/** What the form says after a press. */
async function message(person) {
  const shown = person.page.getByRole("status");
  await person.page.locator("#create-site:enabled").waitFor({ timeout: PATIENCE });
  return shown.textContent();
}

/** Looks at the SharePoint tab until it has the link. */
async function linkInCrm(person) {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    await person.page.reload();
    const link = person.page.locator("#site-link");
    if (await link.count()) return link.getAttribute("href");
    await pause(200);
  }
  return assert.fail("the account never shows a site");
}

const quickLaunch = (page) => page.getByRole("navigation", { name: "Quick launch" }).getByRole("link").allTextContents();

/** ST-01, ST-04, ST-10, ST-36. */
test("a press by keyboard ends on the finished site, and CRM shows the way there", { timeout: 90_000 }, async () => {
  const account = "Harbour & Sons Shipping";
  const anna = await Person.opens(demo.browser, demo.addresses);
  await anna.page.goto(harbour.crm_page);
  await anna.looks("01-sign-in");
  await anna.signsInAs("Anna Berg");
  await anna.looks("02-accounts");
  await anna.follows(account);
  const form = anna.page.url();
  await anna.looks("03-account");

  const status = await pressesUntilReady(anna);
  await anna.looks("04-ready");
  assert.match(await anna.page.getByRole("main").textContent(), /5 people have access/);
  await anna.follows("Open the site");

  assert.ok(anna.page.url().startsWith(`${demo.addresses.sharepoint}/_layouts/login.aspx`), anna.page.url());
  await anna.looks("05-sharepoint-sign-in");
  await anna.signsInAs("Anna Berg");
  const site = anna.page.url().replace(/\/default\.aspx$/, "");
  assert.ok(site.startsWith(`${harbour.site_collection}/`), site);
  await anna.looks("06-site");
  assert.equal(await anna.page.title(), `Home - ${account}`);
  assert.equal(await anna.page.getByRole("heading", { level: 1 }).textContent(), account);
  const lists = await quickLaunch(anna.page);
  for (const list of ["Contracts", "General Information", "Tasks", "Events"]) assert.ok(lists.includes(list), lists);
  const parts = await anna.page.locator("[data-part] h3").allTextContents();
  assert.deepEqual(parts.toSorted(), ["Account Information", "Activities", "Contacts", "Opportunities"]);
  await anna.follows("General Information");
  await anna.looks("07-list");
  assert.ok((await anna.page.getByRole("main").textContent()).includes(account));

  await anna.page.goto(form);
  await anna.follows("SharePoint");
  assert.equal(await anna.page.locator("#site-link").getAttribute("href"), site);
  await anna.looks("08-account-with-site");

  assert.equal(await pressesUntilReady(anna), status, "pressing again leads to the same page");
  const again = await anna.page.getByRole("link", { name: "Open the site" }).getAttribute("href");
  assert.equal(again, site, "and to the same site");
  await anna.leaves();

  // The status page without its script.
  const plain = await Person.opens(demo.browser, demo.addresses, { javaScriptEnabled: false });
  await plain.page.goto(status);
  assert.equal(await plain.page.getByRole("link", { name: "Open the site" }).getAttribute("href"), site);
  await plain.leaves();
});

test("a name that is written from the right keeps its direction everywhere", { timeout: 90_000 }, async () => {
  const account = "شركة الميناء للتجارة";
  const daud = await opensAccount("داود رحمن", account, { viewport: { width: 390, height: 800 } });
  await daud.looks("11-account-on-a-phone");
  await pressesUntilReady(daud);
  await daud.looks("12-ready-on-a-phone");
  await daud.follows("Open the site");
  await daud.signsInAs("داود رحمن");
  assert.equal(await daud.page.title(), `Home - ${account}`);
  const heading = daud.page.getByRole("heading", { level: 1 });
  assert.equal(await heading.textContent(), account);
  assert.equal(await heading.getByRole("link").evaluate((title) => getComputedStyle(title).direction), "rtl");
  await daud.looks("13-site-on-a-phone");
  await daud.leaves();
});

test("who may not change the account is refused in the engine's own words", { timeout: 60_000 }, async () => {
  const anna = await opensAccount("Anna Berg", "Ångström & Søn A/S");
  await anna.chooses("Create site");
  assert.match(await message(anna), /^You may not change this record, .* ask its owner to share it with you\.$/);
  await anna.looks("21-refused");
  await anna.page.reload();
  assert.match(await anna.page.locator(".requests").textContent(), /Refused/);
  await anna.leaves(/403.*v1\/presses/);
});

test("who may not even ask is told so by CRM", { timeout: 60_000 }, async () => {
  const eva = await opensAccount("Eva Lindqvist", "Harbour & Sons Shipping");
  await eva.chooses("Create site");
  assert.match(await message(eva), /^Your request could not be saved\. /);
  await eva.leaves(/403.*\/requests/);
});

/** The page repaints itself; nobody has to reload it. */
test("while SharePoint says later the page says so, and goes on by itself", { timeout: 90_000 }, async () => {
  await demo.setsFault({ service: "sharepoint", fault: { kind: "throttle", status: 503, retry_after: 120 } });
  const carla = await opensAccount("Carla Rossi", /^O'Reilly/);
  await carla.chooses("Create site");
  await carla.page.locator('[data-state="waiting"]').waitFor({ timeout: PATIENCE });
  assert.match(await carla.page.getByRole("main").textContent(), /Nothing is lost.*It goes on by itself at/s);
  await carla.looks("41-waiting");
  await demo.clearsFaults();
  await demo.advance(180);
  await carla.page.getByRole("link", { name: "Open the site" }).waitFor({ timeout: PATIENCE });
  assert.match(await carla.page.getByRole("status").textContent(), /^The site is ready\./);
  await carla.leaves();
});

/** The record is the proof; the engine's timer finds it. ST-24: also when its script never came. */
const downs = [
  { down: "the whole engine", pattern: "/**", account: "Café Zoë 🚢", picture: "31-engine-down" },
  { down: "the doorbell", pattern: "/v1/presses", account: "The Honourable Company", picture: "32-doorbell-down" },
];
for (const { down, pattern, account, picture } of downs) {
  test(`with ${down} down the press is saved, and the site is made later`, { timeout: 90_000 }, async () => {
    const anna = await Person.opens(demo.browser, demo.addresses);
    const address = `${demo.addresses.engine}${pattern}`;
    await anna.page.context().route(address, (route) => route.abort("connectionrefused"));
    await anna.page.goto(harbour.crm_page);
    await anna.signsInAs("Anna Berg");
    await anna.follows(new RegExp(`^${account}`));
    await anna.chooses("Create site");
    assert.equal(await message(anna), "Your request is saved; the site will be made when the engine is back.");
    await anna.looks(picture);
    await demo.advance(SWEEP);
    const site = await linkInCrm(anna);
    assert.ok(site.startsWith(`${harbour.site_collection}/`), site);
    await anna.leaves(/ERR_CONNECTION_REFUSED/);
  });
}
