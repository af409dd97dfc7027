package letter

import "time"

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// When writes the time of a counseling as people read it in a zone: 2026年11月24日（火）14:00〜15:00, or in English
// Tue, 24 November 2026, 14:00–15:00 JST. The Japanese form leaves the zone out, because it is always the branch's.
func When(start, end time.Time, loc *time.Location, lang string) string {
	start, end = start.In(loc), end.In(loc)
	if lang == "en" {
		return start.Format("Mon, 2 January 2006, 15:04") + end.Format("–15:04 MST")
	}
	return start.Format("2006年1月2日") + "（" + weekdays[start.Weekday()] + "）" + start.Format("15:04") + end.Format("〜15:04")
}
