// The figure beside the boxes of body areas: who presses a zone ticks or unticks the boxes that mark it. What is lit follows from
// the boxes alone, by the style sheet, so that the two are never out of step.

/** watchFigure lets the zones of a figure be pressed. */
export function watchFigure(figure: HTMLElement): void {
  const field = figure.closest("fieldset");
  if (!field) return;
  figure.classList.add("live");
  for (const hint of figure.querySelectorAll<HTMLElement>("[data-figure-hint]")) hint.hidden = false;
  figure.addEventListener("click", ({ target }) => {
    const zone = target instanceof Element ? target.closest<SVGElement>("[data-zone]")?.dataset.zone : undefined;
    if (zone === undefined) return;
    const boxes = [...field.querySelectorAll<HTMLInputElement>(`input[data-zone="${CSS.escape(zone)}"]`)];
    const on = boxes.some((box) => box.checked);
    // Of several areas in one zone of which one can be chosen, that is the first; the others are chosen by their boxes. As with a
    // finger on the box, whoever listens to it hears of it.
    if (boxes[0]?.type === "radio") boxes[0].click();
    else for (const box of boxes) if (box.checked === on) box.click();
  });
}
