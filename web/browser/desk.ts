// The front desk's pages: what makes them quick. Every one of them works without it.
import { chooseTime, isCalling } from "./call";
import { htmx } from "./live";

/** watchMenus closes the menus of the top bar and of the calendar when something else is pressed, or Esc. */
export function watchMenus(): void {
  const menus = () => document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.preventDefault();
    }
  });
  // What is open in the place of a cell begins with its first act.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target instanceof HTMLDetailsElement && target.open && target.matches(".cell")) target.querySelector<HTMLElement>(".first")?.focus();
    },
    true,
  );
}

/** watchFilters sends a form of choices as soon as one of them changes. */
export function watchFilters(): void {
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "checkbox") target.closest<HTMLFormElement>("form[data-submit]")?.requestSubmit();
  });
}

const wide = () => window.matchMedia("(min-width: 48rem)").matches;

/** watchPanel opens a booking beside the calendar instead of on a page of its own, where there is room for it. */
export function watchPanel(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-panel]") : null;
    if (!link || !wide()) return;
    event.preventDefault();
    void openPanel(link);
  });
}

async function openPanel(link: HTMLAnchorElement): Promise<void> {
  const panel = document.getElementById("panel");
  const desk = document.querySelector<HTMLElement>("[data-desk]");
  const address = link.dataset.panel;
  if (!panel || !desk || !address) return;
  await htmx.ajax("get", `${link.getAttribute("href")}?back=${encodeURIComponent(desk.dataset.day ?? "")}`, { target: panel, swap: "innerHTML" });
  show(panel, desk, address, false);
  link.setAttribute("aria-current", "true");
}

/** show makes room for what has been put beside the calendar. */
function show(panel: HTMLElement, desk: HTMLElement, address: string, calling: boolean): void {
  for (const entry of document.querySelectorAll(".entry[aria-current]")) entry.removeAttribute("aria-current");
  panel.hidden = false;
  desk.classList.remove("no-panel");
  desk.classList.toggle("calling", calling);
  goTo(address);
}

/** goTo makes the page's address that of what it shows. What was done before is over. */
function goTo(address: string): void {
  window.history.replaceState(null, "", address);
  const back = document.querySelector<HTMLInputElement>("#cells [name=back]");
  if (back) back.value = address;
}

/** watchCall takes a booking by telephone beside the calendar instead of on a page of its own, where there is room for it. */
export function watchCall(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest<HTMLAnchorElement>("a[data-call-open]");
    const numbered = target?.closest<HTMLElement>("[data-number][data-slot]");
    if (link && wide() && document.getElementById("panel")) {
      event.preventDefault();
      void openCall(link);
    } else if (!link && numbered?.dataset.slot && target?.closest("summary") && isCalling()) {
      event.preventDefault(); // a time that is offered is chosen where it stands
      chooseTime(numbered.dataset.slot);
    }
  });
  document.addEventListener("call:close", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("#panel")) return;
    event.preventDefault();
    closePanel();
  });
  document.addEventListener("call:again", (event) => {
    const link = document.querySelector<HTMLAnchorElement>(".tools a[data-call-open]");
    if (!link || !(event.target instanceof Element) || !event.target.closest("#panel")) return;
    event.preventDefault();
    document.getElementById("call")?.remove();
    void openCall(link);
  });
}

let caller = ""; // where the focus was before a call: the id of the cell of a slot, or nothing for the button of the page

async function openCall(link: HTMLAnchorElement): Promise<void> {
  const panel = document.getElementById("panel");
  const desk = document.querySelector<HTMLElement>("[data-desk]");
  if (!panel || !desk) return;
  const cell = link.closest<HTMLDetailsElement>("details.cell");
  if (!link.closest("#panel")) caller = cell?.id ?? "";
  if (cell) cell.open = false;
  if (isCalling()) {
    const slot = new URL(link.href).searchParams.get("slot");
    if (slot) chooseTime(slot);
    else document.getElementById("call-q")?.focus();
    return;
  }
  await htmx.ajax("get", link.getAttribute("href") ?? "", { target: panel, swap: "innerHTML" });
  if (!isCalling()) return; // no answer has come, or the page has gone
  show(panel, desk, desk.dataset.day ?? "", true);
  document.getElementById("call-q")?.focus();
}

/** closePanel leaves the calendar alone, with the focus where it was. */
function closePanel(): void {
  const panel = document.getElementById("panel");
  const desk = document.querySelector<HTMLElement>("[data-desk]");
  if (!panel || !desk || panel.hidden) return;
  const called = panel.querySelector("#call") !== null;
  panel.hidden = true;
  panel.replaceChildren();
  desk.classList.add("no-panel");
  desk.classList.remove("calling");
  for (const cell of document.querySelectorAll<HTMLElement>("[data-number]")) delete cell.dataset.number;
  const entry = document.querySelector<HTMLElement>(".entry[aria-current]");
  entry?.removeAttribute("aria-current");
  entry?.focus();
  // The cell may look different by now: it is held for the caller, or booked.
  if (called) (document.getElementById(caller)?.querySelector<HTMLElement>(":scope > summary") ?? document.querySelector<HTMLElement>(".tools a[data-call-open]"))?.focus();
  goTo(desk.dataset.day ?? "");
}

/** watchClose closes the panel without asking the server. */
export function watchClose(): void {
  document.addEventListener("click", (event) => {
    const close = event.target instanceof Element ? event.target.closest("#panel .close") : null;
    if (!close || event.defaultPrevented) return;
    event.preventDefault();
    closePanel();
  });
}

/** ask shows in a box over the calendar what a page of ours asks before it does something. */
async function ask(address: string): Promise<void> {
  const box = document.getElementById("ask");
  if (!(box instanceof HTMLDialogElement)) {
    window.location.href = address;
    return;
  }
  await htmx.ajax("get", address, { target: box, swap: "innerHTML" });
  if (!box.open) box.showModal();
  box.querySelector<HTMLElement>("[autofocus], a, button")?.focus();
}

/** watchAsk keeps what is asked inside the box, and closes it where the answer is no. */
export function watchAsk(): void {
  const box = document.getElementById("ask");
  if (!(box instanceof HTMLDialogElement)) return;
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("#ask a[data-ask], #ask a[data-ask-close], #panel a[data-key=m], a[data-ask-open]") : null;
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.dataset.askOpen !== undefined) link.closest("td")?.querySelector<HTMLElement>("[data-cell]")?.focus(); // where the focus returns
    if (link.dataset.askClose === undefined) void ask(link.href);
    else box.close();
  });
}

/** watchDrag lets a booking be carried to a free slot with the mouse or a pen. Before anything moves, the box asks. */
export function watchDrag(): void {
  const begun = 6; // pixels, before which it is a click
  document.addEventListener("pointerdown", (down) => {
    const entry = down.target instanceof Element ? down.target.closest<HTMLAnchorElement>("a[data-move]") : null;
    if (!entry || down.button !== 0 || down.pointerType === "touch") return;
    let ghost: HTMLElement | undefined;
    let over: HTMLElement | null = null;
    const move = (event: PointerEvent) => {
      if (!ghost) {
        if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < begun) return;
        const box = entry.getBoundingClientRect();
        ghost = entry.cloneNode(true) as HTMLElement;
        ghost.classList.add("dragged");
        ghost.removeAttribute("id");
        ghost.setAttribute("aria-hidden", "true");
        ghost.style.setProperty("width", `${box.width}px`);
        ghost.style.setProperty("height", `${box.height}px`);
        ghost.style.setProperty("inset", "auto");
        document.body.append(ghost);
        document.body.classList.add("dragging");
      }
      ghost.style.setProperty("left", `${event.clientX - 20}px`);
      ghost.style.setProperty("top", `${event.clientY - 20}px`);
      const under = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("[data-slot]") ?? null;
      if (under !== over) {
        over?.classList.remove("drop-here");
        under?.classList.add("drop-here");
        over = under;
      }
    };
    const stop = (event: Event) => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", stop);
      document.removeEventListener("pointercancel", stop);
      document.removeEventListener("keydown", leave);
      if (!ghost) return;
      ghost.remove();
      document.body.classList.remove("dragging");
      over?.classList.remove("drop-here");
      // The click that ends a drag opens nothing.
      const swallow = (click: Event) => {
        click.preventDefault();
        click.stopPropagation();
      };
      document.addEventListener("click", swallow, { capture: true, once: true });
      window.setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 0);
      if (event.type === "pointerup" && over?.dataset.slot) {
        const back = `${window.location.pathname}${window.location.search}`;
        void ask(`${entry.dataset.move}?slot=${encodeURIComponent(over.dataset.slot)}&back=${encodeURIComponent(back)}`);
      }
    };
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape") stop(event);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", stop);
    document.addEventListener("pointercancel", stop);
    document.addEventListener("keydown", leave);
  });
  // The browser's own dragging of links would come in between.
  document.addEventListener("dragstart", (event) => {
    if (event.target instanceof Element && event.target.closest("a[data-move]")) event.preventDefault();
  });
}

/** watchMemo says when a memo could not be saved. */
export function watchMemo(): void {
  const say = () => {
    const state = document.querySelector("#memo-state .meta");
    const text = document.querySelector<HTMLElement>("[data-memo]")?.dataset.failed;
    if (!state || !text) return;
    const line = document.createElement("span");
    line.className = "stop-text";
    line.textContent = text.replace("%", new Date().toTimeString().slice(0, 5));
    state.prepend(line);
  };
  document.addEventListener("htmx:sendError", say);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<{ target?: Element; serverResponse: string }>;
    if (detail.target?.id === "memo-state" && !detail.serverResponse.includes('id="memo-state"')) say();
  });
}
