// Repaints the status page until the site is ready or refused. Asks less often the longer it takes.
(function () {
  "use strict";
  var wait = 500;
  // The summary stays the same element, so that screen readers say what changes in it.
  function paint(shown, fresh) {
    var summary = shown.querySelector(".summary");
    var news = fresh.querySelector(".summary");
    if (!summary || !news) { shown.replaceWith(document.adoptNode(fresh)); return; }
    if (summary.textContent !== news.textContent) { summary.textContent = news.textContent; }
    shown.dataset.state = fresh.dataset.state;
    while (summary.previousSibling) { summary.previousSibling.remove(); }
    while (summary.nextSibling) { summary.nextSibling.remove(); }
    while (news.previousSibling) { shown.prepend(news.previousSibling); }
    while (news.nextSibling) { shown.append(news.nextSibling); }
  }
  function repaint(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("status");
    var shown = document.getElementById("status");
    if (!fresh || !shown) { return true; }
    if (fresh.innerHTML !== shown.innerHTML) { paint(shown, fresh); }
    return ["claimed", "building", "waiting"].indexOf(fresh.dataset.state) >= 0;
  }
  function ask() {
    fetch(window.location.href, { headers: { Accept: "text/html" }, cache: "no-store", credentials: "omit" })
      .then(function (answer) { return answer.text(); })
      .then(repaint, function () { return true; })
      .then(function (moving) {
        wait = Math.min(wait * 1.2, 5000);
        if (moving) { window.setTimeout(ask, wait); }
      });
  }
  window.setTimeout(ask, wait);
})();
