// An open calendar brings itself up to date. The server says that something has changed, and the page asks again: so nothing is wrong when a
// word is lost, and a connection that comes back heals what was missed.
import { htmx } from "./live";

/** silence is after how long without a word the calendar is no longer taken for the present one, in milliseconds. */
const silence = 20_000;

/** watchCalendar listens for changes while the page is to be seen. */
export function watchCalendar(): void {
  const calendar = () => document.querySelector<HTMLElement>("[data-live]");
  const state = document.getElementById("live-state");
  if (!calendar() || !state) return;
  let source: EventSource | undefined;
  let heard = performance.now();
  let fresh = new Date();
  let stale = false;

  const say = (kind: "on" | "stale" | "back" | "ended") => {
    const time = fresh.toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit" });
    state.dataset.state = kind;
    state.textContent = (state.dataset[kind] ?? "").replace("%", time);
  };
  const setStale = (now: boolean) => {
    if (now === stale) return;
    stale = now;
    const shown = calendar();
    if (shown) shown.inert = now;
    say(now ? "stale" : "back");
  };
  const alive = () => {
    heard = performance.now();
    if (stale) setStale(false);
    else if (state.dataset.state !== "back") say("on");
  };
  const refresh = () => {
    const shown = calendar();
    if (shown) htmx.trigger(shown, "live");
  };
  const close = () => {
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    heard = performance.now();
    source = new EventSource(calendar()?.dataset.live ?? "");
    source.addEventListener("beat", alive);
    source.addEventListener("changed", () => {
      alive();
      refresh();
    });
    source.addEventListener("ended", () => {
      close();
      const shown = calendar();
      if (shown) shown.inert = true;
      say("ended");
    });
  };
  document.body.addEventListener("htmx:afterSettle", () => {
    fresh = new Date();
  });
  window.setInterval(() => {
    if (source && performance.now() - heard > silence) setStale(true);
    else if (state.dataset.state === "back" && performance.now() - heard > silence / 4) say("on");
  }, 1000);
  // Browsers allow six connections to a server, so that a calendar that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", ({ persisted }) => persisted && open());
  open();
}
