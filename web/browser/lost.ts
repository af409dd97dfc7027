// What becomes of a part of the page whose answer does not come, or comes as a page of its own because the session has ended, too much
// was asked or something failed.

interface Swap {
  target?: Element;
  xhr: XMLHttpRequest;
  serverResponse: string;
  shouldSwap: boolean;
  requestConfig?: { path: string };
}

/** watchLost says that an answer is missing, and never lets a whole page stand inside another. What was typed stays. */
export function watchLost(): void {
  const note = document.getElementById("lost");
  const say = (lost: boolean) => {
    if (note) note.hidden = !lost;
  };
  note?.querySelector("button")?.addEventListener("click", () => window.location.reload());
  document.addEventListener("htmx:sendError", () => say(true));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<Swap>;
    const id = detail.target?.id;
    if (!id) return;
    // These two are filled; every other part is replaced by itself, under its own id.
    const fills = id === "panel" || id === "ask";
    const lost = fills ? detail.xhr.status >= 400 || detail.serverResponse.includes("<html") : !detail.serverResponse.includes(`id="${id}"`);
    if (lost) detail.shouldSwap = false;
    if (lost && fills) window.location.assign(detail.requestConfig?.path ?? window.location.href);
    else say(lost);
  });
}
