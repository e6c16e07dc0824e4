// Rings the engine for a request record that the button has made in CRM, and says where to look.
//
//   tieline.press({ engine: "https://…", tenant: "harbour", request: "8d0f1b6e-…" })
//     .then(function (outcome) { … });
//
// The outcome is { status: "https://…" } when the press was taken, or { problem: "…", saved: true | false }:
// saved means that the request stays in CRM and the site will be made without another press.
//
// A browser of 2010 has neither fetch nor promises: there the outcome is given to a function, the second argument of
// press, and the engine is rung by loading a script, if the tenant has turned that on (JSON-P). So this file is written
// in the JavaScript of that time.
window.tieline = (function () {
  "use strict";
  var SAVED = "Your request is saved; the site will be made when the engine is back.";
  var LATER = "Your request is saved; the site will be made within a few minutes.";
  var PATIENCE = 30000; // milliseconds; those browsers do not tell that a script did not come
  var rings = 0;

  function byFetch(options, done) {
    fetch(base(options) + "/v1/presses", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ tenant: options.tenant, request: options.request }),
      credentials: "omit",
      cache: "no-store"
    }).then(function (answer) {
      return answer.json().then(function (body) { return read(options, answer.status, body); });
    }).then(done, function () { done({ problem: SAVED, saved: true }); });
  }

  function byScript(options, done) {
    var name = "tieline_" + new Date().getTime() + "_" + (rings += 1);
    var script = document.createElement("script");
    var timer;
    function end(outcome) {
      if (!script) { return; }
      clearTimeout(timer);
      window[name] = undefined;
      script.parentNode.removeChild(script);
      script = null;
      done(outcome);
    }
    // Why is not known: the engine is away, or its tenant has not turned this on.
    function fail() { end({ problem: LATER, saved: true }); }
    window[name] = function (said) { end(read(options, said.http, said.body)); };
    script.onerror = fail;
    timer = setTimeout(fail, PATIENCE);
    // The engine wants to know whose page it is; a page may have said that nobody is told.
    script.referrerPolicy = "origin";
    script.src = base(options) + "/v1/presses.js?tenant=" + encodeURIComponent(options.tenant) +
      "&request=" + encodeURIComponent(options.request) + "&callback=" + name;
    document.getElementsByTagName("head")[0].appendChild(script);
  }

  // Only the engine itself refuses, with a sentence; a gateway in front of it that turns callers away
  // (429, 502) has none, and the request waits in CRM for the engine's timer.
  function read(options, http, body) {
    if (http === 202 && body.status) { return { status: whole(options, body.status) }; }
    var refused = http >= 400 && http < 500 && Boolean(body.error);
    return { problem: sentence(body.error) || SAVED, saved: !refused };
  }

  // Scheme, host and port.
  function base(options) { return String(options.engine).replace(/^(https?:\/\/[^\/?#]+).*$/, "$1"); }

  function whole(options, address) { return /^https?:/.test(address) ? address : base(options) + address; }

  function sentence(text) {
    if (!text) { return ""; }
    var told = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(told) ? told : told + ".";
  }

  function press(options, done) {
    var way = typeof fetch === "function" ? byFetch : byScript;
    if (typeof Promise !== "function") {
      way(options, done || function () {});
      return undefined;
    }
    var pressed = new Promise(function (resolve) { way(options, resolve); });
    if (done) { pressed.then(done); }
    return pressed;
  }

  return { press: press };
})();
