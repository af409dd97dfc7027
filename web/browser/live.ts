// What makes the staff's pages live: htmx, and morphing, which changes what differs and leaves
// focus, scroll and open parts alone. Every one of these pages works as plain links and forms without it.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph/htmx";

// The Content-Security-Policy allows neither eval nor styles in the markup, and history must not keep what staff have seen.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.selfRequestsOnly = true;
// A refusal comes as a page with its status, and says what is wrong: it is shown like any other answer.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "...", swap: true },
];

// What somebody is typing is never replaced. In a calendar that is brought up to date, what they have opened stays open, what they have
// chosen chosen, and the one stop of the Tab key where they left it; elsewhere the answer to what they did says all of it.
Idiomorph.defaults.ignoreActiveValue = true;
const theirs = ["open", "tabindex", "aria-current", "checked", "data-number", "data-picked", "aria-description", "data-new", "inert"];
// It leaves the children of whatever has the focus as they were. For a link of a doctor's list that would be wrong: nobody types in it, and its
// marks are what has changed.
document.addEventListener("htmx:beforeSwap", () => {
  Idiomorph.defaults.ignoreActiveValue = document.activeElement?.matches(".consult a") !== true;
});
// What a script has brought out stays out.
const broughtOut = "[data-keys], [data-print]";
// In a page that brings itself up to date, what an answer said about something that was just sent stays, and so does what somebody has typed
// and left for a moment.
const holdsText = (node: Node) =>
  (node instanceof HTMLTextAreaElement || (node instanceof HTMLInputElement && !["checkbox", "radio", "hidden"].includes(node.type))) && node.value !== node.defaultValue;
const stays = (node: Node) => node instanceof Element && node.matches("[data-live] [data-stay]");
const inLive = (node: Node) => node instanceof Element && node.closest("[data-live]") !== null;
Idiomorph.defaults.callbacks = {
  ...Idiomorph.defaults.callbacks,
  beforeNodeMorphed: (old: Node) => !stays(old) && !(inLive(old) && holdsText(old)),
  beforeNodeRemoved: (old: Node) => !stays(old),
  beforeAttributeUpdated: (name: string, element: Element) => (!theirs.includes(name) && !(name === "hidden" && element.matches(broughtOut))) || element.closest("[data-live]") === null,
};

export { htmx };
