// Rings the engine for a request record that the button has made in CRM, and says where to look.
//
//   tieline.press({ engine: "https://…", tenant: "harbour", request: "8d0f1b6e-…" })
//     .then(function (outcome) { … });
//
// The outcome is { status: "https://…" } when the press was taken, or { problem: "…", saved: true | false }:
// saved means that the request stays in CRM and the site will be made without another press.
window.tieline = (function () {
  "use strict";
  var SAVED = "Your request is saved; the site will be made when the engine is back.";

  function ring(options) {
    return fetch(new URL("/v1/presses", options.engine), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ tenant: options.tenant, request: options.request }),
      credentials: "omit",
      cache: "no-store"
    });
  }

  // Only the engine itself refuses, with a sentence; a gateway in front of it that turns callers away
  // (429, 502) has none, and the request waits in CRM for the engine's timer.
  function read(options, answer) {
    return answer.json().then(function (body) {
      if (answer.status === 202 && body.status) { return { status: new URL(body.status, options.engine).href }; }
      var refused = answer.status >= 400 && answer.status < 500 && Boolean(body.error);
      return { problem: sentence(body.error) || SAVED, saved: !refused };
    });
  }

  function sentence(text) {
    if (!text) { return ""; }
    var whole = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(whole) ? whole : whole + ".";
  }

  function press(options) {
    return ring(options)
      .then(function (answer) { return read(options, answer); })
      .catch(function () { return { problem: SAVED, saved: true }; });
  }

  return { press: press };
})();
