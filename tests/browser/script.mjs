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
  runInNewContext(source, { window, fetch, URL });
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
