// A doctor's chart: what has just arrived is marked, and what was on view for a while counts as read. Without a script a button says so.
import { htmx } from "./live";
import { differing, freshFor } from "./news";

/** readAfter is how long the first screen must be on view before it counts as read, in milliseconds. */
const readAfter = 3_000;

const parts = () => [...document.querySelectorAll<HTMLElement>("[data-live] [data-fresh]")];
const texts = () => new Map(parts().map((part) => [part.dataset.fresh ?? "", part.textContent ?? ""]));

/** watchChart begins on a doctor's page. */
export function watchChart(): void {
  if (!document.querySelector("[data-consult]")) return;
  markNews();
  countAsRead();
}

/** markNews marks what differs after the page has brought itself up to date, and says that something has come. */
function markNews(): void {
  const state = document.getElementById("live-state");
  let known = texts();
  document.body.addEventListener("htmx:afterSettle", () => {
    const now = texts();
    const fresh = differing(known, now);
    known = now;
    if (fresh.length === 0) return;
    const marked = parts().filter((part) => fresh.includes(part.dataset.fresh ?? ""));
    for (const part of marked) part.dataset.new = state?.dataset.new ?? "";
    window.setTimeout(() => {
      for (const part of marked) delete part.dataset.new;
    }, freshFor);
    const line = document.getElementById("news");
    if (line && marked.some((part) => part.closest(".chart"))) line.textContent = state?.dataset.arrived ?? "";
  });
}

/** countAsRead sends the form that says that the chart was read, once its first screen was on view for long enough. */
function countAsRead(): void {
  let timer: number | undefined;
  let watched: Element | null = null;
  let onView = false;
  const restart = () => {
    window.clearTimeout(timer);
    if (onView && !document.hidden) timer = window.setTimeout(() => void markRead(), readAfter);
  };
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.target === watched) onView = entry.isIntersecting;
    restart();
  });
  const watch = () => {
    const form = document.querySelector<HTMLFormElement>("form[data-read]:not([data-by-hand])");
    const head = form ? document.querySelector("#patient") : null;
    if (head !== watched) {
      if (watched) observer.unobserve(watched);
      watched = head;
      onView = false;
      if (head) observer.observe(head);
    }
    restart();
  };
  document.addEventListener("visibilitychange", restart);
  document.body.addEventListener("htmx:afterSettle", watch);
  watch();
}

/** markRead sends the form in the background, and brings the page up to date. */
async function markRead(): Promise<void> {
  const form = document.querySelector<HTMLFormElement>("form[data-read]");
  if (!form) return;
  const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  try {
    const answer = await fetch(form.getAttribute("action") ?? "", { method: "POST", body, headers: { Live: "1" }, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return;
  } catch {
    return; // it stays unread, and the button is there
  }
  const line = document.getElementById("news");
  if (line) line.textContent = document.getElementById("live-state")?.dataset.wasRead ?? "";
  const live = document.querySelector<HTMLElement>("[data-live]");
  if (live) htmx.trigger(live, "live");
}
