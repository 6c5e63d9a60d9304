// Draws the table that data-chart names, and lets a reader choose a time from it: by mouse, by touch, by keyboard.
// A chosen time goes to the server as from and to, which puts it into the words of the search.
"use strict";
window.kawat = window.kawat || {};
window.kawat.charts = (root) => {
  const HEIGHT = 96;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function draw(plot) {
    const table = document.getElementById(plot.dataset.chart);
    const form = document.getElementById(plot.dataset.form || "");
    if (!table || plot.drawn || typeof uPlot === "undefined") return;
    plot.drawn = true;
    plot.hidden = false;
    const rows = [...table.querySelectorAll("tr[data-at]")];
    const starts = rows.map((row) => Date.parse(row.dataset.at) / 1000);
    const counts = rows.map((row) => Number(row.querySelector("[data-n]").dataset.n));
    const width = starts.length > 1 ? starts[1] - starts[0] : 3600;
    const last = rows.length - 1;
    const zone = plot.dataset.tz;
    const bars = uPlot.paths.bars({ size: [0.86, 64], align: 1 });
    const font = "12px " + getComputedStyle(document.body).fontFamily;

    const chart = new uPlot(
      {
        width: Math.max(plot.clientWidth, 160),
        height: HEIGHT,
        padding: [6, 0, 0, 0],
        legend: { show: false },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
        cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
        scales: { x: { time: true, range: () => [starts[0], starts[last] + width] }, y: { range: (_, __, most) => [0, most || 1] } },
        axes: [
          { size: 24, font, gap: 4, stroke: () => colour("--soft"), grid: { show: false }, ticks: { show: false }, values: stamps(plot, zone), space: 90 },
          { show: false },
        ],
        series: [{}, { paths: bars, points: { show: false }, width: 0, fill: () => colour("--bar") }],
        hooks: { setCursor: [(u) => { if (!chosen && u.cursor.idx != null && u.cursor.left >= 0) say(bucket(u.cursor.left), bucket(u.cursor.left)); }] },
      },
      [starts, counts],
      plot,
    );

    const said = document.getElementById(table.id.replace("figures", "said"));
    let chosen = null; // [from, to] of the buckets that are being chosen
    let at = last; // where the keyboard stands

    function bucket(left) {
      const value = chart.posToVal(left, "x");
      let index = starts.length - 1;
      while (index > 0 && starts[index] > value) index -= 1;
      return index;
    }
    function say(from, to) {
      if (!said) return;
      let sum = 0;
      for (let one = from; one <= to; one += 1) sum += counts[one];
      const name = (index) => rows[index].querySelector("th").textContent;
      const number = sum === 1 ? plot.dataset.one : plot.dataset.word.replace("#", sum.toLocaleString(plot.dataset.locale));
      said.textContent = `${from === to ? name(from) : `${name(from)} … ${name(to)}`}: ${number}`;
    }
    function choose(one, other) {
      const [from, to] = one < other ? [one, other] : [other, one];
      chosen = [from, to];
      const left = chart.valToPos(starts[from], "x");
      const right = chart.valToPos(to < last ? starts[to + 1] : starts[last] + width, "x");
      chart.setSelect({ left, width: right - left, top: 0, height: chart.over.clientHeight }, false);
      say(from, to);
    }
    function leave() {
      chosen = null;
      chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      if (said) said.textContent = "";
    }
    function apply() {
      if (!form || !chosen) return;
      const [from, to] = chosen;
      const asked = new URLSearchParams(new FormData(form));
      asked.set("from", rows[from].dataset.at);
      if (to < last) asked.set("to", rows[to + 1].dataset.at);
      else asked.delete("to"); // the last bar is still growing
      window.location.assign(`${form.getAttribute("action")}?${asked}`);
    }

    let begun = null;
    if (form) {
      const place = (event) => bucket(event.clientX - chart.over.getBoundingClientRect().left);
      chart.over.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        begun = place(event);
        chart.over.setPointerCapture(event.pointerId);
        choose(begun, begun);
        event.preventDefault();
        plot.focus({ preventScroll: true });
      });
      chart.over.addEventListener("pointermove", (event) => begun !== null && choose(begun, place(event)));
      chart.over.addEventListener("pointerup", () => {
        if (begun === null) return;
        begun = null;
        apply();
      });
      chart.over.addEventListener("pointercancel", () => {
        begun = null;
        leave();
      });
      let anchor = null;
      plot.addEventListener("keydown", (event) => {
        const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, PageUp: at - 10, PageDown: at + 10 }[event.key];
        if (to !== undefined) {
          at = Math.min(last, Math.max(0, to));
          if (!event.shiftKey) anchor = at;
          if (anchor === null) anchor = at;
          choose(anchor, at);
        } else if (event.key === "Enter" && chosen) apply();
        else if (event.key === "Escape" && chosen) leave();
        else return;
        event.preventDefault();
      });
      plot.addEventListener("blur", leave);
      plot.addEventListener("focus", () => begun === null && plot.matches(":focus-visible") && choose(at, at));
    }
    new ResizeObserver(() => {
      if (plot.isConnected && plot.clientWidth > 0) chart.setSize({ width: plot.clientWidth, height: HEIGHT });
    }).observe(plot);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw(false, true));
  }

  // Day and month where days change, else the time of day: in the reader's language and zone. Where the edge would cut
  // one off there is none.
  function stamps(plot, zone) {
    const locale = plot.dataset.locale;
    const HALF = 24; // pixels of a label beside its middle
    const written = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
    const clock = written({ hour: "2-digit", minute: "2-digit" });
    const day = written({ day: "numeric", month: "short" });
    const month = written({ month: "short", year: "numeric" });
    return (chart, splits, __, ___, step) => {
      const { min, max } = chart.scales.x;
      const cut = (value) => Math.min(value - min, max - value) * plot.clientWidth < HALF * (max - min);
      let before = "";
      return splits.map((value) => {
        if (cut(value)) return "";
        const date = new Date(value * 1000);
        if (step >= 25 * 86400) return month.format(date);
        const today = day.format(date);
        if (step >= 86400) return today;
        const shown = clock.format(date) === "00:00" || before === "" ? today : clock.format(date);
        before = today;
        return shown;
      });
    };
  }
  for (const plot of (root || document).querySelectorAll("[data-chart]")) draw(plot);
};
window.kawat.charts();
