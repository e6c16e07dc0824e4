// The demo, serving, and a Chromium beside it. Everything they write stays below .tools/.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const TOOLS = join(ROOT, ".tools");
const READY_WITHIN = 30_000; // milliseconds; a loaded machine needs more than the demo's own promise

export const SCREENSHOTS = join(TOOLS, "screenshots");

/** Starts both. `addresses` is what the demo writes: crm, sharepoint, engine, control, tenants. */
export async function start() {
  await mkdir(SCREENSHOTS, { recursive: true });
  const folder = await mkdtemp(join(TOOLS, "browser-"));
  const program = process.env.TIELINE_DEMO ?? join(ROOT, "target/debug/demo");
  const ports = join(folder, "ports.json");
  // What people do here is not for the recording of what our clients send.
  const { TIELINE_REQUEST_BODIES: _, ...environment } = process.env;
  const demo = spawn(program, ["--serve", "--ports-file", ports], { stdio: "ignore", env: environment });
  const ended = once(demo, "exit");
  const addresses = await written(ports, demo);
  const browser = await chromium.launch({
    executablePath: process.env.TIELINE_CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's own sandbox needs a user that is not root.
    chromiumSandbox: process.getuid?.() !== 0,
    env: { ...process.env, HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  async function control(method, what, order) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(new URL(what, addresses.control), { method, headers, body: JSON.stringify(order) });
    if (!answer.ok) throw new Error(`${what} answers ${answer.status}: ${await answer.text()}`);
  }
  return {
    addresses,
    browser,
    /** Moves the time of everything outside of the browser. */
    advance: (seconds) => control("POST", "clock", { advance_seconds: seconds }),
    /** Lets a service fail until told otherwise. */
    setsFault: (fault) => control("POST", "faults", fault),
    clearsFaults: () => control("DELETE", "faults"),
    async stop() {
      await browser.close();
      demo.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function written(file, demo) {
  const deadline = Date.now() + READY_WITHIN;
  while (Date.now() < deadline) {
    if (demo.exitCode !== null) throw new Error(`the demo ended with ${demo.exitCode}`);
    try {
      return JSON.parse(await readFile(file, "utf8"));
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
      await pause(50);
    }
  }
  throw new Error(`the demo wrote no addresses within ${READY_WITHIN} ms`);
}
