// What was typed survives a reload, the back button and a change of language, in this tab only (sessionStorage), and is
// forgotten as soon as it was sent in good order.

type Draft = Record<string, string[]>;

const prefix = "draft:";
const sentKey = "draft-sent";

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
export function read(form: HTMLFormElement): Draft {
  const draft: Draft = {};
  for (const control of controls(form)) {
    const values = (draft[control.name] ??= []);
    if (!isBox(control) || control.checked) values.push(control.value);
  }
  return draft;
}

function write(form: HTMLFormElement, draft: Draft): void {
  for (const control of controls(form)) {
    const values = draft[control.name];
    if (!values) continue;
    if (isBox(control)) control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
  }
}

/** forgetSent forgets the draft of the form that was sent last, once a page has come that does not ask for it again. */
export function forgetSent(storage: Storage, page: Document): void {
  const sent = storage.getItem(sentKey);
  if (sent === null || page.body.dataset.problem !== undefined) return;
  storage.removeItem(sentKey);
  if (!page.querySelector(`form[data-draft="${CSS.escape(sent)}"]`)) storage.removeItem(prefix + sent);
}

/** keepDraft restores what was typed into a fresh form and keeps what is typed from now on. */
export function keepDraft(storage: Storage, form: HTMLFormElement): void {
  const name = form.dataset.draft ?? "";
  const kept = storage.getItem(prefix + name);
  if (kept !== null && form.dataset.fresh !== undefined) write(form, JSON.parse(kept) as Draft);
  const keep = () => storage.setItem(prefix + name, JSON.stringify(read(form)));
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", () => {
    keep();
    storage.setItem(sentKey, name);
  });
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
