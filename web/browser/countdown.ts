// The minutes that a chosen time is still kept. The server says how long at the moment it made the page, so a wrong
// clock in the phone does no harm.

/** left writes what is left: whole minutes, seconds within the last minute, the last text when it is over. */
export function left(ms: number, texts: { minutes: string; seconds: string; over: string }): string {
  if (ms <= 0) return texts.over;
  if (ms > 60_000) return texts.minutes.replace("%", String(Math.ceil(ms / 60_000)));
  return texts.seconds.replace("%", String(Math.ceil(ms / 1000)));
}

/** watchCountdown keeps a [data-left] element right, and shows what stands in [data-over] when the time is over. */
export function watchCountdown(element: HTMLElement): void {
  const until = Date.now() + Number(element.dataset.left);
  const texts = {
    minutes: element.dataset.minutes ?? "%",
    seconds: element.dataset.seconds ?? "%",
    over: element.dataset.overText ?? "",
  };
  const spoken = document.querySelector("[data-spoken]");
  let warned = false;
  const timer = window.setInterval(show, 1000);
  function show() {
    const ms = until - Date.now();
    const text = left(ms, texts);
    if (element.textContent !== text) element.textContent = text;
    if (ms <= 120_000 && !warned) {
      warned = true;
      if (spoken && ms > 0) spoken.textContent = text;
    }
    if (ms <= 0) {
      window.clearInterval(timer);
      for (const over of document.querySelectorAll<HTMLElement>("[data-over]")) over.hidden = false;
    }
  }
  show();
}
