// Times of day, in minutes since midnight, as a week of opening hours is drawn with them.

/** quarter is the step in which a span is drawn, in minutes. */
export const quarter = 15;

/** clock is a time as the fields have it; null for what is none. */
export function readClock(text: string): number | null {
  const read = /^\s*(\d{1,2}):?(\d{2})?\s*$/.exec(text.normalize("NFKC"));
  if (!read) return null;
  const minutes = Number(read[1]) * 60 + Number(read[2] ?? 0);
  return minutes <= 1440 ? minutes : null;
}

export function writeClock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** moved is a span whose beginning and end are moved, as far as the day has room. */
export function moved(from: number, until: number, first: number, last: number): [number, number] {
  const most = (n: number, low: number, high: number) => Math.min(Math.max(n, low), high);
  if (first === last) {
    const by = most(first, -from, 1440 - until);
    return [from + by, until + by];
  }
  return [most(from + first, 0, until - quarter), most(until + last, from + quarter, 1440)];
}
