// The editor of the questionnaire: what makes it quick. Every one of its pages works without it.
import Sortable from "sortablejs";
import { htmx } from "./live";

/** watchQuestionnaire lets sections, questions and options be dragged, and shows a question as patients see it while it is typed. */
export function watchQuestionnaire(): void {
  const outline = () => document.querySelector<HTMLElement>("[data-outline]");
  const form = document.querySelector<HTMLFormElement>("form[data-preview]");
  if (!outline() && !form && !document.querySelector("form[data-rows]")) return;
  document.documentElement.classList.add("scripted");
  const begin = () => {
    handles();
    drag(outline());
    dragOptions();
  };
  begin();
  document.addEventListener("htmx:afterSettle", begin);
  if (form) watchPreview();
}

function handles(): void {
  for (const handle of document.querySelectorAll<HTMLElement>("[data-handle]")) handle.hidden = false;
}

/** drag puts what was dragged where it was dropped, on the server; its answer is the list as it is then. */
function drag(outline: HTMLElement | null): void {
  if (!outline) return;
  for (const list of outline.querySelectorAll<HTMLElement>("[data-list]")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      handle: "[data-handle]",
      // What was answered is kept with the booking or with the questionnaire, so that no question goes from one to the other.
      group: list.dataset.booking !== undefined ? "booking" : "intake",
      animation: 120,
      onEnd: ({ item, to }) => {
        const next = item.nextElementSibling;
        void htmx.ajax("post", "/office/questionnaire/order", {
          source: outline,
          target: "#outline",
          swap: "morph:outerHTML",
          select: "#outline",
          values: {
            do: `put:question:${item.dataset.question ?? ""}`,
            section: to.dataset.list ?? "",
            before: next instanceof HTMLElement ? (next.dataset.question ?? "") : "",
          },
        });
      },
    });
  }
}

/** dragOptions orders the options of the form; they are stored with it. */
function dragOptions(): void {
  const list = document.querySelector<HTMLElement>("[data-options]");
  if (!list || Sortable.get(list)) return;
  Sortable.create(list, { handle: "[data-handle]", animation: 120, onEnd: () => list.dispatchEvent(new Event("input", { bubbles: true })) });
}

const pause = 600; // milliseconds without a key, after which what was typed is shown

function watchPreview(): void {
  let timer = 0;
  const show = () => {
    const form = document.querySelector<HTMLFormElement>("form[data-preview]");
    form?.querySelector<HTMLButtonElement>("[formtarget=preview]")?.click();
  };
  document.addEventListener("input", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("form[data-preview]")) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(show, pause);
  });
}
