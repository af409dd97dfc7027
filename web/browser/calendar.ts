// An open calendar brings itself up to date. The server says that something has changed, and the page asks again: so nothing is wrong when a
// word is lost, and a connection that comes back heals what was missed.
import { htmx } from "./live";
import { isChiming, watchNews } from "./news";

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
    disable(now);
    say(now ? "stale" : "back");
  };
  // What stands there stays readable, and what is being typed goes on; nothing can be pressed that would act on what may be past.
  const disable = (now: boolean) => {
    const acts = document.querySelectorAll<HTMLElement>("[data-live]:not(.consult), .consult [data-acts], #picked, .desk-main .undo, .tools .menu, #panel .walk, #panel .acts, #panel .call-go, #ask .ask-acts button");
    for (const each of acts) each.inert = now;
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
    source.addEventListener("changed", ({ data }: MessageEvent<string>) => {
      alive();
      refresh();
      tell(data);
    });
    source.addEventListener("ended", () => {
      close();
      disable(true);
      say("ended");
    });
  };
  document.body.addEventListener("htmx:afterSettle", () => {
    fresh = new Date();
  });
  window.setInterval(() => {
    if (source && performance.now() - heard > silence) {
      setStale(true);
      // A browser asks again after a connection that broke, but never after an answer that was a refusal, as that of a proxy while the server starts anew.
      if (source.readyState === EventSource.CLOSED) open();
    }
    else if (state.dataset.state === "back" && performance.now() - heard > silence / 4) say("on");
  }, 1000);
  // Browsers allow six connections to a server, so that a calendar that nobody sees gives its own back.
  // Where somebody wants to hear of new bookings it stays.
  const tell = watchNews(state.dataset.new ?? "", () => {
    if (!source) open();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !isChiming()) close();
    else if (!document.hidden || !source) open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", ({ persisted }) => persisted && open());
  open();
}
