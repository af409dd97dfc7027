// Reads calendar files with Mozilla's library, which knows no time zones but those that a file describes: a JSON list of files comes in, and
// what each says goes out.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const out = JSON.parse(readFileSync(0, "utf8")).map((file) => {
  const calendar = new ICAL.Component(ICAL.parse(file));
  const events = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(events[0]);
  const zoned = events[0].getFirstProperty("dtstart").getParameter("tzid") ?? "";
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: events.length,
    zones: calendar.getAllSubcomponents("vtimezone").map((zone) => zone.getFirstPropertyValue("tzid")),
    zone: zoned,
    uid: event.uid,
    sequence: event.sequence,
    status: events[0].getFirstPropertyValue("status"),
    summary: event.summary,
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
    clock: event.startDate.toString(),
  };
});
process.stdout.write(JSON.stringify(out));
