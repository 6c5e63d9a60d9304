// Keeps the list up to date without a reload. The server renders; this only puts its answer in place.
"use strict";
(() => {
  const REST = 60_000; // milliseconds after which facets and timeline are asked for again, too
  const view = document.getElementById("view");
  const box = document.getElementById("q");
  const pill = document.querySelector(".pill");
  const offline = document.querySelector(".offline");
  let shown = null; // the last answer, as text: the same again changes nothing
  let waiting = null; // an answer that waits until the reader asks for it
  let rested = Date.now();

  const ids = (root) => new Set([...root.querySelectorAll("li.article")].map((row) => row.id));
  const list = () => document.getElementById("list");
  const both = (one, other) => one.dataset.state === "list" && other.dataset.state === "list";

  // Replacing the list under a reader who scrolled down, unfolded a story, selected text or walks by keyboard would
  // take it away.
  function reading() {
    const results = document.getElementById("results");
    const selection = document.getSelection();
    return (
      window.scrollY > 200 ||
      results.querySelector(".unfolded, .articles ~ .pages ~ .articles") !== null ||
      (selection && !selection.isCollapsed && results.contains(selection.anchorNode)) ||
      results.contains(document.activeElement)
    );
  }

  function prepare(root) {
    htmx.process(root);
    window.kawat.charts(root);
    window.kawat.widen(root);
  }

  function put(fresh) {
    const old = list();
    const before = ids(old);
    if (before.size) {
      for (const row of fresh.querySelectorAll("li.article")) {
        if (!before.has(row.id)) row.classList.add("new");
      }
    }
    if (both(old, fresh)) {
      for (const id of ["total", "results", "facets", "timeline"]) {
        const [from, to] = [fresh.querySelector("#" + id), document.getElementById(id)];
        // what the reader is busy with stays as it is
        if (!from || !to || (id !== "results" && to.contains(document.activeElement))) continue;
        to.replaceWith(from);
        prepare(from);
      }
    } else {
      old.replaceWith(fresh);
      prepare(fresh);
    }
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
    if (both(list(), fresh) && reading()) {
      const before = ids(list());
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
    const whole = list().dataset.state !== "list" || Date.now() - rested > REST;
    try {
      const path = whole ? "/" : "/fragment";
      const answer = await fetch(path + window.location.search, { signal: AbortSignal.timeout(15000) });
      if (!answer.ok && answer.status !== 400) throw new Error(answer.status);
      take(await answer.text());
      if (whole) rested = Date.now();
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
  if (list().dataset.state === "query") {
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
