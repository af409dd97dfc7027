// Slots of the week are chosen with the mouse, by a finger that stays, or by keys, and then changed together. What is chosen is said in words
// below the calendar. Without a script boxes do the same.
import { isKey } from "./keys";

/** press is how long a finger rests on a slot until it is chosen, in milliseconds. */
const press = 500;

/** begun is how far the mouse goes before it chooses, in pixels; before that it is a click. */
const begun = 6;

/** mostWords is how many of the chosen slots are named. */
const mostWords = 8;

const picked = new Set<string>();

const bar = () => document.getElementById("picked");
const chips = () => [...document.querySelectorAll<HTMLElement>("#live [data-pick]")];

/** show marks what is chosen, says it, and offers what can be done with it. What is there no more, or in another state, is not chosen any more. */
function show(): void {
  const strip = bar();
  if (!strip) return;
  const all = chips();
  for (const id of picked) if (!all.some((chip) => chip.dataset.pick === id)) picked.delete(id);
  const chosen: HTMLElement[] = [];
  for (const chip of all) {
    const is = picked.has(chip.dataset.pick ?? "");
    if (is) {
      chosen.push(chip);
      chip.dataset.picked = "";
      chip.setAttribute("aria-description", strip.dataset.said ?? "");
    } else {
      delete chip.dataset.picked;
      chip.removeAttribute("aria-description");
    }
  }
  strip.hidden = chosen.length === 0;
  for (const hint of document.querySelectorAll<HTMLElement>("[data-pick-hint]")) hint.hidden = chosen.length > 0;
  const kinds = new Set(chosen.map((chip) => chip.dataset.kind ?? ""));
  for (const button of strip.querySelectorAll<HTMLElement>("[data-for]")) button.hidden = !(button.dataset.for ?? "").split(" ").some((kind) => kinds.has(kind));
  const count = strip.querySelector("[data-picked-count]");
  if (count) count.textContent = (strip.dataset.count ?? "%").replace("%", String(chosen.length));
  const said = strip.querySelector("[data-picked-words]");
  if (said) said.textContent = words(chosen, strip.dataset.more ?? "%");
  for (const old of strip.querySelectorAll("input[name=slot]")) old.remove();
  for (const chip of chosen) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "slot";
    field.value = chip.dataset.pick ?? "";
    strip.append(field);
  }
}

/** words names slots by doctor, day and time: 例示 葵 11/27 16:00・17:00、11/28 17:00. */
function words(chosen: HTMLElement[], more: string): string {
  let text = "";
  let who = "";
  let day = "";
  const sorted = [...chosen].sort((a, b) => (a.dataset.who ?? "").localeCompare(b.dataset.who ?? ""));
  for (const { dataset } of sorted.slice(0, mostWords)) {
    if (dataset.who !== who) text += `${text === "" ? "" : "、"}${dataset.who} ${dataset.day} ${dataset.clock}`;
    else if (dataset.day !== day) text += `、${dataset.day} ${dataset.clock}`;
    else text += `・${dataset.clock}`;
    who = dataset.who ?? "";
    day = dataset.day ?? "";
  }
  return chosen.length > mostWords ? `${text}、${more.replace("%", String(chosen.length - mostWords))}` : text;
}

function toggle(chip: HTMLElement): void {
  const id = chip.dataset.pick ?? "";
  if (!picked.delete(id)) picked.add(id);
  show();
}

function clear(): void {
  picked.clear();
  show();
}

/** pickAlong chooses both the slots between which somebody goes with the Shift key. */
export function pickAlong(from: Element | null, to: Element | null): void {
  for (const chip of [from, to]) if (chip instanceof HTMLElement && chip.dataset.pick !== undefined) picked.add(chip.dataset.pick);
  show();
}

/** watchPick makes slots of the week choosable. */
export function watchPick(): void {
  if (!bar()) return;
  let touching = false;
  let swallow = false; // the click that ends a choice opens nothing
  document.addEventListener("pointerdown", (down) => {
    const target = down.target instanceof Element ? down.target : null;
    const chip = target?.closest<HTMLElement>("[data-pick]") ?? null;
    swallow = false;
    touching = down.pointerType === "touch";
    if (down.button !== 0 || !target?.closest("#live .weekly td")) return;
    if (touching) {
      if (!chip) return;
      const rest = window.setTimeout(() => {
        toggle(chip);
        swallow = true;
      }, press);
      const leave = () => window.clearTimeout(rest);
      for (const end of ["pointerup", "pointercancel", "scroll"]) document.addEventListener(end, leave, { once: true, capture: true });
      return;
    }
    const before = new Set(picked);
    let drawing = false;
    const move = (event: PointerEvent) => {
      if (!drawing && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < begun) return;
      drawing = true;
      document.body.classList.add("choosing");
      const [left, right] = [Math.min(down.clientX, event.clientX), Math.max(down.clientX, event.clientX)];
      const [top, bottom] = [Math.min(down.clientY, event.clientY), Math.max(down.clientY, event.clientY)];
      picked.clear();
      for (const id of before) picked.add(id);
      for (const each of chips()) {
        const box = each.getBoundingClientRect();
        if (box.left < right && box.right > left && box.top < bottom && box.bottom > top) picked.add(each.dataset.pick ?? "");
      }
      show();
    };
    const stop = () => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", stop);
      document.removeEventListener("pointercancel", stop);
      document.body.classList.remove("choosing");
      swallow = drawing;
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", stop);
    document.addEventListener("pointercancel", stop);
  });
  document.addEventListener(
    "click",
    (event) => {
      const chip = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-pick]") : null;
      if (!swallow && !(chip && event.shiftKey)) return;
      event.preventDefault();
      event.stopPropagation();
      if (!swallow && chip) toggle(chip);
      swallow = false;
    },
    { capture: true },
  );
  // A finger that stays opens no menu of the browser, and the mouse carries no link away.
  document.addEventListener("contextmenu", (event) => {
    if (touching && event.target instanceof Element && event.target.closest("[data-pick]")) event.preventDefault();
  });
  document.addEventListener("dragstart", (event) => {
    if (event.target instanceof Element && event.target.closest("#live .weekly a")) event.preventDefault();
  });
  document.querySelector("[data-picked-leave]")?.addEventListener("click", clear);
  document.addEventListener("keydown", (event) => {
    const chip = document.activeElement;
    if (!isKey(event) || document.querySelector("dialog[open]")) return;
    if (event.key === " " && chip instanceof HTMLElement && chip.dataset.pick !== undefined) {
      event.preventDefault();
      toggle(chip);
    } else if (event.key === "Escape" && picked.size > 0 && !document.querySelector("#panel:not([hidden])")) {
      event.preventDefault();
      clear();
    }
  });
  document.body.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);
}
