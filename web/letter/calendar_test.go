package letter

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

const sender = "yoyaku@example.jp"

// readEntry reads a calendar file by another library than the one that wrote it, and checks the form of its lines.
func readEntry(t interface {
	Helper()
	Fatalf(string, ...any)
}, file []byte) (cal *ical.Calendar, event ical.Event,
) {
	t.Helper()
	for line := range bytes.SplitAfterSeq(file, []byte("\r\n")) {
		if len(line) > 77 || len(line) > 0 && !bytes.HasSuffix(line, []byte("\r\n")) || !utf8.Valid(line) || bytes.Count(line, []byte("\n")) > 1 {
			t.Fatalf("line of %d bytes: %q", len(line), line)
		}
	}
	cal, err := ical.NewDecoder(bytes.NewReader(file)).Decode()
	if err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	return cal, cal.Events()[0]
}

func value(t *testing.T, props ical.Props, name string) string {
	t.Helper()
	text, err := props.Text(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestNewEntry_IsReadByAnotherLibrary(t *testing.T) {
	l := confirmation("ja")
	entry, err := NewEntry(l, sender)
	if err != nil {
		t.Fatal(err)
	}
	cal, event := readEntry(t, entry.File)
	if entry.Method != "PUBLISH" || value(t, cal.Props, "METHOD") != "PUBLISH" || value(t, cal.Props, "VERSION") != "2.0" {
		t.Errorf("method %s in %s", entry.Method, entry.File)
	}
	for name, want := range map[string]string{
		"UID": l.Content.BookingID, "SUMMARY": "カウンセリングのご予約", "STATUS": "CONFIRMED", "CLASS": "PRIVATE",
		"LOCATION":    "見本クリニック 中央院 東京都架空区見本1-2-3 例示ビル4階",
		"DESCRIPTION": "予約番号：M7K-4Q2P\n架空線 見本駅 東口より徒歩3分\n変更・キャンセルは、メールのリンクのページか、お電話で：03-0000-0000 ／ 受付 平日 10:00–18:00",
	} {
		if got := value(t, event.Props, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]time.Time{"DTSTART": l.Content.StartsAt, "DTEND": l.Content.EndsAt, "DTSTAMP": l.Content.WrittenAt} {
		if got, err := event.Props.DateTime(name, nil); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v (%v), want %v", name, got, err, want)
		}
	}
	if got := event.Props.Get("ORGANIZER"); got.Value != "mailto:yoyaku@example.jp" || got.Params.Get("CN") != "見本クリニック 中央院" {
		t.Errorf("organizer %v", got)
	}
	if got := event.Props.Get("ATTENDEE"); got != nil {
		t.Errorf("the entry invites %v, and nobody reads the reply", got)
	}
	wantAlarms(t, event, "-P1D", "-PT2H")
}

// wantAlarms wants what RFC 5545, 3.6.6 asks of an alarm that shows something, at these times before the counseling.
func wantAlarms(t *testing.T, event ical.Event, triggers ...string) {
	t.Helper()
	var got []string
	for _, child := range event.Children {
		if child.Name != "VALARM" || value(t, child.Props, "ACTION") != "DISPLAY" || value(t, child.Props, "DESCRIPTION") != value(t, event.Props, "SUMMARY") {
			t.Errorf("%s: %v", child.Name, child.Props)
		}
		got = append(got, child.Props.Get("TRIGGER").Value)
	}
	if !slices.Equal(got, triggers) {
		t.Errorf("alarms at %q, want %q", got, triggers)
	}
}

// What an address may hold and a link may not is escaped (RFC 6068), so that it names one mailbox and nothing else.
func TestNewEntry_EscapesAddresses(t *testing.T) {
	l := confirmation("ja")
	entry, err := NewEntry(l, "a%b&c=d?e/x@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	_, event := readEntry(t, entry.File)
	if from := event.Props.Get("ORGANIZER").Value; from != "mailto:a%25b%26c%3Dd%3Fe%2Fx@example.jp" {
		t.Errorf("the organizer is %s", from)
	}
}

// The file for a download follows the booking: after a cancellation it takes the same entry away.
func TestCalendarFile_OfACancelledBooking(t *testing.T) {
	before, err := CalendarFile(confirmation("ja"))
	if err != nil {
		t.Fatal(err)
	}
	after, err := CalendarFile(cancellation("ja"))
	if err != nil {
		t.Fatal(err)
	}
	_, old := readEntry(t, before)
	cal, event := readEntry(t, after)
	if value(t, cal.Props, "METHOD") != "CANCEL" || value(t, event.Props, "STATUS") != "CANCELLED" || value(t, event.Props, "UID") != value(t, old.Props, "UID") {
		t.Errorf("%s", after)
	}
	wantAlarms(t, old, "-P1D", "-PT2H")
	wantAlarms(t, event)
	was, err := old.Props.Get("SEQUENCE").Int()
	if err != nil {
		t.Fatal(err)
	}
	if is, err := event.Props.Get("SEQUENCE").Int(); err != nil || is <= was {
		t.Errorf("the sequence was %d and is %d (%v)", was, is, err)
	}
}

func TestNewEntry_CancellationTakesTheSameEntryAway(t *testing.T) {
	l := cancellation("en")
	entry, err := NewEntry(l, sender)
	if err != nil {
		t.Fatal(err)
	}
	cal, event := readEntry(t, entry.File)
	if entry.Method != "CANCEL" || value(t, cal.Props, "METHOD") != "CANCEL" || value(t, event.Props, "STATUS") != "CANCELLED" {
		t.Errorf("%s", entry.File)
	}
	if sequence, err := event.Props.Get("SEQUENCE").Int(); err != nil || sequence != 1 || value(t, event.Props, "UID") != l.Content.BookingID {
		t.Errorf("sequence %d (%v), UID %s", sequence, err, value(t, event.Props, "UID"))
	}
	// RFC 5546, 4.1.3 and 3.2.5: what was published is taken back from nobody in particular, and nothing rings any more.
	if event.Props.Get("ATTENDEE") != nil || event.Props.Get("ORGANIZER") == nil {
		t.Errorf("%s", entry.File)
	}
	wantAlarms(t, event)
}

// A letter that is sent again has the same entry, and says that it is the later of the two.
func TestNewEntry_OfALetterSentAgain(t *testing.T) {
	l := confirmation("ja")
	first, err := NewEntry(l, sender)
	if err != nil {
		t.Fatal(err)
	}
	later := l.Content.WrittenAt.Add(time.Hour)
	second, err := NewEntry(l.SentAgain(later), sender)
	if err != nil {
		t.Fatal(err)
	}
	_, was := readEntry(t, first.File)
	_, is := readEntry(t, second.File)
	for _, name := range []string{"UID", "SEQUENCE", "DTSTART"} {
		if was.Props.Get(name).Value != is.Props.Get(name).Value {
			t.Errorf("%s was %s and is %s", name, was.Props.Get(name).Value, is.Props.Get(name).Value)
		}
	}
	if at, err := is.Props.DateTime("DTSTAMP", nil); err != nil || !at.Equal(later) {
		t.Errorf("DTSTAMP is %v (%v)", at, err)
	}
}

func TestCalendarFile_NamesNobodyAndOpensNothing(t *testing.T) {
	l := confirmation("ja")
	file, err := CalendarFile(l)
	if err != nil {
		t.Fatal(err)
	}
	cal, event := readEntry(t, file)
	if value(t, cal.Props, "METHOD") != "PUBLISH" || value(t, event.Props, "UID") != l.Content.BookingID {
		t.Errorf("%s", file)
	}
	unfolded := strings.ReplaceAll(string(file), "\r\n ", "")
	for _, secret := range []string{l.Content.Token, l.Content.To, "花子", "ATTENDEE", "ORGANIZER", "http"} {
		if strings.Contains(unfolded, secret) {
			t.Errorf("the file holds %q", secret)
		}
	}
	entry, err := NewEntry(l, sender)
	if err != nil {
		t.Fatal(err)
	}
	if unfolded := strings.ReplaceAll(string(entry.File), "\r\n ", ""); strings.Contains(unfolded, l.Content.Token) || strings.Contains(unfolded, "花子") {
		t.Error("the entry holds the token or the name")
	}
	l.Content.BranchAddress = "東京\r\nATTENDEE:mailto:x@example.jp"
	if _, err := CalendarFile(l); err == nil {
		t.Error("a line break was written")
	}
}

// Whatever a branch is called, both libraries agree on what was said.
func TestNewEntry_AnyBranchSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(`",;:\'<> 院`)))).
			Filter(func(s string) bool { return s != "" && !clinic.HasControl(s) && strings.TrimSpace(s) == s })
		l := confirmation("ja")
		l.Content.BranchName, l.Content.BranchAddress = text.Draw(t, "name"), text.Draw(t, "address")
		entry, err := NewEntry(l, sender)
		if err != nil {
			t.Fatal(err)
		}
		_, event := readEntry(t, entry.File)
		if got, err := event.Props.Text("LOCATION"); err != nil || got != SenderName(l.Content)+" "+l.Content.BranchAddress {
			t.Fatalf("location %q (%v)", got, err)
		}
		if got := event.Props.Get("ORGANIZER"); got.Value != "mailto:yoyaku@example.jp" || got.Params.Get("CN") != parameter(SenderName(l.Content)) {
			t.Fatalf("organizer %q %q", got.Value, got.Params.Get("CN"))
		}
	})
}
