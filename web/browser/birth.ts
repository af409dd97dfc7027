// A birth date while it is typed: its era beside the year, and the age for questions that depend on it. It reads what
// clinic.ParseBirth reads; the server has the last word.

export interface Day {
  year: number;
  month: number;
  day: number;
}

// Boundaries by the Era Name Act, newest first.
const eras: [name: string, short: string, year: number, month: number, day: number][] = [
  ["令和", "R令㋿", 2019, 5, 1],
  ["平成", "H平㍻", 1989, 1, 8],
  ["昭和", "S昭㍼", 1926, 12, 25],
  ["大正", "T大㍽", 1912, 7, 30],
];

/** cut takes the era from the beginning of a year, whichever way it is written; undefined where the year has none. */
function cut(text: string, name: string, short: string): string | undefined {
  if (text.startsWith(name)) return text.slice(2);
  return text !== "" && short.includes(text.charAt(0).toUpperCase()) ? text.slice(1) : undefined;
}

/** yearIn is a typed year with the era that was chosen beside it, unless the year says its own. */
export function yearIn(era: string, year: string): string {
  const text = narrow(year);
  return text === "" || eras.some(([name, short]) => cut(text, name, short) !== undefined) ? year : era + year;
}

/** narrow makes full-width letters and digits plain ones. */
export function narrow(text: string): string {
  return text.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/　/g, " ").trim();
}

function number(text: string, unit: string): number {
  const digits = narrow(text).replace(new RegExp(`\\s*${unit}$`), "");
  return /^\d{1,4}$/.test(digits) ? Number(digits) : NaN;
}

/** readYear gives the western year of 1990, 平成2, H2 or 令和元年; NaN for anything else. */
export function readYear(typed: string): number {
  const text = narrow(typed).replace(/\s*年$/, "").replace(/^西暦\s*/, "");
  for (const [name, short, first] of eras) {
    const rest = cut(text, name, short)?.replace(/[ .・]/g, "");
    if (rest === undefined) continue;
    if (/^\d{4}$/.test(rest)) return Number(rest); // the era was chosen, and the western year typed
    const n = rest === "元" ? 1 : Number(rest || NaN);
    return n >= 1 && n <= 99 ? first + n - 1 : NaN;
  }
  return /^\d{4}$/.test(text) ? Number(text) : NaN;
}

/** readDay gives the day of three typed fields, or undefined while they are no day. */
export function readDay(year: string, month: string, day: string): Day | undefined {
  const read = { year: readYear(year), month: number(month, "月"), day: number(day, "日") };
  const date = new Date(Date.UTC(read.year, read.month - 1, read.day));
  const real = date.getUTCFullYear() === read.year && date.getUTCMonth() === read.month - 1 && date.getUTCDate() === read.day;
  return real ? read : undefined;
}

function before(a: Day, b: Day): boolean {
  return a.year !== b.year ? a.year < b.year : a.month !== b.month ? a.month < b.month : a.day < b.day;
}

/** eraOf writes the Japanese year of a day: 平成2年, 令和元年; empty before 大正. */
export function eraOf(date: Day): string {
  for (const [name, , year, month, day] of eras) {
    if (!before(date, { year, month, day })) {
      const n = date.year - year + 1;
      return `${name}${n === 1 ? "元" : n}年`;
    }
  }
  return "";
}

/** eraHint is what stands beside the fields while they are typed: a year in which the era changed has both names. */
export function eraHint(year: string, month: string, day: string): string {
  const date = readDay(year, month, day);
  if (date) return bracket(eraOf(date));
  const known = readYear(year);
  if (Number.isNaN(known)) return "";
  const first = eraOf({ year: known, month: 1, day: 1 });
  const last = eraOf({ year: known, month: 12, day: 31 });
  return bracket(first === last || !first ? last : `${first}／${last}`);
}

function bracket(text: string): string {
  return text && `（${text}）`;
}

/** age is the completed years of who was born on a day, on another day. */
export function age(birth: Day, on: Day): number {
  const years = on.year - birth.year;
  return on.month < birth.month || (on.month === birth.month && on.day < birth.day) ? years - 1 : years;
}
