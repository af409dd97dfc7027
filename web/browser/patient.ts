// The patients' pages. Every one of them works without this script; it only makes them quicker and kinder.
import { watchCountdown } from "./countdown";
import { forgetDraft, forgetEnded, keepDraft, tabStorage } from "./draft";
import { watchFigure } from "./figure";
import { guardSubmits, leadToErrors, offerValue, sayTyped, watchCount } from "./forms";
import { keepAnswers } from "./keep";
import { solvePuzzle } from "./puzzle";
import { watchBirth, watchExclusive, watchQuestions } from "./questions";

function each<E extends Element>(selector: string, found: (element: E) => void): void {
  for (const element of document.querySelectorAll<E>(selector)) found(element);
}

const storage = tabStorage();
if (storage) {
  forgetEnded(storage, document);
  each<HTMLFormElement>("form[data-draft]", (form) => keepDraft(storage, form));
}
each<HTMLFormElement>("form[data-questions]", (form) => {
  const look = watchQuestions(form);
  look();
  // The browser may fill the form in after this script, when it comes back to the page.
  window.addEventListener("pageshow", look);
});
each<HTMLFormElement>("form[data-keep]", (form) => keepAnswers(form, () => storage && forgetDraft(storage, form)));
each<HTMLElement>("[data-birth]", watchBirth);
each<HTMLElement>("[data-figure]", watchFigure);
each<HTMLElement>("[data-exclusive]", watchExclusive);
each<HTMLElement>("[data-count]", watchCount);
each<HTMLElement>("[data-left]", watchCountdown);
each<HTMLElement>("[data-take]", offerValue);
each<HTMLFormElement>("form[data-typed]", sayTyped);
each<HTMLInputElement>("[data-proof]", solvePuzzle);
guardSubmits();
leadToErrors();
