package office

import (
	view "madoguchi/web/office"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// readHours is the page as it was sent: the fields of the form that is sent, and of the others where they came along.
func (p *Pages) readHours(c *gin.Context) (view.Hours, store.Hours, error) {
	sent := c.Request.PostForm
	choice := hoursChoice{branch: sent.Get("branch"), doctor: sent.Get("doctor"), from: sent.Get("stored")}
	data, stored, err := p.hours(c, choice)
	if err != nil {
		return data, stored, err
	}
	if data.Branch.ID != choice.branch || choice.doctor != "" && data.Doctor.ID != choice.doctor {
		return data, stored, store.NotFound()
	}
	stay(c, choice.path())
	if sent.Has("valid_from") {
		data.Typed, data.Picked = readWeek(sent), sent.Get("picked")
		data.Revision, _ = strconv.Atoi(sent.Get("revision"))
	}
	if sent.Has("kind") {
		data.Exception, data.Drawn = readException(sent), drawnID(c)
	}
	if sent.Has("holidays") {
		data.Rule = readHolidays(sent, data)
		data.BranchRevision, _ = strconv.Atoi(sent.Get("branch-revision"))
	}
	return data, stored, nil
}

// readWeek reads the spans of a week, each of which has a key that its fields end in.
func readWeek(sent url.Values) clinic.TypedWeek {
	w := clinic.TypedWeek{From: sent.Get("valid_from"), Until: sent.Get("valid_until")}
	for _, key := range sent["span"] {
		if len(w.Spans) > clinic.MaxSpans || !sent.Has("from-"+key) {
			continue
		}
		w.Spans = append(w.Spans, clinic.TypedSpan{
			Key: key, Weekday: sent.Get("weekday-" + key), Same: sent["same-"+key],
			TypedPattern: clinic.TypedPattern{
				From: sent.Get("from-" + key), Until: sent.Get("until-" + key), Minutes: sent.Get("minutes-" + key), Pause: sent.Get("pause-" + key),
				Room: sent.Get("room-" + key), Audience: sent.Get("audience-" + key),
			},
		})
	}
	return w
}

func readException(sent url.Values) clinic.TypedException {
	return clinic.TypedException{
		Kind: sent.Get("kind"), Doctor: sent.Get("who"), First: sent.Get("first"), Last: sent.Get("last"), Nth: sent.Get("nth"), Weekday: sent.Get("weekday"), Reason: sent.Get("reason"),
		TypedPattern: clinic.TypedPattern{
			From: sent.Get("from"), Until: sent.Get("until"), Minutes: sent.Get("minutes"), Pause: sent.Get("pause"), Room: sent.Get("room"), Audience: sent.Get("audience"),
		},
	}
}

// readHolidays reads the rule. Days that the page does not list keep what was decided about them.
func readHolidays(sent url.Values, data view.Hours) clinic.HolidayRule {
	rule := clinic.HolidayRule{Open: sent.Get("holidays") == "open"}
	var differ []clinic.Date
	listed := map[clinic.Date]bool{}
	for _, day := range data.Holidays() {
		listed[day] = true
		if slices.Contains(sent["differ"], day.String()) {
			differ = append(differ, day)
		}
	}
	for _, text := range data.Branch.Settings.Holidays.Differ.Texts() {
		if day, ok := clinic.ParseDate(text); ok && !listed[day] && !day.Before(data.Today) {
			differ = append(differ, day)
		}
	}
	rule.Differ = clinic.DatesOf(differ...)
	return rule
}

// take does what a button between the fields asks for: add a span to a weekday, or remove one.
func take(step string, typed clinic.TypedWeek) (next clinic.TypedWeek, picked string) {
	words := strings.Split(step, ",")
	switch {
	case words[0] == "remove" && len(words) == 2:
		return typed.Without(words[1]), ""
	case words[0] == "add" && len(words) >= 2:
		span := clinic.TypedSpan{Weekday: words[1], TypedPattern: clinic.TypedPattern{From: "10:00", Until: "13:00", Minutes: "60", Pause: "0", Audience: string(clinic.Public)}}
		if n := len(typed.Spans); n > 0 { // as the doctor works on other days
			last := typed.Spans[n-1]
			span.Minutes, span.Pause, span.Room, span.Audience = last.Minutes, last.Pause, last.Room, last.Audience
		}
		if len(words) == 4 {
			span.From, span.Until = words[2], words[3]
		} else if slices.ContainsFunc(typed.Spans, func(s clinic.TypedSpan) bool { return s.Weekday == words[1] }) {
			span.From, span.Until = "14:00", "18:00"
		}
		typed = typed.With(span)
		return typed, typed.Spans[len(typed.Spans)-1].Key
	}
	return typed, ""
}
