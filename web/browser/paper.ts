// Lays what is printed out on sheets of A4, so that every sheet has its head with the person's own n/N: no style sheet can count the pages of a
// part of a document. A section stays on one sheet where it fits, a question always, and only a text that is longer than a sheet is divided.
// Without this script the head of the table repeats and the browser counts the pages itself.

/** How much of a sheet stays free, in pixels: a printer's fonts may be a hair wider than the screen's. */
const slack = 6;

interface Sheet {
  section: HTMLElement;
  inner: HTMLElement;
  table: HTMLTableElement;
}

/** layOut puts the documents of one person on sheets and counts those. */
function layOut(paper: HTMLElement): void {
  const count: Sheet[] = [];
  for (const doc of [...paper.querySelectorAll<HTMLTableElement>("table[data-doc]")]) {
    const bodies = [...doc.tBodies];
    const open = () => {
      const sheet = newSheet(doc);
      paper.append(sheet.section);
      count.push(sheet);
      return sheet;
    };
    let sheet = open();
    for (const body of bodies) sheet = place(body, sheet, open, doc.dataset.more ?? "");
    doc.remove();
  }
  count.forEach(({ section }, i) => {
    const place = section.querySelector("[data-n]");
    if (place) place.textContent = `${i + 1} / ${count.length}`;
  });
  paper.classList.add("laid");
}

function newSheet(doc: HTMLTableElement): Sheet {
  const section = document.createElement("section");
  const inner = document.createElement("div");
  const table = document.createElement("table");
  section.className = "sheet";
  inner.className = "sheet-in";
  table.className = doc.className;
  for (const part of doc.querySelectorAll(":scope > colgroup, :scope > thead")) table.append(part.cloneNode(true));
  inner.append(table);
  section.append(inner);
  return { section, inner, table };
}

const full = (sheet: Sheet): boolean => sheet.table.offsetHeight > sheet.inner.clientHeight - slack;
const empty = (sheet: Sheet): boolean => sheet.table.tBodies.length === 0;

/** place puts a section on a sheet, or on as many as it takes; it returns the last of them. */
function place(body: HTMLTableSectionElement, sheet: Sheet, open: () => Sheet, more: string): Sheet {
  sheet.table.append(body);
  if (!full(sheet)) return sheet;
  body.remove();
  const next = empty(sheet) ? sheet : open();
  next.table.append(body);
  if (!full(next)) return next;
  body.remove();
  return divide(body, next, open, more);
}

/** divide puts a section that is longer than a sheet on several, each with its heading. */
function divide(body: HTMLTableSectionElement, sheet: Sheet, open: () => Sheet, more: string): Sheet {
  const rows = [...body.rows];
  const head = rows[0]?.dataset.head !== undefined ? rows.shift() : undefined;
  let part = begin(sheet, head, "");
  for (let row: HTMLTableRowElement | undefined = rows.shift(); row; ) {
    part.append(row);
    if (!full(sheet)) {
      row = rows.shift();
      continue;
    }
    const alone = part.rows.length === (head ? 2 : 1);
    const rest: HTMLTableRowElement | undefined = alone ? cut(row, sheet, more) : row;
    if (rest === row) row.remove();
    if (rest === undefined) {
      row = rows.shift(); // it cannot be divided, and stands on a sheet of its own
      continue;
    }
    sheet = open();
    part = begin(sheet, head, more);
    row = rest;
  }
  return sheet;
}

function begin(sheet: Sheet, head: HTMLTableRowElement | undefined, more: string): HTMLTableSectionElement {
  const part = document.createElement("tbody");
  sheet.table.append(part);
  if (head) {
    const copy = head.cloneNode(true) as HTMLTableRowElement;
    if (more !== "") copy.cells[0]?.append(more);
    part.append(copy);
  }
  return part;
}

/** cut leaves as much of a row's longest text on a sheet as there is room for, and returns a row with the rest; undefined where it has none. */
function cut(row: HTMLTableRowElement, sheet: Sheet, more: string): HTMLTableRowElement | undefined {
  const texts = [...row.querySelectorAll<HTMLElement>("[data-split]")];
  const text = texts.sort((a, b) => (b.textContent ?? "").length - (a.textContent ?? "").length)[0];
  if (!text) return undefined;
  const signs = [...(text.textContent ?? "")];
  let fits = 0;
  for (let low = 0, high = signs.length; low <= high; ) {
    const middle = (low + high) >> 1;
    text.textContent = signs.slice(0, middle).join("");
    if (full(sheet)) high = middle - 1;
    else [fits, low] = [middle, middle + 1];
  }
  text.textContent = signs.slice(0, fits).join("");
  if (fits === 0 || fits === signs.length) return undefined;
  const rest = row.cloneNode(true) as HTMLTableRowElement;
  const label = rest.querySelector("th");
  if (label && !label.textContent?.endsWith(more)) label.append(more);
  const cell = rest.querySelector("td");
  if (!cell) return undefined;
  const left = text.cloneNode(false) as HTMLElement;
  left.textContent = signs.slice(fits).join("").replace(/^\n/, "");
  cell.replaceChildren(left);
  return rest;
}

for (const paper of document.querySelectorAll<HTMLElement>("[data-paper]")) layOut(paper);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  button.focus();
}
document.body.dataset.laid = "yes";
