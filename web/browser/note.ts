// A doctor's note saves itself: a second after the last key, and while somebody types on without a pause, every second and a half, so that
// no more than two seconds are ever lost. What is not saved yet is kept in the tab as well (draft.ts). When nobody answers, the page says
// since when, and asks again and again.
import { forgetDrafts, forgetEnded, keepDraft, tabStorage } from "./draft";
import { watchNoteKeys } from "./note_keys";
import { watchPhrases } from "./phrases";

const pause = 1000;
const longest = 1500;
const again = 5000;
const patience = 10_000;
const openEvery = 20_000;
const kept = 60_000; // signs that a browser sends after the page is gone; of more it sends nothing

interface Answer {
  revision?: number;
  saved?: string;
  errors?: Record<string, string>;
  words?: string; // what happened to the counseling meanwhile
  away?: boolean; // whoever writes reads the chart no more
}

/** delay is how long to wait before the next save, given when the first and the last unsaved sign were typed and what time it is. */
export function delay(first: number, last: number, now: number): number {
  return Math.max(0, Math.min(last + pause, first + longest) - now);
}

/** follows is a number for a save that is larger than that of the one before, also when two come at once or the clock is set back. */
export function follows(before: number, now: number): number {
  return Math.max(before + 1, now);
}

/** watchNote makes the note save itself, and forgets what browsers keep of notes that are signed. */
export function watchNote(): void {
  const storage = tabStorage();
  if (storage) {
    forgetEnded(storage, document);
    document.addEventListener("submit", ({ target }) => {
      if (target instanceof HTMLFormElement && target.getAttribute("action") === "/office/sign-out") forgetDrafts(storage, ["note:"], Date.now());
    });
  }
  const form = document.querySelector<HTMLFormElement>("form[data-note]");
  if (!form) return;
  if (storage) keepDraft(storage, form);
  watchNoteKeys(form);
  watchPhrases(form);
  unchoose(form);
  const saver = new Saver(form, storage);
  saver.watch();
  watchOthers(form);
}

/** unchoose lets a choice be taken back by choosing it once more. */
function unchoose(form: HTMLFormElement): void {
  let was: HTMLInputElement | null = null;
  const radio = (target: EventTarget | null) => {
    const box = target instanceof Element ? target.closest("label")?.querySelector<HTMLInputElement>("input[data-unchoose]") : null;
    return box ?? null;
  };
  form.addEventListener("pointerdown", ({ target }) => {
    const box = radio(target);
    was = box?.checked ? box : null;
  });
  form.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target !== was) return;
    was = null;
    take(target);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Backspace" && event.key !== "Delete") return;
    if (!(event.target instanceof HTMLInputElement) || event.target.dataset.unchoose === undefined || !event.target.checked) return;
    event.preventDefault();
    take(event.target);
  });
  const take = (box: HTMLInputElement) => {
    box.checked = false;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
}

class Saver {
  private first = 0; // when what is not saved yet was typed first and last; 0 where all is saved
  private last = 0;
  private timer = 0;
  private flight: AbortController | null = null; // the save that is on its way
  private number = 0; // of the last save
  private stopped = false; // the form is on its way, or another screen came first
  private readonly state: HTMLElement | null;
  private readonly alarm: HTMLElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly storage: Storage | null,
  ) {
    this.state = form.querySelector("[data-note-state]");
    this.alarm = form.querySelector("[data-note-alarm]");
  }

  watch(): void {
    const typed = ({ target }: { target?: EventTarget | null }) => {
      if (target instanceof HTMLElement && target.dataset.apart !== undefined) return; // is no part of the note
      if (this.first === 0) this.first = Date.now();
      this.last = Date.now();
      this.plan(delay(this.first, this.last, Date.now()));
    };
    this.form.addEventListener("input", typed);
    this.form.addEventListener("change", typed);
    this.form.addEventListener("submit", () => {
      this.stopped = true;
      window.clearTimeout(this.timer);
      this.count();
      window.setTimeout(() => (this.stopped = false), 15_000); // a request that was stopped
    });
    window.addEventListener("pageshow", () => (this.stopped = false));
    if (this.form.dataset.fresh === undefined) typed({}); // the page came back with what was typed
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.first !== 0) void this.save(true);
    });
    window.addEventListener("online", () => this.first !== 0 && this.plan(0));
  }

  private plan(wait: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(false), wait);
  }

  private set(name: string, value: string): void {
    const field = this.form.querySelector<HTMLInputElement>(`input[type=hidden][name=${name}]`);
    if (field) field.value = value;
  }

  /** count gives the form the number of its next save. */
  private count(): void {
    this.number = follows(this.number, Date.now());
    this.set("save", String(this.number));
  }

  /**
   * save sends what the form holds. One save is on its way at a time. Who leaves cannot wait for it: it is given up, and what is sent in its
   * place holds all that it held. Should it arrive all the same, before or after, the server tells the two apart by their numbers.
   */
  private async save(leaving: boolean): Promise<void> {
    if (this.stopped || this.first === 0) return;
    if (this.flight && !leaving) {
      this.plan(pause);
      return;
    }
    this.flight?.abort();
    const since = this.last;
    this.count();
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) body.append(name, String(value));
    body.set("do", "auto");
    const gone = new AbortController();
    this.flight = gone;
    const late = window.setTimeout(() => gone.abort(), patience);
    try {
      const answer = await fetch(this.form.getAttribute("action") ?? "", { method: "POST", body, keepalive: leaving && body.toString().length < kept, redirect: "manual", signal: gone.signal });
      if (this.flight === gone) await this.heard(answer, since);
    } catch {
      if (this.flight !== gone) return; // another one was sent in its place
      this.failed(this.form.dataset.unsaved ?? "");
      this.plan(again);
    } finally {
      window.clearTimeout(late);
      if (this.flight === gone) this.flight = null;
    }
  }

  private async heard(response: Response, since: number): Promise<void> {
    if (this.stopped) return;
    const json = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
    if (response.ok && json) {
      const answer = (await response.json()) as Answer;
      this.set("seen-revision", String(answer.revision ?? 0));
      this.happened(answer);
      this.saved(answer.saved ?? "", since);
      return;
    }
    if ((response.status === 409 || response.status === 404) && json) {
      const answer = (await response.json()) as Answer;
      this.stopped = true;
      this.happened(answer);
      this.failed([this.form.dataset.lost, answer.words ?? this.form.dataset.stale].join(" "));
      this.show(answer.words === undefined ? "[data-note-compare]" : "[data-note-copy]", true);
      return;
    }
    if (response.status === 422 && json) {
      const answer = (await response.json()) as Answer;
      this.failed([this.form.dataset.refused, ...Object.values(answer.errors ?? {})].join(" "));
      return; // until something else is typed
    }
    if (response.status === 401) {
      this.failed(this.form.dataset.expired ?? "");
      this.show("[data-note-signin]", true);
    } else {
      this.failed(this.form.dataset.unsaved ?? "");
    }
    this.plan(again);
  }

  private saved(at: string, since: number): void {
    if (this.state) {
      this.state.textContent = (this.form.dataset.saved ?? "%").replace("%", at);
      this.state.hidden = false;
    }
    if (this.alarm) this.alarm.hidden = true;
    const draft = this.form.querySelector("[data-note-draft]");
    if (draft) draft.textContent = at;
    this.show("[data-note-signin]", false);
    this.form.dataset.savedAt = at;
    if (this.last !== since) {
      this.first = since; // more was typed meanwhile
      this.plan(delay(Date.now(), this.last, Date.now()));
      return;
    }
    this.first = 0;
    // What the server has, the tab need not keep; but not while it holds an earlier draft that nobody has answered for yet.
    if (this.form.querySelector("[data-draft-offer]:not([hidden])")) return;
    this.storage?.removeItem("draft:" + (this.form.dataset.draft ?? ""));
  }

  /** happened says what happened to the counseling while somebody wrote; of a chart that they read no more, nothing stays on the screen. */
  private happened(answer: Answer): void {
    const news = this.form.querySelector<HTMLElement>("[data-note-news]");
    const words = answer.revision === undefined ? "" : (answer.words ?? ""); // otherwise the alarm says it
    if (news && news.textContent !== words) news.textContent = words;
    if (!answer.away) return;
    document.querySelectorAll("[data-chart-text]").forEach((part) => part.remove());
    // A box that follows from the patient's answers tells of them; one that is ticked is the doctor's own record.
    document.querySelectorAll(".note-follows label:not(:has(:checked))").forEach((box) => box.remove());
    document.querySelectorAll(".note-follows:not(:has(label))").forEach((boxes) => boxes.remove());
  }

  /** failed says in red that not all is saved, and since when. */
  private failed(text: string): void {
    if (!this.alarm) return;
    const at = (this.form.dataset.savedAt || new Date(this.first).toTimeString()).slice(0, 5);
    const words = text.replace("%", at);
    if (this.alarm.textContent !== words) this.alarm.textContent = words;
    this.alarm.hidden = false;
    if (this.state) this.state.hidden = true;
  }

  private show(selector: string, on: boolean): void {
    const element = this.form.querySelector<HTMLElement>(selector);
    if (element) element.hidden = !on;
  }
}

/** watchOthers says who else has the note open, for as long as somebody looks at this page. */
function watchOthers(form: HTMLFormElement): void {
  const line = document.querySelector<HTMLElement>("[data-note-others]");
  const screen = form.querySelector<HTMLInputElement>("input[name=screen]")?.value ?? "";
  const address = (form.getAttribute("action") ?? "") + "/open";
  const say = async () => {
    if (document.visibilityState === "hidden") return;
    try {
      // This is not what somebody does, so it does not keep their session going.
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ screen }), headers: { Live: "yes" }, redirect: "manual" });
      const { words } = answer.ok ? ((await answer.json()) as { words: string }) : { words: "" };
      if (line && line.textContent !== words) line.textContent = words;
    } catch {
      if (line) line.textContent = ""; // nobody knows
    }
  };
  void say();
  window.setInterval(() => void say(), openEvery);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void say();
    else fetch(address, { method: "POST", body: new URLSearchParams({ screen, leave: "yes" }), headers: { Live: "yes" }, keepalive: true }).catch(() => undefined);
  });
}
