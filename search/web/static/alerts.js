// `a`: the alert in focus is seen to, and the next one is in focus. Everything works without it, by buttons.
"use strict";
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    const row = document.activeElement.closest(".alert");
    const button = row && row.querySelector(".seen-to");
    if (!button) return;
    event.preventDefault();
    const next = row.nextElementSibling || row.previousElementSibling;
    button.click();
    const link = next && next.querySelector("a[href]");
    if (link) link.focus();
  });
  // What has just arrived by the stream has forms that htmx does not know yet.
  const list = document.getElementById("arrivals");
  if (!list || !window.htmx) return;
  new MutationObserver((changes) => {
    for (const change of changes) for (const row of change.addedNodes) if (row.nodeType === 1) window.htmx.process(row);
  }).observe(list, { childList: true });
})();
