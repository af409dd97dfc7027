// The staff's pages.
import { guardSubmits, leadToErrors, watchCount } from "./forms";

for (const count of document.querySelectorAll<HTMLElement>("[data-count]")) watchCount(count);
guardSubmits();
leadToErrors();
