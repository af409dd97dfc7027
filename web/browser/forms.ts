// What every form has: one submit at a time, a count of what a text may still hold, and the way from the error summary
// to the fields. And what a form says when somebody begins to fill it in.

/** guardSubmits lets a form that changes something go only once, and shows its button busy until the next page is there. */
export function guardSubmits(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    // What answers in a frame of this page leaves the page as it is, so that the form may go again.
    if (event.submitter instanceof HTMLButtonElement && event.submitter.formTarget !== "") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // The Enter key presses the first button, which nobody sees and which stands for the main one.
    const pressed = event.submitter;
    const button = pressed instanceof HTMLElement && pressed.dataset.enter !== undefined ? [...form.elements].find((e) => e.matches("[data-main]")) : pressed;
    button?.setAttribute("aria-busy", "true");
    const release = () => {
      delete form.dataset.sent;
      button?.removeAttribute("aria-busy");
    };
    // A page that comes back from the browser's memory may be sent again, and so may one whose request was stopped.
    window.addEventListener("pageshow", release, { once: true });
    window.setTimeout(release, 15_000);
  });
}

/** watchCount shows how many characters a text may still have. Characters are counted as the server does, by code point. */
export function watchCount(count: HTMLElement): void {
  const field = document.getElementById(count.dataset.count ?? "");
  if (!(field instanceof HTMLTextAreaElement)) return;
  const show = () => {
    const left = Number(field.dataset.max) - [...field.value].length;
    count.textContent = (count.dataset.countText ?? "%").replace("%", String(left));
    count.classList.toggle("over", left < 0);
  };
  field.addEventListener("input", show);
  if (field.value !== "") show();
}

/** offerValue shows a button that writes another value into a field, and goes when it has. */
export function offerValue(button: HTMLElement): void {
  const field = document.getElementById(button.dataset.take ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = button.dataset.value ?? "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    button.hidden = true;
    field.focus();
  });
}

/** leadToErrors brings the reader to the error summary, and from each of its lines to the field. */
export function leadToErrors(): void {
  const summary = document.querySelector<HTMLElement>("[data-focus]");
  summary?.focus();
  summary?.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}

/** sayTyped tells the server, once, that somebody has begun to fill in a form. Whether it arrives makes no difference to them. */
export function sayTyped(form: HTMLFormElement): void {
  const token = form.querySelector<HTMLInputElement>("input[name=hold]");
  const say = () => {
    const body = new URLSearchParams(token ? { hold: token.value } : {});
    fetch("/typed", { method: "POST", body, keepalive: true }).catch(() => undefined);
  };
  form.addEventListener("input", say, { once: true });
}
