// Names under the search box, as they are typed: a combobox with a list (WAI-ARIA). The server knows the names.
"use strict";
(() => {
  const box = document.getElementById("q");
  const list = document.getElementById("suggested");
  if (!box || !list || !box.dataset.suggest) return;
  const WORDS = 3; // a name is looked for in so many words before the caret, then in the last one
  const LEAST = 2; // letters
  let asked = 0; // answers to earlier letters are passed over
  let typed = ""; // the words that the list is about
  let timer = null;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => list.querySelector("[aria-selected=true]");

  function hide() {
    asked += 1;
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  // What stands before the caret and could be the beginning of a name: no field, quote, bracket or operator in it.
  function beginnings() {
    const before = box.value.slice(0, box.selectionStart);
    const tail = /(?:^|[\s(])((?:[^\s:"()[\]{}~*^]+\s+){0,2}[^\s:"()[\]{}~*^]+)$/.exec(before);
    if (!tail || (before.match(/"/g) || []).length % 2) return [];
    const words = tail[1].split(/\s+/).slice(-WORDS);
    const last = words.findLastIndex((word) => /^(AND|OR|NOT|O?NEAR\/\d+)$/.test(word) || /^[-+]/.test(word));
    const name = words.slice(last + 1).join(" ");
    const one = words[words.length - 1];
    return [...new Set([name, one])].filter((text) => [...text].length >= LEAST && !/^[-+]/.test(text));
  }

  async function look() {
    asked += 1;
    const mine = asked;
    for (const text of beginnings()) {
      let answer = "";
      try {
        const got = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: AbortSignal.timeout(5000) });
        answer = got.ok ? await got.text() : "";
      } catch {
        answer = ""; // a box that suggests nothing still searches
      }
      if (mine !== asked) return;
      const fresh = new DOMParser().parseFromString(answer, "text/html");
      if (!fresh.querySelector("[role=option]")) continue;
      typed = text;
      list.replaceChildren(...fresh.body.childNodes);
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
      box.removeAttribute("aria-activedescendant");
      return;
    }
    hide();
  }

  function mark(option) {
    const before = active();
    if (before) before.setAttribute("aria-selected", "false");
    if (!option) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  }

  // The name's own condition in place of the words that were typed.
  function take(option) {
    const at = box.selectionStart;
    const term = option.dataset.query;
    box.value = `${box.value.slice(0, at).slice(0, -typed.length)}${term} ${box.value.slice(at).trimStart()}`.trim();
    hide();
    box.form.requestSubmit();
  }

  box.addEventListener("input", (event) => {
    window.clearTimeout(timer);
    if (!event.isComposing) timer = window.setTimeout(look, 120);
  });
  box.addEventListener("compositionend", () => {
    timer = window.setTimeout(look, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const all = options();
    const at = all.indexOf(active());
    if (event.key === "ArrowDown") mark(all[at + 1]);
    else if (event.key === "ArrowUp") mark(at < 0 ? all[all.length - 1] : all[at - 1]);
    else if (event.key === "Enter" && at >= 0) take(all[at]);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return; // the name's own page, in another tab
    event.preventDefault();
    take(option);
  });
  box.addEventListener("blur", hide);
})();
