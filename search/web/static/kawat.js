// What every view shares: keys, the help, suggestions under the search box. Everything works without it, by links.
"use strict";
(() => {
  const box = document.getElementById("q");
  const help = document.getElementById("help");
  const typing = (at) => at.closest("input, textarea, select, [contenteditable]") !== null;

  // Rows that j and k walk through: the first link of each element with data-row, or of an article of the list.
  const rows = () =>
    [...document.querySelectorAll("[data-row]")].map((row) => row.querySelector("a[href]")).filter((link) => link && link.offsetParent);

  function step(by) {
    const links = rows();
    const here = document.activeElement.closest("[data-row]");
    const at = links.findIndex((link) => here && here.contains(link));
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (!next) return;
    next.focus();
    next.closest("[data-row]").scrollIntoView({ block: "nearest" });
  }

  function open() {
    const row = document.activeElement.closest("[data-row]");
    const link = row ? row.querySelector("a[href]") : rows()[0];
    if (link) link.click();
  }

  const ACTIONS = {
    "/": () => {
      if (box) {
        box.focus();
        box.select();
      }
    },
    "?": () => help && (help.open ? help.close() : help.showModal()),
    j: () => step(1),
    k: () => step(-1),
    o: open,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target === box) box.blur();
      return;
    }
    if (help && help.open && event.key !== "?") return; // the dialog has its own keys
    const action = ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  for (const link of document.querySelectorAll("[data-help]")) {
    link.addEventListener("click", (event) => {
      if (!help || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      help.showModal();
    });
  }
  // Parts that are open where there is room, and folded on a phone.
  window.kawat = window.kawat || {};
  window.kawat.widen = (root) => {
    const room = window.matchMedia("(min-width: 62rem)").matches;
    for (const part of root.querySelectorAll("details[data-wide]")) part.open = room;
  };
  window.kawat.widen(document);
  if (help) help.addEventListener("click", (event) => event.target === help && help.close()); // beside it
})();
