// Clippings are dragged into another order; the buttons do the same without this. After a move the button that was used
// has the focus again, so that a clipping goes several places by one key.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const list = document.querySelector(".clippings");
  if (!list) return;
  const form = document.getElementById(list.dataset.order);
  const KEY = "kawat-moved";

  list.addEventListener("submit", (event) => {
    const by = event.submitter && event.submitter.dataset.move;
    const row = event.target.closest(".clipping");
    if (by && row) sessionStorage.setItem(KEY, JSON.stringify([row.dataset.id, by]));
  });
  const moved = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (moved) {
    const [id, by] = JSON.parse(moved);
    const row = document.getElementById("c-" + id);
    const buttons = row ? [...row.querySelectorAll("[data-move]")].filter((one) => !one.disabled) : [];
    const same = buttons.find((one) => one.dataset.move === by) || buttons[0];
    // later than the browser's own way to the address' fragment, which takes the focus away
    if (same) window.addEventListener("load", () => requestAnimationFrame(() => same.focus()));
  }

  let dragged = null;
  const rows = () => [...list.children];
  const target = (y) => rows().find((row) => y < row.getBoundingClientRect().top + row.offsetHeight / 2) || null;

  function mark(y) {
    for (const row of rows()) row.classList.remove("before", "after");
    const next = target(y);
    if (next) next.classList.add("before");
    else list.lastElementChild.classList.add("after");
  }

  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".handle");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    dragged = handle.closest(".clipping");
    dragged.classList.add("dragged");
    handle.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => dragged && mark(event.clientY));
  const end = (event) => {
    if (!dragged) return;
    const row = dragged, next = target(event.clientY);
    dragged = null;
    row.classList.remove("dragged");
    for (const one of rows()) one.classList.remove("before", "after");
    if (event.type === "pointercancel" || next === row || next === row.nextElementSibling) return;
    list.insertBefore(row, next);
    form.elements.clipping.value = row.dataset.id;
    for (const one of rows()) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "order";
      field.value = one.dataset.id;
      form.append(field);
    }
    form.submit();
  };
  list.addEventListener("pointerup", end);
  list.addEventListener("pointercancel", end);
})();
