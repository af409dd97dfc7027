// A booking taken on the telephone, by keyboard alone: Tab through the fields, ↓ into a list, Enter or a number to choose, Ctrl+Enter to
// book, Esc to close. The form works without any of this. What is typed is kept in this tab (see draft.ts), and put back when the form
// is opened again.
import { parseDraft, tabStorage } from "./draft";
import { htmx } from "./live";

const draftKey = "draft:call";
const storage = tabStorage();

/** lookAfter is how long nobody types before the server is asked, in ms. */
const lookAfter = 180;

let waiting: number | undefined;
let wanted = false; // the server is to be asked once it has answered what it was asked before
let open = 0; // how many answers are waited for
let swapping = false; // an answer is being put into the page
let sent = false; // the form was sent to book
let then: (() => void) | undefined; // what is done once the answer is there
let ahead: string[] | undefined; // the keys pressed since a list was asked for that is not there yet

function call(): HTMLFormElement | null {
  const form = document.getElementById("call");
  return form instanceof HTMLFormElement ? form : null;
}

/**
 * look sends the form as it is, for what the server finds, or does so when the answer before is there. htmx has a queue of its own, but
 * forgets it when an answer changes an attribute of the form, and with it the request.
 */
function look(form: HTMLFormElement): void {
  window.clearTimeout(waiting);
  waiting = undefined;
  form.setAttribute("aria-busy", "true");
  wanted = open > 0 || swapping;
  if (!wanted) htmx.trigger(form, "look", {});
}

function lookSoon(form: HTMLFormElement): void {
  window.clearTimeout(waiting);
  form.setAttribute("aria-busy", "true");
  waiting = window.setTimeout(() => look(form), lookAfter);
}

/** settled reports whether what stands in the lists is of what was typed. */
function settled(form: HTMLFormElement): boolean {
  return form.getAttribute("aria-busy") !== "true" && !wanted && open === 0 && !swapping && waiting === undefined;
}

/** whenSettled does something now, or once the answer is there. */
function whenSettled(form: HTMLFormElement, act: () => void): void {
  if (settled(form)) {
    act();
    return;
  }
  then = act;
  if (waiting !== undefined) look(form);
}

/** intoList is whenSettled for what leads into a list: keys pressed meanwhile are meant for the list, and are kept for it. */
function intoList(form: HTMLFormElement, act: () => void): void {
  if (settled(form)) {
    act();
    return;
  }
  const keys: string[] = [];
  ahead = keys;
  whenSettled(form, () => {
    act();
    for (const key of keys) document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
}

function choices(form: HTMLFormElement, list: string): HTMLInputElement[] {
  return [...form.querySelectorAll<HTMLInputElement>(`[data-call-list="${list}"] [data-call-choice]`)];
}

/** listOf is the list that belongs to a field or in which an element stands. */
function listOf(element: Element): string | undefined {
  return element.closest<HTMLElement>("[data-call-list]")?.dataset.callList ?? (element instanceof HTMLElement ? element.dataset.callField : undefined);
}

function focus(id: string): void {
  document.getElementById(id)?.focus();
}

/** choose ticks a row and goes to the next question. */
function choose(form: HTMLFormElement, choice: HTMLInputElement): void {
  const list = listOf(choice);
  choice.checked = true;
  look(form);
  if (list === "patient") {
    focus("call-wish");
    return;
  }
  // The first of the fields without which nothing can be booked, or else the button.
  then = () => {
    const here = call();
    if (!here) return;
    const empty = ["kana", "phone"].map((id) => document.getElementById(id)).find((field) => field instanceof HTMLInputElement && field.value === "");
    (empty ?? here.querySelector<HTMLElement>("[data-call-book]"))?.focus();
  };
}

/** quiet takes what is reached through a list out of the way of Tab. */
function quiet(form: HTMLFormElement): void {
  for (const button of form.querySelectorAll<HTMLElement>("[data-call-plain]")) button.hidden = true;
  for (const choice of form.querySelectorAll<HTMLElement>("[data-call-choice], .more-ways button, .call-more summary")) choice.tabIndex = -1;
}

interface Kept {
  at: number;
  revision: string;
  values: Record<string, string[]>;
}

function keep(form: HTMLFormElement): void {
  const values: Record<string, string[]> = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") (values[name] ??= []).push(value);
  const kept: Kept = { at: Date.now(), revision: "", values };
  storage?.setItem(draftKey, JSON.stringify(kept));
}

export function forgetCall(): void {
  storage?.removeItem(draftKey);
}

/** restore puts back what was typed in this tab before the form was closed. */
function restore(form: HTMLFormElement): void {
  const draft = parseDraft(storage?.getItem(draftKey) ?? null, Date.now());
  // Whoever begins with a patient begins anew.
  if (!draft || form.dataset.fresh === undefined || form.dataset.whose !== undefined) return;
  const values: Record<string, string> = {};
  for (const [name, list] of Object.entries(draft.values)) values[name] = list[list.length - 1] ?? "";
  if (!["q", "wish", "kana", "phone", "email", "memo", "patient"].some((name) => (values[name] ?? "") !== "")) return;
  delete values.do;
  // Beside a calendar it is about the calendar's branch, whatever was looked at before.
  const branch = form.querySelector<HTMLInputElement | HTMLSelectElement>("[name=branch]")?.value;
  if (document.querySelector("#panel #call") && branch && values.branch !== branch) {
    values.branch = branch;
    delete values.slot;
  }
  const slot = form.querySelector<HTMLInputElement>("[name=slot]:checked");
  if (slot) values.slot = slot.value; // the time on which the form was opened now
  void htmx.ajax("post", "/office/phone", { source: form, target: form, swap: "morph:outerHTML", values }).then(() => {
    const note = document.querySelector<HTMLElement>("[data-call-restored]");
    if (note) note.hidden = false;
    if (!document.activeElement?.closest("#call")) focus("call-q"); // whoever has gone on to another field stays there
  });
}

/** close keeps what was typed. Whoever shows the form in a panel listens to call:close and prevents its default, which is to go to the day. */
function close(element: HTMLElement): void {
  const form = call();
  if (form) keep(form);
  const closing = new CustomEvent("call:close", { bubbles: true, cancelable: true });
  if (!element.dispatchEvent(closing)) return;
  const back = element.querySelector<HTMLAnchorElement>("[data-call-close]");
  if (back) window.location.assign(back.href);
}

function onKey(event: KeyboardEvent): void {
  const target = event.target;
  const panel = document.getElementById("call");
  if (!panel || !(target instanceof HTMLElement) || event.isComposing || event.keyCode === 229) return;
  const inside = target.closest("#call") !== null || target === document.body;
  if (!inside) return;
  if (event.key === "Escape") {
    event.preventDefault();
    close(panel);
    return;
  }
  const form = call();
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    const book = form.querySelector<HTMLButtonElement>("[data-call-book]");
    if (book) whenSettled(form, () => call()?.requestSubmit(document.querySelector<HTMLButtonElement>("[data-call-book]")));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (ahead && (event.key.length === 1 || event.key === "Enter" || event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    ahead.push(event.key);
    return;
  }
  const list = listOf(target);
  if (!list) return;
  const field = target.dataset.callField !== undefined;
  if (field) {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      intoList(form, () => enter(list));
    } else if (event.key === "Enter") {
      event.preventDefault();
      intoList(form, () => {
        const here = call();
        const rows = here ? choices(here, list) : [];
        // One registered person, or somebody new alone, is who was meant; of several, one is chosen.
        const sure = list === "patient" && rows.length <= 2;
        if (here && sure && rows[0]) choose(here, rows[0]);
        else enter(list);
      });
    }
    return;
  }
  const rows = choices(form, list);
  const at = rows.findIndex((row) => row === target);
  const number = rows.find((row) => row.dataset.callNumber === event.key);
  const key = form.querySelector<HTMLElement>(`[data-call-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) next.focus();
    else if (event.key === "ArrowUp") form.querySelector<HTMLElement>(`[data-call-field="${list}"]`)?.focus();
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    const row = rows[at];
    if (row) choose(form, row);
  } else if (number) {
    event.preventDefault();
    choose(form, number);
  } else if (key && list !== "patient") {
    event.preventDefault();
    then = () => {
      if (document.getElementById("call-outside")) focus("date");
      else enter("slot");
    };
    key.click();
  }
}

/** isCalling reports whether a form of a call is open. */
export function isCalling(): boolean {
  return call() !== null;
}

/** chooseTime chooses a slot for the call that is open, as its row in the list does, also where it is not among those that are offered. */
export function chooseTime(slot: string): void {
  const form = call();
  if (!form) return;
  const row = form.querySelector<HTMLInputElement>(`[data-call-list="slot"] [data-call-choice][value="${CSS.escape(slot)}"]`);
  if (row) {
    choose(form, row);
    return;
  }
  void htmx.ajax("post", "/office/phone", { source: form, target: form, swap: "morph:outerHTML", values: { slot } });
  focus("call-q");
}

/** enter puts the focus into a list: on the row that is chosen, or the first. */
function enter(list: string): void {
  const form = call();
  const rows = form ? choices(form, list) : [];
  (rows.find((row) => row.checked) ?? rows[0])?.focus();
}

/** ready is done for each form that appears, by a page or by htmx. */
function ready(): void {
  const form = call();
  if (form) quiet(form);
}

/** mark writes the numbers of the times that are offered at their cells, where the calendar beside the form shows them. */
function mark(form: HTMLFormElement | null): void {
  for (const cell of document.querySelectorAll<HTMLElement>("[data-number]")) delete cell.dataset.number;
  if (!form) return;
  for (const row of choices(form, "slot")) {
    const cell = document.getElementById(`slot-${row.value}`);
    if (cell) cell.dataset.number = row.dataset.callNumber;
  }
}

function settle(): void {
  swapping = false;
  const form = call();
  mark(form);
  if (!form) return;
  ready();
  if (wanted && open === 0) look(form);
  if (waiting !== undefined || open > 0) return; // something has been typed or chosen since
  form.removeAttribute("aria-busy");
  const act = then;
  then = undefined;
  ahead = undefined;
  const wrong = form.querySelector<HTMLElement>("[aria-invalid=true]") ?? document.getElementById("call-alert");
  if (wrong && sent) wrong.focus();
  else if (act) act();
  sent = false;
}

/** begin makes the forms of calls live, those that come later included. */
export function begin(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", (event) => {
    const form = call();
    const target = event.target;
    if (!form || !(target instanceof HTMLElement) || !target.closest("#call")) return;
    keep(form);
    if (target.dataset.callLook !== undefined || target.dataset.callTyped !== undefined) lookSoon(form);
  });
  document.addEventListener("change", (event) => {
    const form = call();
    const target = event.target;
    if (!form || !(target instanceof HTMLElement) || !target.closest("#call")) return;
    keep(form);
    if (target.dataset.callChoice !== undefined && target instanceof HTMLInputElement) {
      // Of a time that is gone, what was chosen instead is held.
      look(form);
    }
  });
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    if (target.closest("[data-call-drop]")) {
      forgetCall();
      const again = new CustomEvent("call:again", { bubbles: true, cancelable: true });
      if (target.dispatchEvent(again)) window.location.assign("/office/phone");
    }
    const back = target.closest<HTMLElement>("[data-call-close]");
    const panel = document.getElementById("call");
    if (back && panel) {
      event.preventDefault();
      close(panel);
    }
  });
  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if (pressed instanceof HTMLElement && pressed.dataset.callBook !== undefined) sent = true;
  });
  // htmx sends the button that was clicked last, also where nobody has pressed it now: looking must never book.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!(event instanceof CustomEvent) || !(event.target instanceof HTMLElement) || event.target.id !== "call") return;
    const detail = event.detail as { parameters: Record<string, unknown>; triggeringEvent?: Event };
    const by = detail.triggeringEvent;
    const pressed = by instanceof SubmitEvent ? by.submitter : null;
    delete detail.parameters.do;
    if (pressed instanceof HTMLButtonElement && pressed.name === "do") detail.parameters.do = pressed.value;
  });
  const ofCall = (event: Event): boolean => event instanceof CustomEvent && (event.detail as { elt?: Element }).elt?.id === "call";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (ofCall(event)) open++;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (ofCall(event)) swapping = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!ofCall(event)) return;
    open = Math.max(0, open - 1);
    if (swapping || open > 0) return;
    // No answer came, or none for this form: what was typed stays, and may be sent again.
    wanted = false;
    sent = false;
    then = undefined;
    ahead = undefined;
    call()?.removeAttribute("aria-busy");
  });
  // What has been booked is not offered again, however soon the next call is taken.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const xhr = event instanceof CustomEvent ? (event.detail as { xhr?: XMLHttpRequest }).xhr : undefined;
    if (xhr?.responseURL.includes("/office/phone?booked=")) forgetCall();
  });
  // Beside a calendar that brings itself up to date, what settles there says nothing of the answer that is waited for here.
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target instanceof Element && target.closest("#call, #panel, .call-page")) settle();
    else mark(call());
  });
  document.addEventListener("htmx:load", () => {
    const form = call();
    if (!form && document.querySelector("[data-call-booked]")) focus("call-reference");
    if (form && form.dataset.begun === undefined && form.dataset.fresh !== undefined) {
      form.dataset.begun = "";
      ready();
      const typed = form.querySelector<HTMLInputElement>("#call-q")?.value !== ""; // before this was ready
      if (!typed) restore(form);
      if (typed || form.dataset.look !== undefined) look(form);
    }
  });
  ready();
  if (document.querySelector("[data-call-booked]")) forgetCall();
  // Whoever has signed out leaves nothing behind.
  if (document.querySelector('form[action="/office/sign-in"]')) forgetCall();
}
