// Shows the questions that the answers so far call for, and hides the others. A hidden question's fieldset is disabled,
// so that nothing of it is sent.
import { age, eraHint, readDay, yearIn } from "./birth";
import { type Condition, holds } from "./conditions";

/** watchQuestions keeps the conditional questions of a form right. Call it once; it returns the function that looks again. */
export function watchQuestions(form: HTMLFormElement): () => void {
  const conditional = [...form.querySelectorAll<HTMLFieldSetElement>("fieldset[data-show-if]")].map((question) => ({
    question,
    condition: JSON.parse(question.dataset.showIf ?? "true") as Condition,
  }));
  const look = () => {
    for (const { question, condition } of conditional) {
      const shown = holds(condition, (id) => answerOf(form, id));
      question.hidden = !shown;
      question.disabled = !shown;
    }
  };
  if (conditional.length > 0) {
    form.addEventListener("input", look);
    form.addEventListener("change", look);
  }
  return look;
}

function answerOf(form: HTMLFormElement, id: string): string[] {
  if (id === "age") return ageOf(form);
  const data = new FormData(form);
  return data.getAll(id).filter((value): value is string => typeof value === "string" && value.trim() !== "");
}

/** The age counts on the day of the counseling, which the form carries. */
function ageOf(form: HTMLFormElement): string[] {
  const on = readDay(...((form.dataset.on ?? "").split("-") as [string, string, string]));
  const birth = readDay(yearIn(text(form, "birth-era"), text(form, "birth_year")), text(form, "birth_month"), text(form, "birth_day"));
  return on && birth ? [String(age(birth, on))] : [];
}

function text(form: HTMLFormElement, name: string): string {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : "";
}

/** watchBirth shows the era beside the three fields of a birth date, in Japanese. */
export function watchBirth(part: HTMLElement): void {
  const output = part.querySelector("[data-era]");
  if (!output || document.documentElement.lang !== "ja") return;
  const value = (name: string) => part.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`)?.value ?? "";
  const show = () => {
    output.textContent = eraHint(yearIn(value("birth-era"), value("birth_year")), value("birth_month"), value("birth_day"));
  };
  part.addEventListener("input", show);
  show();
}

/** watchExclusive lets an option such as "none" stand alone: it unticks the others, and they untick it. */
export function watchExclusive(group: HTMLElement): void {
  group.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.checked) return;
    const alone = target.hasAttribute("data-alone");
    for (const box of group.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) {
      if (box !== target && (alone || box.hasAttribute("data-alone"))) box.checked = false;
    }
  });
}
