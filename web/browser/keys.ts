// The keys of the front desk's calendar, and of a doctor's charts. Letters are keys only while no field has the focus, and they can be switched off (WCAG 2.2, 2.1.4).
import { pickAlong } from "./pick";

const off = "desk-keys-off";

function isOff(): boolean {
  try {
    return window.localStorage.getItem(off) !== null;
  } catch {
    return false;
  }
}

function switchKeys(to: boolean): void {
  try {
    if (to) window.localStorage.removeItem(off);
    else window.localStorage.setItem(off, "1");
  } catch {
    // A browser that keeps nothing forgets this as well.
  }
}

/** isKey reports whether a key was pressed for the page: nobody types a text, composes Japanese, or means the browser. */
export function isKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return true;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return false;
  return !(target instanceof HTMLInputElement) || ["checkbox", "radio", "button", "submit"].includes(target.type);
}

/** watchKeys makes the keys work, on a page of the desk. */
export function watchKeys(): void {
  const field = document.querySelector<HTMLInputElement>("input[data-key='/']");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !field || isOff() || !isKey(event)) return;
    event.preventDefault();
    field.focus();
  });
  const desk = document.querySelector<HTMLElement>("[data-desk], [data-consult]");
  if (!desk) {
    // A booking by telephone begins with its key on other pages as well.
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "n" && !isOff() && isKey(event) && !document.querySelector("dialog[open]")) press(event, outside('[data-key="n"]'));
    });
  }
  const box = document.getElementById("keys");
  if (!desk || !(box instanceof HTMLDialogElement)) return;
  for (const hint of document.querySelectorAll<HTMLElement>("[data-keys]")) hint.hidden = false;
  document.querySelector("[data-keys-open]")?.addEventListener("click", () => box.showModal());
  const choice = box.querySelector<HTMLInputElement>("[data-keys-off]");
  if (choice) {
    choice.checked = isOff();
    choice.addEventListener("change", () => switchKeys(!choice.checked));
  }
  if (desk.dataset.consult !== undefined) {
    document.addEventListener("keydown", (event) => {
      if (isOff() || !isKey(event) || document.querySelector("dialog[open]")) return;
      if (event.key.length === 1) letter(event);
      // Only from the top of the page: below it the arrow scrolls, as ever.
      else if (event.key === "ArrowDown" && document.activeElement === document.body && window.scrollY < 8) press(event, outside('[data-key="ArrowDown"]'));
    });
    return;
  }
  rove();
  document.addEventListener("keydown", (event) => {
    if (!isKey(event) || document.querySelector("dialog[open]")) return;
    if (event.key.startsWith("Arrow")) {
      const before = document.activeElement;
      walk(event);
      if (event.shiftKey) pickAlong(before, document.activeElement);
    } else if (event.key === "PageUp" || event.key === "PageDown") turn(event);
    else if (event.key === "Escape") press(event, document.querySelector<HTMLElement>("#panel:not([hidden]) .close"));
    else if (event.key.length === 1 && !isOff()) letter(event);
  });
}

/** turn leads a month on, or back. */
function turn(event: KeyboardEvent): void {
  if (!document.querySelector(".monthly")) return;
  const moves = document.querySelectorAll<HTMLElement>(".tools .moves a");
  press(event, event.key === "PageUp" ? moves[0] : moves[moves.length - 1]);
}

function press(event: KeyboardEvent, element: HTMLElement | null | undefined): void {
  if (!element) return;
  event.preventDefault();
  element.click();
}

/** letter does what a letter stands for: at the cell that has the focus, in the panel, or on the page. */
function letter(event: KeyboardEvent): void {
  const key = event.key.toLowerCase();
  if ((key === "j" || key === "k") && document.querySelector("[data-desk]")) {
    step(event, key === "j" ? 1 : -1);
    return;
  }
  const named = `[data-key="${CSS.escape(key)}"]`;
  const focus = document.activeElement;
  const cell = focus?.closest(".cell, .monthly td");
  const entry = focus instanceof HTMLElement && focus.matches("a[data-panel]") ? focus : null;
  // With another booking in the panel than the one that has the focus, nothing is done to either: it is opened first.
  if (entry && !entry.hasAttribute("aria-current") && ["a", "d", "m"].includes(key)) {
    press(event, entry);
    return;
  }
  press(event, cell?.querySelector<HTMLElement>(named) ?? document.querySelector<HTMLElement>(`#panel:not([hidden]) ${named}`) ?? outside(named));
}

/** outside is what a key means on the page as a whole, and at no cell but the one that has the focus. */
function outside(named: string): HTMLElement | null {
  for (const element of document.querySelectorAll<HTMLElement>(named)) if (!element.closest(".cell, .monthly td, #panel, dialog") && element.checkVisibility()) return element;
  return null;
}

const cells = () => [...document.querySelectorAll<HTMLElement>("#live [data-cell]")].filter((cell) => cell.checkVisibility());

/** rove makes the calendar one stop of the Tab key: the cell that had the focus last, or the first. */
function rove(): void {
  const stop = (current: HTMLElement | undefined) => {
    for (const cell of cells()) cell.tabIndex = cell === current ? 0 : -1;
  };
  stop(cells().find((cell) => cell.hasAttribute("aria-current")) ?? cells()[0]);
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && target.matches("#live [data-cell]")) stop(target);
  });
  // A calendar that was brought up to date has cells that are new.
  document.body.addEventListener("htmx:afterSettle", () => stop(cells().find((cell) => cell.getAttribute("tabindex") === "0") ?? cells()[0]));
}

/** walk moves the focus to the next cell in the direction of an arrow. */
function walk(event: KeyboardEvent): void {
  const all = cells();
  const focus = document.activeElement;
  const from = all.find((cell) => cell === focus || (cell.parentElement?.matches(".cell") && cell.parentElement.contains(focus)));
  if (!from) {
    if (focus !== document.body && !focus?.matches(".calendar-frame")) return;
    event.preventDefault();
    all.find((cell) => cell.tabIndex === 0)?.focus();
    return;
  }
  const here = middle(from);
  const down = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const right = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  let best: HTMLElement | undefined;
  let nearest = Infinity;
  for (const cell of all) {
    if (cell === from) continue;
    const there = middle(cell);
    const along = down !== 0 ? (there.y - here.y) * down : (there.x - here.x) * right;
    const aside = Math.abs(down !== 0 ? there.x - here.x : there.y - here.y);
    if (along < 4 || (down !== 0 && aside > here.width / 2)) continue;
    const distance = along + 3 * aside;
    if (distance < nearest) [best, nearest] = [cell, distance];
  }
  event.preventDefault();
  if (!best) return;
  const open = from.closest<HTMLDetailsElement>("details[open]");
  if (open) open.open = false;
  best.focus();
  best.scrollIntoView({ block: "nearest" });
}

function middle(cell: HTMLElement): { x: number; y: number; width: number } {
  const box = cell.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width };
}

/** step opens the next booking of the day, or the one before. */
function step(event: KeyboardEvent, by: number): void {
  const all = [...document.querySelectorAll<HTMLElement>("a[data-panel]")];
  const current = all.findIndex((entry) => entry.hasAttribute("aria-current"));
  const next = all[current < 0 ? (by > 0 ? 0 : all.length - 1) : current + by];
  next?.focus();
  press(event, next);
}
