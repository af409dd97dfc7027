// The staff's pages.
import { guardSubmits, leadToErrors, offerValue, watchCount } from "./forms";
import { begin as beginCalls } from "./call";
import "./live";

for (const count of document.querySelectorAll<HTMLElement>("[data-count]")) watchCount(count);
for (const button of document.querySelectorAll<HTMLElement>("[data-take]")) offerValue(button);
beginCalls();
guardSubmits();
leadToErrors();

// Printing needs the browser's own dialogue, so the button appears only where it works.
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
