// A doctor's own phrases: in a text of the note, a semicolon and the beginning of a shortcut list them; ↑↓ choose, Tab or Enter inserts, Esc
// leaves the text as it is. While Japanese is composed the list only shows itself and takes no key.
import { composing } from "./note_keys";

interface Phrase {
  shortcut: string;
  text: string;
}

const most = 6;

/** asHiragana makes katakana hiragana, and wide letters narrow, so that a shortcut is found however it is typed. */
export function asHiragana(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0x60));
}

/** begun is the shortcut that is being typed before a place in a text: what follows the last semicolon; undefined where there is none. */
export function begun(text: string, caret: number): { from: number; typed: string } | undefined {
  const before = text.slice(0, caret);
  const from = Math.max(before.lastIndexOf(";"), before.lastIndexOf("；"));
  if (from < 0) return undefined;
  const typed = before.slice(from + 1);
  return /^[\p{L}\p{N}\p{M}ー]{0,20}$/u.test(typed) ? { from, typed } : undefined;
}

/** matching are the phrases whose shortcut begins so, in their order. */
export function matching(all: Phrase[], typed: string): Phrase[] {
  const wanted = asHiragana(typed);
  return all.filter((phrase) => asHiragana(phrase.shortcut).startsWith(wanted)).slice(0, most);
}

/** watchPhrases lists the phrases below each text of the form. */
export function watchPhrases(form: HTMLFormElement): void {
  const all = [...form.querySelectorAll<HTMLElement>("[data-phrase-list] > li")].map((item) => ({ shortcut: item.dataset.shortcut ?? "", text: item.textContent ?? "" }));
  if (all.length === 0) return;
  for (const field of form.querySelectorAll<HTMLTextAreaElement>("textarea[data-phrases]")) watchField(form, field, all);
}

function watchField(form: HTMLFormElement, field: HTMLTextAreaElement, all: Phrase[]): void {
  const list = document.createElement("ul");
  list.className = "phrase-list";
  list.id = `${field.id}-phrases`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.phrasesLabel ?? "");
  list.hidden = true;
  field.after(list);
  let found: Phrase[] = [];
  let at = 0;

  const close = () => {
    list.hidden = true;
    found = [];
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
  };
  const draw = () => {
    list.replaceChildren(
      ...found.map((phrase, i) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(i === at));
        const name = document.createElement("b");
        name.textContent = `;${phrase.shortcut}`;
        const text = document.createElement("span");
        text.textContent = phrase.text;
        item.append(name, text);
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // the text keeps the focus
          at = i;
          insert();
        });
        return item;
      }),
    );
    if (list.hidden) {
      list.hidden = false;
      list.scrollIntoView({ block: "nearest" });
    }
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-activedescendant", `${list.id}-${at}`);
  };
  const look = () => {
    const here = begun(field.value, field.selectionEnd);
    found = here ? matching(all, here.typed) : [];
    at = 0;
    if (found.length === 0) close();
    else draw();
  };
  const insert = () => {
    const here = begun(field.value, field.selectionEnd);
    const phrase = found[at];
    if (!here || !phrase) return;
    field.setRangeText(phrase.text, here.from, field.selectionEnd, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  field.addEventListener("input", look);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden || composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        at = (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
        draw();
        break;
      case "Tab":
      case "Enter":
        insert();
        break;
      case "Escape":
        close();
        break;
      default:
        return;
    }
    event.preventDefault();
  });
}
