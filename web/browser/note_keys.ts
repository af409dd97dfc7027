// The keys of a doctor's note: Ctrl+Enter signs, Esc goes back to the chart. While Japanese is composed, both belong to that.

/** composing reports whether a key belongs to the input method. */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** watchNoteKeys makes them work in the form. What has dealt with a key itself, such as the list of phrases, keeps it from here. */
export function watchNoteKeys(form: HTMLFormElement): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || composing(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const sign = form.querySelector<HTMLButtonElement>("[data-note-sign]");
      if (sign) form.requestSubmit(sign);
    } else if (event.key === "Escape" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const back = document.querySelector<HTMLAnchorElement>("[data-note-back]");
      if (!back) return;
      event.preventDefault();
      back.click();
    }
  });
}
