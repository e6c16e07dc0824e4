// The engine's script behind the button (ST-24), without a browser: what it makes of each answer.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const source = await readFile(
  new URL("../../functions/provisioning/src/request_site/press.js", import.meta.url),
  "utf8",
);
const PRESS = { engine: "https://engine.example", tenant: "harbour", request: "8d0f1b6e-0000-4000-8000-000000000001" };
const SAVED = { problem: "Your request is saved; the site will be made when the engine is back.", saved: true };

/** Presses while the engine answers like this: the outcome and what was asked. */
async function press(answer) {
  const asked = [];
  const fetch = async (address, options) => {
    asked.push({ address: String(address), ...options });
    return answer();
  };
  const window = {};
  runInNewContext(source, { window, fetch });
  const outcome = await window.tieline.press(PRESS);
  return { outcome: { ...outcome }, asked };
}

const json = (status, body) => () => new Response(JSON.stringify(body), { status });

/** ST-37: nothing but the hint and the record's id leaves the page. */
test("a press sends the tenant and the request, no cookie, and leads to the status page", async () => {
  const { outcome, asked } = await press(json(202, { status: "/v1/sites/harbour/link" }));
  assert.deepEqual(outcome, { status: "https://engine.example/v1/sites/harbour/link" });
  assert.equal(asked.length, 1);
  assert.equal(asked[0].address, "https://engine.example/v1/presses");
  assert.equal(asked[0].credentials, "omit");
  assert.deepEqual(JSON.parse(asked[0].body), { tenant: PRESS.tenant, request: PRESS.request });
});

test("a refusal is shown as a sentence, and is not called saved", async () => {
  const { outcome } = await press(json(409, { code: "record-inactive", error: "the record is deactivated" }));
  assert.deepEqual(outcome, { problem: "The record is deactivated.", saved: false });
});

test("an engine that will come back says so in its own words", async () => {
  const { outcome } = await press(json(503, { code: "later", error: "your request is saved in CRM" }));
  assert.deepEqual(outcome, { problem: "Your request is saved in CRM.", saved: true });
});

for (const [what, answer] of [
  ["a gateway that turns callers away", json(429, { message: "Too Many Requests" })],
  ["a gateway without an engine", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["a 202 without a link", json(202, {})],
  ["no answer", () => Promise.reject(new TypeError("Failed to fetch"))],
]) {
  test(`${what} leaves the request saved`, async () => {
    assert.deepEqual((await press(answer)).outcome, SAVED);
  });
}

/** The same in a browser of 2010, where the engine's script does this when it comes, or never comes. */
async function pressBy2010(load) {
  const scripts = [];
  const window = {};
  const head = { appendChild: (script) => scripts.push(Object.assign(script, { parentNode: head })), removeChild() {} };
  const document = { createElement: () => ({}), getElementsByTagName: () => [head] };
  const timers = [];
  const world = { window, document, setTimeout: (end) => timers.push(end), clearTimeout() {}, encodeURIComponent };
  runInNewContext(`Promise = undefined;\n${source}`, world);
  const outcomes = [];
  window.tieline.press(PRESS, (outcome) => outcomes.push({ ...outcome }));
  assert.equal(scripts.length, 1);
  await load({ script: scripts[0], window, timeOut: () => timers[0]() });
  return { outcomes, address: scripts[0].src, window };
}

const nameIn = (script) => new URL(script.src).searchParams.get("callback");
const says = (http, body) => ({ script, window }) => window[nameIn(script)]({ http, body });

/** A7. */
test("a browser without fetch and promises rings by loading a script, and is told the same", async () => {
  const taken = await pressBy2010(says(202, { status: "/v1/sites/harbour/link" }));
  assert.deepEqual(taken.outcomes, [{ status: "https://engine.example/v1/sites/harbour/link" }]);
  const address = new URL(taken.address);
  assert.equal(address.origin + address.pathname, "https://engine.example/v1/presses.js");
  assert.equal(address.searchParams.get("tenant"), PRESS.tenant);
  assert.equal(address.searchParams.get("request"), PRESS.request);
  assert.match(address.searchParams.get("callback"), /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/);
  const { outcomes } = await pressBy2010(says(409, { code: "record-inactive", error: "the record is deactivated" }));
  assert.deepEqual(outcomes, [{ problem: "The record is deactivated.", saved: false }]);
});

test("a script that does not come, comes late or comes twice leaves one outcome", async () => {
  const later = { problem: "Your request is saved; the site will be made within a few minutes.", saved: true };
  assert.deepEqual((await pressBy2010(({ script }) => script.onerror())).outcomes, [later]);
  const late = await pressBy2010((page) => {
    const call = page.window[nameIn(page.script)];
    page.timeOut();
    assert.equal(page.window[nameIn(page.script)], undefined, "a late script finds no function");
    call({ http: 202, body: { status: "/v1/sites/harbour/link" } });
    page.script.onerror();
  });
  assert.deepEqual(late.outcomes, [later]);
  const twice = await pressBy2010((page) => {
    const call = page.window[nameIn(page.script)];
    for (const link of ["first", "second"]) call({ http: 202, body: { status: `/v1/sites/harbour/${link}` } });
  });
  assert.deepEqual(twice.outcomes, [{ status: "https://engine.example/v1/sites/harbour/first" }]);
});
