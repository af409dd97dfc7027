package letter

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// said is what ical.js reads of a calendar file, which computes instants by the zone that the file describes and by nothing else.
type said struct {
	Method, Zone, UID, Status, Summary, Clock string
	Events, Sequence                          int
	Zones                                     []string
	Starts, Ends                              time.Time
}

// readByICAL reads calendar files by ical.js, all at once, because each time a node is started.
func readByICAL(t *testing.T, files ...[]byte) (out []said) {
	t.Helper()
	texts := make([]string, len(files))
	for i, file := range files {
		texts[i] = string(file)
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/read.mjs")
	cmd.Env = append(cmd.Environ(), "TZ=Asia/Kolkata") // which no branch here is in, so that the machine's own zone helps nobody
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %.2000s", err, stderr.String())
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil || len(out) != len(files) {
		t.Fatalf("%d files are read as %d (%v)", len(files), len(out), err)
	}
	return out
}

// zones are those in which instants are compared: with and without summer time, north and south, by half an hour, and one that gave it up.
var zones = []string{
	"Asia/Tokyo", "Europe/Berlin", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "America/St_Johns",
	"America/Sao_Paulo", "Africa/Casablanca", "UTC",
}

// at is a letter about a counseling at an instant in a zone.
func at(zone string, starts time.Time) clinic.Letter {
	l := confirmation("ja")
	l.Content.Zone, l.Content.StartsAt, l.Content.EndsAt = zone, starts, starts.Add(time.Hour)
	return l
}

func entryFile(t testing.TB, l clinic.Letter) []byte {
	t.Helper()
	entry, err := NewEntry(l, sender)
	if err != nil {
		t.Fatal(err)
	}
	return entry.File
}

// TestCalendar_InstantsOverEveryChangeover: of each quarter of an hour around each changeover of two years, ical.js computes the instant that was
// booked, by the zone in the file alone.
func TestCalendar_InstantsOverEveryChangeover(t *testing.T) {
	for _, name := range zones {
		loc := zone(t, name)
		var letters []clinic.Letter
		var files [][]byte
		add := func(starts time.Time) {
			letters = append(letters, at(name, starts))
			files = append(files, entryFile(t, letters[len(letters)-1]))
		}
		for month := range 24 {
			add(time.Date(2026, time.January+time.Month(month), 15, 10, 30, 0, 0, loc))
		}
		changeovers := 0
		for now, end := time.Date(2026, 1, 1, 0, 0, 0, 0, loc), time.Date(2028, 1, 1, 0, 0, 0, 0, loc); ; {
			_, next := now.ZoneBounds()
			if next.IsZero() || !next.Before(end) {
				break
			}
			changeovers++
			for quarter := -12; quarter <= 12; quarter++ {
				add(next.Add(time.Duration(quarter) * 15 * time.Minute))
			}
			now = next
		}
		if want := map[string]int{"Europe/Berlin": 4, "America/New_York": 4, "Asia/Tokyo": 0}; changeovers != want[name] && (name == "Europe/Berlin" || name == "America/New_York" || name == "Asia/Tokyo") {
			t.Errorf("%s has %d changeovers", name, changeovers)
		}
		for i, got := range readByICAL(t, files...) {
			want := letters[i].Content
			if !got.Starts.Equal(want.StartsAt) || !got.Ends.Equal(want.EndsAt) {
				t.Errorf("%s: %s is read as %s, until %s:\n%s", name, want.StartsAt.In(loc), got.Starts, got.Ends, files[i])
			}
			if len(got.Zones) != 1 || got.Zones[0] != name || got.Zone != name && !(got.Zone == "" && (isTwice(want.StartsAt, loc) || isTwice(want.EndsAt, loc))) {
				t.Errorf("%s: the zones are %q, and the beginning is in %q", name, got.Zones, got.Zone)
			}
			if got.Zone != "" && got.Clock != want.StartsAt.In(loc).Format("2006-01-02T15:04:05") {
				t.Errorf("%s: the clock shows %s at %s", name, got.Clock, want.StartsAt.In(loc))
			}
		}
	}
}

// TestCalendar_AnyInstant: the same of instants and zones as they come, also in years of which nobody has decided yet.
func TestCalendar_AnyInstant(t *testing.T) {
	var letters []clinic.Letter
	var files [][]byte
	rapid.Check(t, func(r *rapid.T) {
		minutes := rapid.Int64Range(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/60, time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/60).Draw(r, "minute")
		l := at(rapid.SampledFrom(zones).Draw(r, "zone"), time.Unix(minutes*60, 0).UTC())
		letters, files = append(letters, l), append(files, entryFile(t, l))
	})
	for i, got := range readByICAL(t, files...) {
		if want := letters[i].Content; !got.Starts.Equal(want.StartsAt) || !got.Ends.Equal(want.EndsAt) {
			t.Errorf("%s in %s is read as %s, until %s", want.StartsAt, want.Zone, got.Starts, got.Ends)
		}
	}
}

// TestCalendar_EveryKindIsReadByICAL: each letter that has an entry, in both languages, and the same entry for a download: one event with its
// zone. From the first letter over the change to the cancellation it stays one entry whose number rises.
func TestCalendar_EveryKindIsReadByICAL(t *testing.T) {
	for _, lang := range web.Languages() {
		var files [][]byte
		var kindsRead []clinic.LetterKind
		for _, kind := range clinic.LetterKinds {
			if !HasEntry(kind) {
				continue
			}
			l := confirmation(lang)
			l.Kind = kind
			if kind.Ends() {
				l.Content.Token = ""
			}
			file, err := CalendarFile(l)
			if err != nil {
				t.Fatal(err)
			}
			files, kindsRead = append(files, entryFile(t, l), file), append(kindsRead, kind, kind)
		}
		if len(files) < 10 {
			t.Errorf("only %d files are read", len(files))
		}
		for i, got := range readByICAL(t, files...) {
			method, c := "PUBLISH", confirmation(lang).Content
			if kindsRead[i].Ends() {
				method = "CANCEL"
			}
			if got.Method != method || got.Events != 1 || !slices.Equal(got.Zones, []string{"Asia/Tokyo"}) || got.Zone != "Asia/Tokyo" || got.UID != c.BookingID ||
				got.Status != string(kinds[kindsRead[i]].entry) || got.Summary == "" || !got.Starts.Equal(c.StartsAt) || !got.Ends.Equal(c.EndsAt) {
				t.Errorf("the %s in %s is read as %+v", kindsRead[i], lang, got)
			}
		}

		first, moved, ended := confirmation(lang), change(lang), cancellation(lang)
		moved.Content.Sequence, ended.Content.Sequence = 1, 2
		var way [][]byte
		for _, l := range []clinic.Letter{first, moved, ended} {
			l.Content.WrittenAt = first.Content.WrittenAt.Add(time.Duration(l.Content.Sequence) * time.Hour)
			file, err := CalendarFile(l)
			if err != nil {
				t.Fatal(err)
			}
			way = append(way, entryFile(t, l), file)
		}
		for i, got := range readByICAL(t, way...) {
			if got.UID != first.Content.BookingID || got.Sequence != i/2 || (got.Method == "CANCEL") != (i/2 == 2) {
				t.Errorf("step %d of %s: %+v", i/2, lang, got)
			}
		}
	}
}

// TestCalendar_TheZoneIsAsRFC5545WantsIt: at least one part, each with all that it must have and on the clock as it was before.
func TestCalendar_TheZoneIsAsRFC5545WantsIt(t *testing.T) {
	berlin := string(entryFile(t, at("Europe/Berlin", time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC))))
	for _, part := range []string{
		"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:20251026T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\n",
		"BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nEND:DAYLIGHT\r\n",
		"BEGIN:STANDARD\r\nDTSTART:20271031T030000\r\n",
		"DTSTART;TZID=Europe/Berlin:20260701T100000\r\nDTEND;TZID=Europe/Berlin:20260701T110000\r\n",
	} {
		if !strings.Contains(berlin, part) {
			t.Errorf("it does not say\n%s\nbut\n%s", part, berlin)
		}
	}
	tokyo := string(entryFile(t, confirmation("ja")))
	if want := "BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nTZNAME:JST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"; !strings.Contains(tokyo, want) {
		t.Errorf("Tokyo is\n%s", tokyo)
	}
}
