package letter

import (
	"time"

	"madoguchi/web"
)

// When writes the time of a counseling as people read it in a zone: 2026年11月24日（火）14:00〜15:00, or in English
// Tue, 24 November 2026, 14:00–15:00 JST. The Japanese form leaves the zone out, because it is always the branch's.
func When(start, end time.Time, loc *time.Location, lang string) string {
	if lang == "en" {
		return start.In(loc).Format("Mon, 2 January 2006, 15:04") + end.In(loc).Format("–15:04 MST")
	}
	return web.Find(lang).When(start, end, loc, "")
}

// shortWhen is when a counseling begins, short enough for a subject: 11/28(土) 12:00, or Sat 28 Nov, 12:00.
func shortWhen(start time.Time, loc *time.Location, lang string) string {
	at, l := start.In(loc), web.Find(lang)
	if l.Lang() == "en" {
		return at.Format("Mon 2 Jan, 15:04")
	}
	return at.Format("1/2") + "(" + l.Weekday(at.Weekday()) + ") " + at.Format("15:04")
}
