// A person at a browser who uses the keyboard, and everything the browser complains about meanwhile (ST-36).
import assert from "node:assert/strict";
import { join } from "node:path";

import { SCREENSHOTS } from "./demo.mjs";

const MOST_STOPS = 120;
const INTERACTIVE = ["button", "checkbox", "combobox", "link", "radio", "searchbox", "textbox"];

export class Person {
  #addresses;
  #tools;

  constructor(page, tools, addresses) {
    this.page = page;
    this.troubles = [];
    this.#tools = tools;
    this.#addresses = [addresses.crm, addresses.sharepoint, addresses.engine];
    page.on("console", (said) => {
      if (["error", "warning"].includes(said.type())) this.#note(`${said.text()} (${said.location().url})`);
    });
    page.on("pageerror", (error) => this.#note(`script: ${error.message}`));
    page.on("dialog", (dialog) => this.#note(`dialog: ${dialog.message()}`));
    page.on("requestfailed", (request) => this.#note(`failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on("request", (request) => {
      if (!this.#addresses.includes(new URL(request.url()).origin)) this.#note(`elsewhere: ${request.url()}`);
    });
    page.on("response", (answer) => {
      if (answer.status() >= 400) this.#note(`status ${answer.status()}: ${answer.url()}`);
    });
  }

  static async opens(browser, addresses, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
    // A page that breaks its own policy tells the console too, but not in words that are promised to stay.
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy ${event.effectiveDirective} blocked ${event.blockedURI}`);
      });
    });
    const page = await context.newPage();
    return new Person(page, await context.newCDPSession(page), addresses);
  }

  #note(trouble) {
    this.troubles.push(trouble);
  }

  /** Closes the browser. It complained about nothing but these. */
  async leaves(...expected) {
    await this.page.context().close();
    const others = this.troubles.filter((trouble) => !expected.some((known) => known.test(trouble)));
    assert.deepEqual(others, []);
  }

  /** Signs in where the browser is, by choosing a name. */
  async signsInAs(name) {
    await this.follows(new RegExp(name));
  }

  /** Walks with Tab to what has this name, and presses Enter there. */
  async chooses(name) {
    await this.walksTo(name);
    await this.page.keyboard.press("Enter");
  }

  /** The same where it leads to another page. */
  async follows(name) {
    const arrived = this.page.waitForEvent("load");
    await this.chooses(name);
    await arrived;
  }

  /** Walks with Tab to what has this name. Every stop on the way has a name and shows that it has the focus. */
  async walksTo(name) {
    const met = [];
    for (let stop = 0; stop < MOST_STOPS; stop += 1) {
      await this.page.keyboard.press("Tab");
      const here = await this.#focused();
      if (here === undefined) continue; // the browser's own bar
      assert.ok(here.name, `a ${here.role} without a name on ${this.page.url()}`);
      assert.ok(await this.page.evaluate(showsFocus), `focus cannot be seen on "${here.name}"`);
      if (typeof name === "string" ? here.name === name : name.test(here.name)) return;
      met.push(here.name);
    }
    assert.fail(`no ${name} on ${this.page.url()}, only ${[...new Set(met)].join(", ")}`);
  }

  /** A page that everybody can use, as far as a program can tell; and a picture of it. */
  async looks(picture) {
    const page = this.page;
    const about = await page.evaluate(() => ({
      title: document.title,
      lang: document.documentElement.lang,
      headings: document.querySelectorAll("h1").length,
      mains: document.querySelectorAll("main").length,
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    }));
    assert.ok(about.title, `no title: ${page.url()}`);
    assert.deepEqual(
      { lang: about.lang, headings: about.headings, mains: about.mains, wide: about.wide },
      { lang: "en", headings: 1, mains: 1, wide: false },
      page.url(),
    );
    for (const node of await this.#nodes()) {
      if (INTERACTIVE.includes(node.role)) assert.ok(node.name, `a ${node.role} without a name on ${page.url()}`);
    }
    await page.screenshot({ path: join(SCREENSHOTS, `${picture}.png`), fullPage: true });
  }

  async #nodes() {
    const { nodes } = await this.#tools.send("Accessibility.getFullAXTree");
    return nodes
      .filter((node) => !node.ignored)
      .map((node) => ({
        role: node.role?.value,
        name: node.name?.value,
        focused: node.properties?.some(({ name, value }) => name === "focused" && value.value) ?? false,
      }));
  }

  async #focused() {
    return (await this.#nodes()).find((node) => node.focused && node.role !== "RootWebArea");
  }
}

function showsFocus() {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}
