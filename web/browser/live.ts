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
// What a script has brought out stays out.
const broughtOut = "[data-keys], [data-print]";
Idiomorph.defaults.callbacks = {
  ...Idiomorph.defaults.callbacks,
  beforeAttributeUpdated: (name: string, element: Element) => (!theirs.includes(name) && !(name === "hidden" && element.matches(broughtOut))) || element.closest("[data-live]") === null,
};

export { htmx };
