// The Create site button: saves a request record in CRM, lets the engine's script ring, and goes to the status page.
// The engine's script comes from the engine (ST-24); this one is all that the page itself brings.
"use strict";

const PATIENCE = 5000; // milliseconds for the engine's script to arrive

const button = document.getElementById("create-site");
const message = document.getElementById("press-message");
const script = document.getElementById("engine-script");

// Both scripts are deferred and this one comes first: neither event can have happened before it is listened for.
const loaded = new Promise((resolve, reject) => {
  script.addEventListener("load", resolve);
  script.addEventListener("error", () => reject(new Error("the engine's script did not come")));
});
loaded.catch(() => {}); // of interest to a press only

/** Saves the request record: its id. */
async function save() {
  const headers = { "content-type": "application/json" };
  const made = await fetch(button.dataset.requests, { method: "POST", headers, body: "{}" });
  const answer = await made.json();
  if (!made.ok) throw new Error(answer.error);
  return answer.request;
}

/** What the engine says to the request. Without its script nothing can be asked; the record is found by its timer. */
async function ring(request) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE));
  try {
    await Promise.race([loaded, late]);
    return await window.tieline.press({ engine: button.dataset.engine, tenant: button.dataset.tenant, request });
  } catch {
    return { problem: "Your request is saved; the site will be made when the engine is back." };
  }
}

async function press() {
  button.disabled = true;
  message.textContent = "Saving your request…";
  let request;
  try {
    request = await save();
  } catch (error) {
    message.textContent = `Your request could not be saved. ${error.message}`;
    button.disabled = false;
    return;
  }
  message.textContent = "Asking for the site…";
  const outcome = await ring(request);
  if (outcome.status) {
    window.location.assign(outcome.status);
    return;
  }
  message.textContent = outcome.problem;
  button.disabled = false;
}

button.addEventListener("click", press);
