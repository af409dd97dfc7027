// What was typed and not sent is kept in this tab only (sessionStorage), so that it survives a reload, the back button and a
// change of language. It is offered to whoever opens the form again and never put over what the server has shown. It belongs to
// the revision it was typed on, and is forgotten once it was sent in good order, when the booking ends, and after an hour: the
// device may be somebody else's by then.

type Values = Record<string, string[]>;

interface Draft {
  at: number; // when it was typed last, in ms since 1970
  revision: string; // of what the form showed; empty for a form that edits nothing stored
  values: Values;
}

const prefix = "draft:";
const sentKey = "draft-sent";

/** draftLife is how long a draft is kept after the last sign was typed, in ms. */
export const draftLife = 60 * 60_000;

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controls(form: HTMLFormElement): Control[] {
  return [...form.elements].filter(
    (e): e is Control =>
      (e instanceof HTMLInputElement && e.type !== "hidden" && e.name !== "") ||
      e instanceof HTMLTextAreaElement ||
      e instanceof HTMLSelectElement,
  );
}

function isBox(control: Control): control is HTMLInputElement {
  return control instanceof HTMLInputElement && (control.type === "checkbox" || control.type === "radio");
}

/** read takes what stands in a form. */
function read(form: HTMLFormElement): Values {
  const values: Values = {};
  for (const control of controls(form)) {
    const here = (values[control.name] ??= []);
    if (!isBox(control) || control.checked) here.push(control.value);
  }
  return values;
}

function write(form: HTMLFormElement, values: Values): void {
  for (const control of controls(form)) {
    const here = values[control.name];
    if (!here) continue;
    if (isBox(control)) control.checked = here.includes(control.value);
    else control.value = here[0] ?? "";
  }
}

function revisionOf(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("input[type=hidden][name=seen-revision]");
}

/** parseDraft reads what is stored; undefined for what is too old, or no draft of this program. */
export function parseDraft(text: string | null, now: number): Draft | undefined {
  try {
    const draft = JSON.parse(text ?? "null") as Partial<Draft> | null;
    if (!draft || typeof draft.at !== "number" || typeof draft.revision !== "string" || typeof draft.values !== "object" || !draft.values) return undefined;
    return now - draft.at < draftLife && draft.at <= now ? (draft as Draft) : undefined;
  } catch {
    return undefined;
  }
}

/** forgetDrafts forgets every draft that is too old, and those whose names begin with one of these. */
export function forgetDrafts(storage: Storage, names: string[], now: number): void {
  for (const key of Object.keys(storage)) {
    if (!key.startsWith(prefix)) continue;
    const ended = names.some((name) => key.startsWith(prefix + name));
    if (ended || !parseDraft(storage.getItem(key), now)) storage.removeItem(key);
  }
}

/** forgetEnded forgets what is over: by time, by what the page says has ended, and the form that was sent last, once a page has
 * come that does not ask for it again. */
export function forgetEnded(storage: Storage, page: Document): void {
  const ended = [...page.querySelectorAll<HTMLElement>("[data-draft-ends]")].flatMap((e) => (e.dataset.draftEnds ?? "").split(" "));
  forgetDrafts(storage, ended.filter((name) => name !== ""), Date.now());
  const sent = storage.getItem(sentKey);
  if (sent === null || page.body.dataset.problem !== undefined) return;
  storage.removeItem(sentKey);
  if (!page.querySelector(`form[data-draft="${CSS.escape(sent)}"]`)) storage.removeItem(prefix + sent);
}

/** only takes the values of the names for which it is asked. */
export function only(values: Values, wanted: (name: string) => boolean): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => wanted(name)));
}

/**
 * keepDraft offers what was typed into a fresh form before, and keeps what is typed from now on. As long as nobody has answered the
 * offer, the earlier draft is kept along with it; and what has been touched since is not overwritten when it is used.
 */
export function keepDraft(storage: Storage, form: HTMLFormElement): void {
  const key = prefix + (form.dataset.draft ?? "");
  const touched = new Set<string>();
  let offered = offerable(storage, key, form);
  const keep = (event?: Event) => {
    if (event?.target instanceof Element) touched.add(event.target.getAttribute("name") ?? "");
    const now = read(form);
    const values = offered ? { ...offered.values, ...only(now, (name) => touched.has(name)) } : now;
    const draft: Draft = { at: Date.now(), revision: offered?.revision ?? revisionOf(form)?.value ?? "", values };
    storage.setItem(key, JSON.stringify(draft));
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", () => {
    keep();
    storage.setItem(sentKey, form.dataset.draft ?? "");
  });

  const note = form.querySelector<HTMLElement>("[data-draft-offer]");
  if (!offered || !note) return;
  note.hidden = false;
  note.querySelector("[data-draft-use]")?.addEventListener("click", () => {
    const draft = offered;
    note.hidden = true;
    offered = undefined;
    if (!draft) return;
    write(form, only(draft.values, (name) => !touched.has(name)));
    // The server compares with what was stored when this was typed, and asks where that has changed since.
    const revision = revisionOf(form);
    if (revision) revision.value = draft.revision;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  note.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
    note.hidden = true;
    offered = undefined;
    if (touched.size > 0) keep();
    else storage.removeItem(key);
  });
}

/** forgetDraft forgets what was typed into a form, because all of it is stored; what was typed before that and is still offered stays. */
export function forgetDraft(storage: Storage, form: HTMLFormElement): void {
  const note = form.querySelector<HTMLElement>("[data-draft-offer]");
  if (!note || note.hidden) storage.removeItem(prefix + (form.dataset.draft ?? ""));
}

/** offerable is the draft that there is, unless the form says the same already. */
function offerable(storage: Storage, key: string, form: HTMLFormElement): Draft | undefined {
  const draft = parseDraft(storage.getItem(key), Date.now());
  if (!draft || form.dataset.fresh === undefined || !form.querySelector("[data-draft-offer]")) return undefined;
  const shown = read(form);
  const same = Object.entries(draft.values).every(([name, values]) => JSON.stringify(shown[name] ?? values) === JSON.stringify(values));
  return same ? undefined : draft;
}

/** tabStorage is the tab's storage, or null where the browser refuses it (some private modes): then nothing is kept. */
export function tabStorage(): Storage | null {
  try {
    window.sessionStorage.setItem("draft-probe", "");
    window.sessionStorage.removeItem("draft-probe");
    return window.sessionStorage;
  } catch {
    return null;
  }
}
