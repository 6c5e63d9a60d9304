// Keeps the page up to date without a reload. The server renders; this only puts its answer in place.
"use strict";
(() => {
  const view = document.getElementById("view");
  const box = document.getElementById("q");
  const pill = document.querySelector(".pill");
  const offline = document.querySelector(".offline");
  let shown = null; // the last answer, as text: the same again changes nothing
  let waiting = null; // a list that waits until the reader asks for it

  const ids = (root) => new Set([...root.querySelectorAll("li.article")].map((row) => row.id));

  // Replacing the list under a reader who scrolled down, selected text or walks by keyboard would take it away.
  function reading(list) {
    const selection = document.getSelection();
    return (
      window.scrollY > 200 ||
      (selection && !selection.isCollapsed && list.contains(selection.anchorNode)) ||
      (list.contains(document.activeElement) && document.activeElement !== list)
    );
  }

  function put(fresh) {
    const list = document.getElementById("list");
    const before = ids(list);
    if (before.size) {
      for (const row of fresh.querySelectorAll("li.article")) {
        if (!before.has(row.id)) row.classList.add("new");
      }
    }
    list.replaceWith(fresh);
    waiting = null;
    pill.hidden = true;
  }

  function take(text) {
    if (text === shown) return;
    shown = text;
    const answer = new DOMParser().parseFromString(text, "text/html");
    const strip = answer.getElementById("strip");
    const fresh = answer.getElementById("list");
    if (!strip || !fresh) throw new Error("not a fragment");
    document.getElementById("strip").replaceWith(document.adoptNode(strip));
    document.adoptNode(fresh);
    const list = document.getElementById("list");
    if (list.dataset.state === "list" && fresh.dataset.state === "list" && reading(list)) {
      const before = ids(list);
      const count = [...ids(fresh)].filter((id) => !before.has(id)).length;
      if (!count) return;
      waiting = fresh;
      pill.textContent = count === 1 ? pill.dataset.one : pill.dataset.many.replace("#", count);
      pill.hidden = false;
    } else {
      put(fresh);
    }
  }

  async function look() {
    try {
      const answer = await fetch("/fragment" + window.location.search, { signal: AbortSignal.timeout(15000) });
      if (!answer.ok) throw new Error(answer.status);
      take(await answer.text());
      offline.hidden = true;
    } catch {
      offline.hidden = false;
    }
  }

  let timer = null;
  let looking = false;
  async function refresh() {
    if (looking) return;
    looking = true;
    window.clearTimeout(timer);
    if (!document.hidden && document.getElementById("strip").dataset.live === "yes") await look();
    looking = false;
    later();
  }
  function later() {
    timer = window.setTimeout(refresh, Number(document.getElementById("strip").dataset.every));
  }

  pill.addEventListener("click", () => {
    if (waiting) put(waiting);
    window.scrollTo({ top: 0 });
  });
  document.querySelector("form.search").addEventListener("submit", () => view.setAttribute("aria-busy", "true"));
  window.addEventListener("pageshow", () => view.removeAttribute("aria-busy"));
  if (document.getElementById("list").dataset.state === "query") {
    box.focus();
    const caret = document.querySelector(".before");
    const at = caret ? caret.textContent.length : box.value.length;
    box.setSelectionRange(at, at);
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh(); // back at the page: at once
  });
  later();
})();
