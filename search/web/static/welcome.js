// Proposes the time zone that the reader's own device keeps. Without it, the setting's zone is proposed.
"use strict";
(() => {
  const box = document.querySelector("select[data-own]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!box || !own) return;
  const found = [...box.options].find((option) => option.value === own);
  if (found) box.value = own;
})();
