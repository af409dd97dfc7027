package mail

import (
	"bytes"
	"flag"
	"fmt"
	"mime"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	gomail "github.com/wneessen/go-mail"

	"madoguchi/internal/clinic"
	"madoguchi/web/letter"
)

var update = flag.Bool("update", false, "write the golden files anew")

func options() Options {
	return Options{
		BaseURL: &url.URL{Scheme: "https", Host: "yoyaku.example.jp"},
		From:    "yoyaku@clinic.example.jp",
	}
}

// newLetter is a letter about an obviously fictional booking.
func newLetter(kind clinic.LetterKind, lang string) clinic.Letter {
	l := clinic.Letter{
		ID: "message0000000000000000000", BookingID: "booking0000000000000000000", Kind: kind,
		Content: clinic.LetterContent{
			Lang: lang, To: "hanako@example.jp", ToName: "試験 花子", Reference: "M7K-4Q2P", BookingID: "booking0000000000000000000",
			StartsAt: time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC),
			Zone: "Asia/Tokyo", ClinicName: "見本クリニック", BranchName: "中央院", BranchAddress: "東京都架空区見本1-2-3 例示ビル4階",
			BranchAccess: "架空線 見本駅 東口より徒歩3分", BranchPhone: "03-0000-0000", PhoneHours: "平日 10:00–18:00", DoctorName: "見本 花",
			Token: "token000000000000000000000", WrittenAt: time.Date(2026, 11, 21, 14, 2, 3, 0, time.UTC),
		},
	}
	if lang == "en" {
		l.Content.ClinicName, l.Content.BranchName, l.Content.PhoneHours = "Mihon Clinic", "Mihon Clinic Chuo", "Mon–Fri 10:00–18:00"
	}
	if kind.Ends() || kind == clinic.Thanks {
		l.Content.Token = ""
	}
	if kind != clinic.Confirmation {
		l.Content.Sequence = 1
	}
	if kind.OfTheFuture() {
		l.Content.Asks, l.Content.ChangesUntil = true, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	}
	if slices.Contains(clinic.StaffKinds, kind) {
		l.Content.To, l.Content.Token, l.Content.Count = "uketsuke@clinic.example.jp", "", 3
		if kind != clinic.Trial {
			l.Content.ToName = ""
		}
	}
	return l
}

func TestRender_Golden(t *testing.T) {
	for _, kind := range slices.Concat(clinic.LetterKinds, []clinic.LetterKind{clinic.BookingMade, clinic.FailedToday}) {
		for _, lang := range []string{"ja", "en"} {
			name := string(kind) + "." + lang
			t.Run(name, func(t *testing.T) {
				raw := write(t, render1(t, newLetter(kind, lang)))
				m := read(t, raw)
				golden(t, name+".eml", stable(raw))
				golden(t, name+".structure", m.structure())
				golden(t, name+".txt", m.find(t, "text/plain").body)
				golden(t, name+".html", m.find(t, "text/html").body)
				if letter.HasEntry(kind) {
					golden(t, name+".ics", m.find(t, "text/calendar").body)
				} else if bytes.Contains(raw, []byte("calendar")) {
					t.Error("it has a calendar entry")
				}
			})
		}
	}
}

// Letters to somebody who waits are about no booking yet.
func TestRender_Waiting(t *testing.T) {
	for _, kind := range clinic.WaitingKinds {
		for _, lang := range []string{"ja", "en"} {
			name := string(kind) + "." + lang
			raw := write(t, render1(t, newWaitingLetter(kind, lang)))
			m := read(t, raw)
			golden(t, name+".eml", stable(raw))
			golden(t, name+".structure", m.structure())
			golden(t, name+".txt", m.find(t, "text/plain").body)
			golden(t, name+".html", m.find(t, "text/html").body)
			if bytes.Contains(raw, []byte("calendar")) {
				t.Errorf("%s has a calendar entry", name)
			}
			if links := regexp.MustCompile(`https://\S+`).FindAll(m.find(t, "text/plain").body, -1); len(links) != 1 || string(links[0]) != "https://yoyaku.example.jp/waiting/token000000000000000000000" {
				t.Errorf("%s leads to %q", name, links)
			}
		}
	}
}

func newWaitingLetter(kind clinic.LetterKind, lang string) clinic.Letter {
	l := newLetter(kind, lang)
	l.BookingID, l.WaitingID = "", "waiting0000000000000000000"
	l.Content.Reference, l.Content.BookingID, l.Content.Sequence, l.Content.KeepMinutes = "", "", 0, 60
	return l
}

// A trial letter is about no booking, so that it has nothing for a calendar.
func TestRender_Trial(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		l := clinic.TrialFor(clinic.Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"}, clinic.Staff{ID: "one", Name: "管理 見本", Email: "admin@example.jp"}, lang, time.Date(2026, 11, 21, 14, 2, 3, 0, time.UTC))
		l.ID = "message0000000000000000000"
		raw := write(t, render1(t, l))
		m := read(t, raw)
		golden(t, "trial."+lang+".eml", stable(raw))
		golden(t, "trial."+lang+".structure", m.structure())
		golden(t, "trial."+lang+".txt", m.find(t, "text/plain").body)
		golden(t, "trial."+lang+".html", m.find(t, "text/html").body)
		if bytes.Contains(raw, []byte("calendar")) {
			t.Error("it has a calendar entry")
		}
		received, err := letter.Read(bytes.NewReader(raw))
		if err != nil || received.Text == "" {
			t.Errorf("a demo's letter box cannot read it: %v", err)
		}
	}
}

// The letter with a code names nobody, because its reader may be a stranger, and leads nowhere.
func TestRender_Code(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		b := clinic.Branch{Name: "中央院", NameEn: "Chuo", Phone: "03-0000-0000", Zone: clinic.DefaultZone, Settings: clinic.BranchSettings{PhoneHours: "平日 10:00–18:00", PhoneHoursEn: "Mon–Fri 10:00–18:00"}}
		l := clinic.CodeFor(clinic.Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"}, b, "hanako@example.jp", lang, "12345678", "code/one", time.Date(2026, 11, 21, 14, 2, 3, 0, time.UTC))
		l.ID = "message0000000000000000000"
		raw := write(t, render1(t, l))
		m := read(t, raw)
		golden(t, "code."+lang+".eml", stable(raw))
		golden(t, "code."+lang+".structure", m.structure())
		golden(t, "code."+lang+".txt", m.find(t, "text/plain").body)
		golden(t, "code."+lang+".html", m.find(t, "text/html").body)
		if body := m.find(t, "text/plain").body; bytes.Contains(raw, []byte("calendar")) || bytes.Contains(body, []byte("http")) || !bytes.Contains(body, []byte("1234 5678")) {
			t.Errorf("it says %s", body)
		}
	}
}

// golden compares with a file of testdata. CRLF is shown as LF there, so that editors and git leave the files alone.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n"))
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; if that is meant, run with -update (-want +got):\n%s", name, diff)
	}
}

var boundaries = regexp.MustCompile(`boundary="?([0-9a-f]{60})"?`)

// stable gives the boundaries, which are random, names in the order they appear.
func stable(raw []byte) []byte {
	for i, m := range boundaries.FindAllSubmatch(raw, -1) {
		raw = bytes.ReplaceAll(raw, m[1], fmt.Appendf(nil, "BOUNDARY-%d", i+1))
	}
	return raw
}

func render1(t *testing.T, l clinic.Letter) *gomail.Msg {
	t.Helper()
	m, err := Render(l, options())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t *testing.T, m *gomail.Msg) []byte {
	t.Helper()
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

func TestRender_HeadersAreReadByAnotherLibrary(t *testing.T) {
	l := newLetter(clinic.Confirmation, "ja")
	raw := write(t, render1(t, l))
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": `見本クリニック 中央院 <yoyaku@clinic.example.jp>`, "To": `試験 花子 <hanako@example.jp>`,
	} {
		list, err := m.Header.AddressList(name)
		if err != nil || len(list) != 1 || list[0].Name+" <"+list[0].Address+">" != want {
			t.Errorf("%s is %v (%v), want %s", name, list, err, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "【見本クリニック 中央院】11/24(火) 14:00 ご予約の確認" {
		t.Errorf("subject %q (%v)", subject, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<message0000000000000000000@clinic.example.jp>", "Date": "Sat, 21 Nov 2026 14:02:03 +0000",
		"Auto-Submitted": "auto-generated", "Content-Language": "ja",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name := range m.Header {
		if strings.HasPrefix(name, "List-") || name == "User-Agent" || name == "X-Mailer" || name == "Precedence" || name == "Bcc" {
			t.Errorf("header %s", name)
		}
	}
	for line := range bytes.SplitAfterSeq(raw, []byte("\r\n")) {
		if len(line) > 100 || bytes.Count(line, []byte("\n")) > 1 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
}

func TestRender_EntryIsTheSameTwice(t *testing.T) {
	m := read(t, write(t, render1(t, newLetter(clinic.Confirmation, "ja"))))
	inline, attached := m.find(t, "text/calendar"), m.find(t, "application/ics")
	if !bytes.Equal(inline.body, attached.body) || inline.params["method"] != "PUBLISH" {
		t.Error("the entry and the attachment differ")
	}
	cal, err := ical.NewDecoder(bytes.NewReader(inline.body)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	event := cal.Events()[0]
	if organizer := event.Props.Get("ORGANIZER").Value; organizer != "mailto:yoyaku@clinic.example.jp" {
		t.Errorf("the organizer %s is not the sender", organizer)
	}
	m = read(t, write(t, render1(t, newLetter(clinic.Cancellation, "ja"))))
	if m.find(t, "text/calendar").params["method"] != "CANCEL" {
		t.Error("a cancellation does not cancel")
	}
}

// Every letter says whose it is where a list of mails shows it: in its sender and at the beginning of its subject.
func TestRender_SenderAndSubjectNameTheClinic(t *testing.T) {
	for _, kind := range clinic.LetterKinds {
		for lang, want := range map[string][2]string{"ja": {"見本クリニック 中央院", "【見本クリニック 中央院】11/24(火) 14:00 "}, "en": {"Mihon Clinic Chuo", "[Mihon Clinic Chuo] Tue 24 Nov, 14:00 – "}} {
			m := render1(t, newLetter(kind, lang))
			if from := m.GetFrom(); len(from) != 1 || from[0].Name != want[0] || from[0].Address != options().From {
				t.Errorf("%s in %s is from %v", kind, lang, from)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(netmail.Header(read(t, write(t, m)).header).Get("Subject"))
			if err != nil || !strings.HasPrefix(subject, want[1]) || len(subject) == len(want[1]) {
				t.Errorf("the subject of %s in %s is %q (%v)", kind, lang, subject, err)
			}
		}
	}
}

func TestRender_SameLetterSameMessage(t *testing.T) {
	l := newLetter(clinic.Confirmation, "ja")
	first, again := write(t, render1(t, l)), write(t, render1(t, l))
	if !bytes.Equal(stable(first), stable(again)) {
		t.Error("a second rendering differs in more than its boundaries")
	}
}

// What a person has sent again is a new message of today, because mail systems drop one that they have seen; what the worker tries
// again is the same one.
func TestRender_SentAgainIsAnotherMessage(t *testing.T) {
	l := newLetter(clinic.Confirmation, "ja")
	again := l.SentAgain(l.Content.WrittenAt.AddDate(0, 0, 2))
	third := again.SentAgain(l.Content.WrittenAt.AddDate(0, 0, 3))
	retried := again
	retried.Attempts = 4
	for want, l := range map[[2]string]clinic.Letter{
		{"<message0000000000000000000@clinic.example.jp>", "Sat, 21 Nov 2026 14:02:03 +0000"}:   l,
		{"<message0000000000000000000-1@clinic.example.jp>", "Mon, 23 Nov 2026 14:02:03 +0000"}: again,
		{"<message0000000000000000000-2@clinic.example.jp>", "Tue, 24 Nov 2026 14:02:03 +0000"}: third,
	} {
		header := netmail.Header(read(t, write(t, render1(t, l))).header)
		if got := [2]string{header.Get("Message-Id"), header.Get("Date")}; got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	}
	if !bytes.Equal(stable(write(t, render1(t, again))), stable(write(t, render1(t, retried)))) {
		t.Error("what is tried again is another message")
	}
}

func TestRender_RefusesHeaderInjection(t *testing.T) {
	for name, spoil := range map[string]func(*clinic.Letter, *Options){
		"CRLF in the name":         func(l *clinic.Letter, _ *Options) { l.Content.ToName = "試験\r\nBcc: all@example.jp" },
		"NUL in the name":          func(l *clinic.Letter, _ *Options) { l.Content.ToName = "試験\x00" },
		"U+2028 in the name":       func(l *clinic.Letter, _ *Options) { l.Content.ToName = "試験\u2028Bcc: all@example.jp" },
		"URL in the name":          func(l *clinic.Letter, _ *Options) { l.Content.ToName = "http://evil.example/" },
		"CRLF in the address":      func(l *clinic.Letter, _ *Options) { l.Content.To = "a@example.jp>\r\nRCPT TO:<b@example.jp" },
		"quoted local part":        func(l *clinic.Letter, _ *Options) { l.Content.To = `"a@example.jp> NOTIFY=NEVER"@example.jp` },
		"CRLF in the branch":       func(l *clinic.Letter, _ *Options) { l.Content.BranchName = "院\r\nBcc: all@example.jp" },
		"CRLF in the message id":   func(l *clinic.Letter, _ *Options) { l.ID = "x>\r\nBcc: all@example.jp" },
		"no message id":            func(l *clinic.Letter, _ *Options) { l.ID = "" },
		"domain in the message id": func(l *clinic.Letter, _ *Options) { l.ID = "x@evil.example" },
		"CRLF in the clinic":       func(l *clinic.Letter, _ *Options) { l.Content.ClinicName = "院\r\nBcc: all@example.jp" },
		"U+2029 in the clinic":     func(l *clinic.Letter, _ *Options) { l.Content.ClinicName = "院\u2029" },
		"CRLF in the sender":       func(_ *clinic.Letter, o *Options) { o.From = "a@example.jp\r\n" },
		"name in the sender":       func(_ *clinic.Letter, o *Options) { o.From = "院 <a@example.jp>" },
		"quoted sender":            func(_ *clinic.Letter, o *Options) { o.From = `"a b"@example.jp` },
		"no base URL":              func(_ *clinic.Letter, o *Options) { o.BaseURL = nil },
	} {
		l, o := newLetter(clinic.Confirmation, "ja"), options()
		spoil(&l, &o)
		_, err := Render(l, o)
		if err == nil {
			t.Errorf("%s: rendered", name)
			continue
		}
		// The settings can be mended, the letter cannot.
		want := "render"
		if strings.Contains(name, "sender") {
			want = "sender"
		}
		if code, permanent := Failure(err); code != want || permanent != (want == "render") {
			t.Errorf("%s: %s, permanent %v", name, code, permanent)
		}
		if strings.Contains(err.Error(), "試験") || strings.Contains(err.Error(), "@") {
			t.Errorf("%s: the error names somebody: %v", name, err)
		}
	}
}

func FuzzRender_HeadersHoldOneLetterEach(f *testing.F) {
	f.Add("試験 花子", "hanako@example.jp", "見本クリニック 中央院")
	f.Add("O’Brien-髙﨑 葛\U000E0100", "a+b@example.co.jp", "院 \"(x)\" , ; <y>")
	f.Add("x\r\nBcc: y", "\"a\r\n\"@example.jp", "\x00")
	f.Fuzz(func(t *testing.T, name, to, branch string) {
		l, o := newLetter(clinic.Confirmation, "ja"), options()
		l.Content.ToName, l.Content.To, l.Content.BranchName = name, to, branch
		m, err := Render(l, o)
		if err != nil {
			return
		}
		header := read(t, write(t, m)).header
		if len(header) != 9 {
			t.Fatalf("headers %v", header)
		}
		recipients, err := netmail.Header(header).AddressList("To")
		if err != nil || len(recipients) != 1 || recipients[0].Address != to || recipients[0].Name != name {
			t.Fatalf("to %v (%v)", recipients, err)
		}
		from, err := netmail.Header(header).AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != o.From {
			t.Fatalf("from %v (%v)", from, err)
		}
	})
}
