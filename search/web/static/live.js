// Puts what arrives (articles, alerts) on top of the list. The server renders each; a reader in the middle of the list is let be.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const words = live.dataset;
  const list = document.getElementById("arrivals");
  const lamp = live.querySelector(".lamp");
  const says = live.querySelector(".says");
  const button = live.querySelector(".pause");
  const pill = live.querySelector(".waiting");
  const heard = document.getElementById("heard");
  const MOST = 200; // rows on the page
  const REMEMBERED = 5000; // ids: after a restart of the server some articles come again
  const AWAY = 60000; // a tab that is hidden for so long gives its connection back: browsers have six for a site
  const known = new Set([...list.children].map((row) => row.id));
  let place = words.place;
  let paused = false;
  let held = []; // rows that wait, the newest first
  let source = null;
  let later = null;
  let hidden = null;
  let unheard = 0;

  const count = (n) => (n === 1 ? words.one : words.many.replace("#", n));

  function say(state) {
    if (lamp.dataset.state === state) return;
    lamp.dataset.state = state;
    says.textContent = words[state];
  }

  // A list that moves under a reader who scrolled down or walks by keyboard would take their place away.
  const reading = () => window.scrollY > 240 || list.contains(document.activeElement);

  function put(rows) {
    for (const row of [...rows].reverse()) {
      row.classList.add("new");
      list.prepend(row);
    }
    while (list.children.length > MOST) list.lastElementChild.remove();
    live.querySelector(".nothing").hidden = true;
  }

  function show() {
    put(held);
    held = [];
    pill.hidden = true;
  }

  function take(row) {
    if (!row || known.has(row.id)) return;
    known.add(row.id);
    if (known.size > REMEMBERED) known.delete(known.values().next().value);
    if (paused || reading()) {
      held.unshift(row);
      held.length = Math.min(held.length, MOST);
      pill.textContent = count(held.length);
      pill.hidden = false;
    } else put([row]);
    unheard += 1;
  }

  function open() {
    window.clearTimeout(later);
    if (source) source.close();
    const asked = new URLSearchParams({ q: words.query, after: place });
    source = new EventSource((words.stream || "/live/stream") + "?" + asked);
    const on = (name, act) =>
      source.addEventListener(name, (event) => {
        if (event.lastEventId) place = event.lastEventId;
        act(event);
      });
    on("article", (event) => {
      const answer = new DOMParser().parseFromString("<ol>" + event.data + "</ol>", "text/html");
      take(answer.querySelector("li.article"));
    });
    on("gap", () => (live.querySelector(".gap-told").hidden = false));
    on("away", () => say("away"));
    on("back", () => say(paused ? "paused" : "following"));
    source.onopen = () => say(paused ? "paused" : "following");
    source.onerror = () => {
      say("lost");
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      later = window.setTimeout(open, 5000);
    };
  }

  function close() {
    window.clearTimeout(later);
    if (source) source.close();
    source = null;
  }

  function pause() {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? words.goOn : words.pause;
    if (lamp.dataset.state !== "lost" && lamp.dataset.state !== "away") say(paused ? "paused" : "following");
    if (!paused) show();
  }

  button.hidden = false;
  button.addEventListener("click", pause);
  pill.addEventListener("click", () => {
    show();
    window.scrollTo({ top: 0 });
    const first = list.querySelector("a[href]");
    if (first) first.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    pause();
  });
  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(hidden);
    if (document.hidden) hidden = window.setTimeout(close, AWAY);
    else if (!source) open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  window.setInterval(() => {
    // said now and then in one sentence: who listens is not interrupted by each article
    if (!unheard) return;
    heard.textContent = count(unheard);
    unheard = 0;
  }, 10000);
  open();
})();
