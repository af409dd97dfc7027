// Stores what is given in a form of the questionnaire as it is given, in small requests, so that a battery that dies takes nothing along
// and another device goes on where this one stopped. Without this script the whole section is stored when it is sent.

/** How long after a tap, or after the last sign typed, it is stored, in ms. */
const afterTap = 400;
const afterType = 1200;
/** After how long it is tried again when it could not be stored. */
const again = 5000;

interface Kept {
  revision: number;
  answered: number;
  asked: number;
  progress: string;
  left: string;
  saved: string;
}

/** keepAnswers stores what is given in a form from now on. kept is called when all that the form holds is stored. */
export function keepAnswers(form: HTMLFormElement, kept: () => void): void {
  const revision = form.querySelector<HTMLInputElement>("input[type=hidden][name=seen-revision]");
  const state = form.querySelector<HTMLElement>("[data-kept]");
  if (!revision || !state) return;
  state.hidden = false;
  let timer = 0;
  let changed = false;
  let sending: Promise<void> | undefined;
  let over = false; // the form is sent, or is older than what is stored, which is asked about when it is sent

  const send = (leaving = false): Promise<void> => {
    window.clearTimeout(timer);
    if (sending || over || !changed) return sending ?? Promise.resolve();
    changed = false;
    sending = post(form, leaving)
      .then(async (response) => {
        if (response.status >= 400 && response.status < 500 && response.status !== 429) {
          over = true; // it was answered elsewhere: once the form is sent, the patient is asked
          say(state, state.dataset.older ?? "", true);
        } else if (response.ok && response.headers.get("Content-Type")?.startsWith("application/json")) {
          const now = (await response.json()) as Kept;
          revision.value = String(now.revision);
          show(now);
          say(state, now.saved, false);
          if (!changed) kept();
        } else {
          throw new Error(String(response.status));
        }
      })
      .catch(() => {
        changed = true;
        say(state, state.dataset.failed ?? "", true);
        later(again);
      })
      .finally(() => {
        sending = undefined;
        if (changed) later(afterTap);
      });
    return sending;
  };
  const later = (ms: number) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(), ms);
  };
  const note = ({ target }: Event) => {
    changed = true;
    later(target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text") ? afterType : afterTap);
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    if (!sending) {
      over = true;
      return;
    }
    // What is on its way raises the revision, so that the form would meet itself.
    event.preventDefault();
    event.stopPropagation();
    const by = event.submitter;
    void sending.finally(() => {
      changed = false;
      window.clearTimeout(timer);
      form.requestSubmit(by);
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void send(true);
  });
  window.addEventListener("online", () => void send());
}

/** post sends the form as it stands. When the page is left, the browser finishes the request all the same. */
function post(form: HTMLFormElement, leaving: boolean): Promise<Response> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  body.set("next", "keep");
  return fetch(form.getAttribute("action") ?? "", { method: "POST", body, keepalive: leaving, signal: AbortSignal.timeout(8000) });
}

/** say writes what became of it. Only what is wrong is spoken: a sentence after every tap would be in the way. */
function say(state: HTMLElement, text: string, wrong: boolean): void {
  state.classList.toggle("failed", wrong);
  if (wrong) state.setAttribute("role", "alert");
  else state.removeAttribute("role");
  if (state.textContent !== text) state.textContent = text;
}

/** show brings the progress of the page up to date. */
function show(now: Kept): void {
  const part = document.querySelector<HTMLElement>("[data-progress]");
  const bar = part?.querySelector("progress");
  if (!part || !bar) return;
  bar.max = now.asked;
  bar.value = now.answered;
  for (const [name, text] of [["data-answered", now.progress], ["data-left-minutes", now.left]] as const) {
    const place = part.querySelector(`[${name}]`);
    if (place) place.textContent = text;
  }
}
