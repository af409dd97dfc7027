// Writes config/holidays.csv from the data of @holiday-jp/holiday_jp. The file is committed, since a clinic that builds
// Madoguchi must not depend on where this package can be had; run `npm run holidays` when the Cabinet Office changes a
// day or the years run out.
import { writeFileSync } from "node:fs";
import holidayJp from "@holiday-jp/holiday_jp";

const first = "2024-01-01";
const last = "2030-12-31";

// The package writes a substitute day as こどもの日 振替休日 and a day between two holidays as 休日. The law's own words
// (Act on National Holidays, article 3, paragraphs 2 and 3) are what people read in calendars.
function japanese(name) {
  if (name.endsWith("振替休日")) return "振替休日";
  return name === "休日" ? "国民の休日" : name;
}

const rows = Object.values(holidayJp.holidays)
  .filter(({ date }) => date >= first && date <= last)
  .sort((a, b) => (a.date < b.date ? -1 : 1))
  .map(({ date, name, name_en }) => `${date},${japanese(name)},${name_en}`);
if (rows.some((row) => row.split(",").length !== 3)) throw new Error("a holiday's name has a comma: quote it");
writeFileSync(new URL("../config/holidays.csv", import.meta.url), `date,name,name_en\n${rows.join("\n")}\n`);
console.log(`${rows.length} holidays, ${first} to ${last}`);
