// The staff's pages.
import { watchAsk, watchCall, watchClose, watchDrag, watchFilters, watchMemo, watchMenus, watchPanel } from "./desk";
import { guardSubmits, leadToErrors, offerValue, watchCount } from "./forms";
import { watchCalendar } from "./calendar";
import { watchChart } from "./chart";
import { watchKeys } from "./keys";
import { watchLost } from "./lost";
import { drawHours } from "./hours";
import { begin as beginCalls } from "./call";
import { watchNote } from "./note";
import { watchPasskeys } from "./passkey";
import { watchPick } from "./pick";
import { watchQuestionnaire } from "./questionnaire";

for (const count of document.querySelectorAll<HTMLElement>("[data-count]")) watchCount(count);
for (const button of document.querySelectorAll<HTMLElement>("[data-take]")) offerValue(button);
beginCalls();
guardSubmits();
watchLost();
drawHours();
leadToErrors();
watchMenus();
watchFilters();
watchPanel();
watchCall();
watchClose();
watchAsk();
watchDrag();
watchMemo();
watchPick();
watchPasskeys();
watchQuestionnaire();
watchKeys();
watchNote();

// Printing needs the browser's own dialogue, so the button appears only where it works.
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

watchCalendar();
watchChart();
