// The week of opening hours, drawn: bars are picked, moved and resized with keys or by dragging, and added on empty space. All of it writes
// into the fields below and asks the server to draw the page anew, so that the fields alone do the same.
import { moved, quarter, readClock, writeClock } from "./clock";
import { htmx } from "./live";

function field(key: string, name: string): HTMLInputElement | null {
  const found = document.getElementById(`${name}-${key}`);
  return found instanceof HTMLInputElement ? found : null;
}

function week(): HTMLFormElement | null {
  const form = document.getElementById("week");
  return form instanceof HTMLFormElement && form.dataset.week !== undefined ? form : null;
}

function set(form: HTMLFormElement, name: string, value: string): void {
  const hidden = form.querySelector<HTMLInputElement>(`input[type=hidden][name=${name}]`);
  if (hidden) hidden.value = value;
}

/** changes counts what was done to the page. An answer to what was asked before the latest of it is not shown, because the next one is on its way. */
let changes = 0;
const asked = new WeakMap<object, number>();

/** redraw asks the server for the page as the fields have it. */
function redraw(form: HTMLFormElement): void {
  changes++;
  htmx.trigger(form, "redraw", {});
}

/** step has the server add or remove a span; steps that it has not answered yet go with the next one. */
function step(form: HTMLFormElement, words: string): void {
  const hidden = form.querySelector<HTMLInputElement>("input[type=hidden][name=steps]");
  if (hidden) hidden.value = `${hidden.value} ${words}`.trim();
  redraw(form);
}

function pick(form: HTMLFormElement, key: string): void {
  set(form, "picked", key);
  for (const bar of form.querySelectorAll<HTMLElement>("[data-bar]")) bar.classList.toggle("picked", bar.dataset.bar === key);
  for (const strip of form.querySelectorAll<HTMLElement>("[data-span]")) strip.classList.toggle("picked", strip.dataset.span === key);
}

function move(form: HTMLFormElement, key: string, first: number, last: number): void {
  const from = field(key, "from");
  const until = field(key, "until");
  const a = readClock(from?.value ?? "");
  const b = readClock(until?.value ?? "");
  if (!from || !until || a === null || b === null) return;
  const [start, end] = moved(a, b, first, last);
  from.value = writeClock(start);
  until.value = writeClock(end);
  redraw(form);
}

/** minuteAt is the quarter of an hour at a place on a row. */
function minuteAt(row: HTMLElement, x: number): number {
  const box = row.getBoundingClientRect();
  const first = Number(row.dataset.first) * 60;
  const last = Number(row.dataset.last) * 60;
  const at = first + ((x - box.left) / box.width) * (last - first);
  return Math.min(Math.max(Math.round(at / quarter) * quarter, first), last);
}

interface Drag {
  form: HTMLFormElement;
  row: HTMLElement;
  key: string; // of the bar whose end is dragged; empty for what is drawn anew
  end: "from" | "until";
  start: number;
}

function begin(event: PointerEvent): Drag | null {
  const form = week();
  const target = event.target instanceof Element ? event.target : null;
  const row = target?.closest<HTMLElement>("[data-day]");
  if (!form || !row?.closest("#week") || event.button !== 0) return null;
  const grip = target?.closest<HTMLElement>("[data-grip]");
  const bar = target?.closest<HTMLElement>("[data-bar]");
  const start = minuteAt(row, event.clientX);
  if (grip && bar) return { form, row, key: bar.dataset.bar ?? "", end: grip.dataset.grip === "from" ? "from" : "until", start };
  return target?.closest("a, button") ? null : { form, row, key: "", end: "until", start };
}

function finish(drag: Drag, x: number): void {
  const at = minuteAt(drag.row, x);
  if (drag.key !== "") {
    pick(drag.form, drag.key);
    const by = at - drag.start;
    if (by !== 0) move(drag.form, drag.key, drag.end === "from" ? by : 0, drag.end === "until" ? by : 0);
    return;
  }
  let [from, until] = [Math.min(drag.start, at), Math.max(drag.start, at)];
  if (until - from < quarter * 2) {
    from = Math.floor(from / 60) * 60;
    until = Math.min(from + 180, Number(drag.row.dataset.last) * 60);
  }
  step(drag.form, `add,${drag.row.dataset.day},${writeClock(from)},${writeClock(until)}`);
}

function onKey(event: KeyboardEvent): void {
  const form = week();
  // While the preview is open, Enter in a field looks and does not save.
  if (form && event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.form === form) {
    event.preventDefault();
    redraw(form);
    return;
  }
  const bar = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-bar]") : null;
  const key = bar?.dataset.bar;
  if (!form || !key || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = event.key === "ArrowLeft" ? -quarter : event.key === "ArrowRight" ? quarter : 0;
  if (by !== 0) {
    event.preventDefault();
    pick(form, key);
    if (event.shiftKey) move(form, key, 0, by);
    else move(form, key, by, by);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    const bars = [...form.querySelectorAll<HTMLElement>("[data-bar]")];
    (bars[bars.indexOf(bar) + 1] ?? bars[bars.indexOf(bar) - 1])?.focus();
    step(form, `remove,${key}`);
  } else if (event.key === "Enter") {
    event.preventDefault();
    pick(form, key);
    field(key, "from")?.select();
  }
}

/** askBeforeLeaving has the browser ask before what is drawn and not saved is lost. Saving, and giving it up by its own button, are no losses. */
function askBeforeLeaving(): void {
  let wanted = false;
  let drawn = false; // something that the server has not answered yet
  const draw = (event: Event) => {
    if (event.target instanceof Element && event.target.closest("#week")) drawn = true;
  };
  document.addEventListener("change", draw);
  document.addEventListener("redraw", draw);
  document.addEventListener("htmx:afterSwap", () => {
    drawn = false;
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-discard]")) wanted = true;
  });
  document.addEventListener("submit", (event) => {
    const save = document.querySelector<HTMLButtonElement>(".preview-go button.button");
    if (save?.form === event.target) wanted = true;
  });
  window.addEventListener("pageshow", () => {
    wanted = false;
  });
  window.addEventListener("beforeunload", (event) => {
    const unsaved = document.querySelector(".preview-go .unsaved") !== null || drawn;
    if (unsaved && !wanted) event.preventDefault();
  });
}

/** drawHours lets the week be drawn, on whatever page has one. */
export function drawHours(): void {
  if (!document.getElementById("hours")) return;
  let drag: Drag | null = null;
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", (event) => {
    drag = begin(event);
    if (drag) event.preventDefault();
  });
  document.addEventListener("pointerup", (event) => {
    if (drag) finish(drag, event.clientX);
    drag = null;
  });
  document.addEventListener("pointercancel", () => {
    drag = null;
  });
  document.addEventListener("change", () => changes++, { capture: true });
  askBeforeLeaving();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event instanceof CustomEvent) asked.set(event.detail.xhr, changes);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event instanceof CustomEvent && (asked.get(event.detail.xhr) ?? changes) < changes) event.detail.shouldSwap = false;
  });
  document.addEventListener("click", (event) => {
    const form = week();
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("#week button[name=step]") : null;
    if (form && button) {
      event.preventDefault();
      step(form, button.value);
      return;
    }
    const bar = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-bar]") : null;
    if (!form || !bar?.dataset.bar) return;
    event.preventDefault();
    pick(form, bar.dataset.bar);
  });
}
