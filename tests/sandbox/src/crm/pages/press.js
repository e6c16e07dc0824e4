// The Create site button: saves a request record in CRM, rings the engine, and goes to the status page.
"use strict";

const button = document.getElementById("create-site");
const message = document.getElementById("press-message");
const json = { "content-type": "application/json" };

async function press() {
  button.disabled = true;
  message.textContent = "Saving your request…";
  let request;
  try {
    const made = await fetch(button.dataset.requests, { method: "POST", headers: json, body: "{}" });
    const answer = await made.json();
    if (!made.ok) throw new Error(answer.error);
    request = answer.request;
  } catch (error) {
    message.textContent = `Your request could not be saved. ${error.message}`;
    button.disabled = false;
    return;
  }
  try {
    message.textContent = "Asking for the site…";
    const body = JSON.stringify({ tenant: button.dataset.tenant, request });
    const rung = await fetch(`${button.dataset.engine}/v1/presses`, { method: "POST", headers: json, body });
    if (!rung.ok) throw new Error(`status ${rung.status}`);
    const status = new URL((await rung.json()).status, `${button.dataset.engine}/`);
    if (status.origin !== new URL(button.dataset.engine).origin) throw new Error("a link to elsewhere");
    window.location.assign(status);
  } catch {
    // The record is the proof; the engine's timer finds it without being rung.
    message.textContent = "Your request is saved; the site will be made when the engine is back.";
    button.disabled = false;
  }
}

if (button) button.addEventListener("click", press);
