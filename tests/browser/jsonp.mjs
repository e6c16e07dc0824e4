// The doorbell of a browser of 2010 (A7): what the engine answers, read as JavaScript, and a press in a browser without fetch.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runInNewContext } from "node:vm";

import { start } from "./setting/demo.mjs";
import { Person } from "./setting/person.mjs";

const PATIENCE = 20_000; // milliseconds; far longer than it takes
const NOBODYS = "8d0f1b6e-0000-4000-8000-000000000001"; // no such request record

let demo, crm;

before(async () => {
  demo = await start();
  crm = new URL(demo.addresses.crm).origin;
});
after(() => demo?.stop());

/** What a page of the tenant's CRM gets that loads this script. */
function load(query, headers = { referer: `${crm}/` }) {
  return fetch(`${demo.addresses.engine}/v1/presses.js?${new URLSearchParams(query)}`, { headers });
}

const ring = (callback, tenant = "northwind") => load({ tenant, request: NOBODYS, callback });

/** Two hundred names, half of them strict. */
function* callbacks() {
  const first = "abcXYZ_$";
  for (let at = 0; at < 100; at += 1) {
    yield { name: first[at % first.length] + "aZ9_$".repeat(at % 13).slice(0, at % 63), strict: true };
  }
  const hostile = [
    "", "1", "a.b", "a[0]", "a-b", "a b", "a\n", "a;alert(1)", "alert(1)//", "a(", "(a", "a=b", "a,b", "a`b`", "a/**/", "<script>",
    "</script>", "é", "\u2028", "a\u2029", "a%00", "\0", "a\0", "window.opener.f", "top['x']", "CWSMIKI0hCD0Up0IZUnnnnnnnn\u00ff",
    "a".repeat(65), "a".repeat(5000), "{}", "[]", "'a'", '"a"', "a:b", "a?b", "a|b", "a&b", "a#b", "a@b", "a+b", "ａ", "new", "class",
  ];
  for (let at = 0; at < 100; at += 1) {
    const name = hostile[at % hostile.length];
    yield { name: at < hostile.length ? name : `f.${at}${name}`, strict: false };
  }
}

test("a strict name is called once with what was said, every other is refused", { timeout: 60_000 }, async () => {
  let tried = 0;
  for (const { name, strict } of callbacks()) {
    const answer = await ring(name);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    const text = await answer.text();
    tried += 1;
    if (!strict) {
      assert.equal(answer.status, 400, name);
      assert.equal(answer.headers.get("content-type"), "application/json");
      continue;
    }
    assert.equal(answer.status, 200, name);
    assert.equal(answer.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.match(answer.headers.get("content-disposition"), /^attachment;/);
    assert.ok(text.startsWith("/**/"), text);
    const calls = [];
    runInNewContext(text, { [name]: (...said) => calls.push(JSON.parse(JSON.stringify(said))) });
    assert.equal(calls.length, 1, name);
    const [{ http, body }] = calls[0];
    assert.deepEqual([http, body.code], [404, "no-such-request"]);
    runInNewContext(text, {}); // a page that gave up has no such function, and nothing happens
  }
  assert.equal(tried, 200);
});

test("only a tenant that turned it on is rung so, and only from its own pages", async () => {
  const northwind = { tenant: "northwind", request: NOBODYS, callback: "f" };
  const page = `${crm}/northwind/main.aspx`;
  const cases = [
    [{ ...northwind, tenant: "harbour" }, { referer: page }],
    [{ ...northwind, tenant: "nobody" }, { referer: page }],
    [northwind, {}],
    [northwind, { referer: "https://evil.example/" }],
    [northwind, { referer: `https://evil.example/?${crm}/` }],
    [northwind, { referer: page, origin: "https://evil.example" }],
    [northwind, { referer: page, "sec-fetch-dest": "document" }],
    [northwind, { referer: page, "sec-fetch-dest": "image" }],
  ];
  const told = new Set();
  for (const [query, headers] of cases) {
    const answer = await load(query, headers);
    assert.equal(answer.status, 403, JSON.stringify([query, headers]));
    assert.equal(answer.headers.get("content-type"), "application/json");
    told.add(await answer.text());
  }
  assert.equal(told.size, 1, "and none of them learns why");
  assert.equal((await load(northwind, { referer: page, "sec-fetch-dest": "script" })).status, 200);
  for (const query of [{ ...northwind, more: "1" }, { tenant: "northwind", request: NOBODYS }, { ...northwind, request: "1" }]) {
    assert.equal((await load(query)).status, 400);
  }
});

test("a person whose browser has no fetch presses, and comes to the finished site", { timeout: 90_000 }, async () => {
  const northwind = demo.addresses.tenants.find((tenant) => tenant.id === "northwind");
  const beata = await Person.opens(demo.browser, demo.addresses);
  // Only the engine's script goes without; CRM's own page here is of today.
  await beata.page.addInitScript(() => {
    const theirs = window.fetch;
    Object.defineProperty(window, "fetch", {
      get: () => (/\/v1\/assets\/press\.js/.test(new Error().stack) ? undefined : theirs),
    });
  });
  await beata.page.goto(northwind.crm_page);
  await beata.signsInAs("Beata Nowak");
  const scripts = [];
  beata.page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
  await beata.follows("Coho Vineyard & Winery");
  await beata.chooses("Create site");
  await beata.page.waitForURL(`${demo.addresses.engine}/v1/sites/**`, { timeout: PATIENCE });
  await beata.page.getByRole("link", { name: "Open the site" }).waitFor({ timeout: PATIENCE });
  assert.ok(scripts.includes("/v1/presses.js"), scripts.join(" "));
  assert.ok(!scripts.includes("/v1/presses"), scripts.join(" "));
  await beata.leaves();
});
