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

  function read(options, answer) {
    return answer.json().then(function (body) {
      if (answer.status === 202) { return { status: new URL(body.status, options.engine).href }; }
      return { problem: body.error || SAVED, saved: answer.status >= 500 };
    });
  }

  function press(options) {
    return ring(options)
      .then(function (answer) { return read(options, answer); })
      .catch(function () { return { problem: SAVED, saved: true }; });
  }

  return { press: press };
})();
