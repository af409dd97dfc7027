package mail

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
)

// bouncedID is the letter that comes back in testdata/bounces.
const bouncedID = "0000rkm3h8abcdefghijklmnopqrstuvwxyz234567"

// bounces are what the kept reports say.
var bounces = map[string]Bounce{
	"postfix.eml":                       {bouncedID, 0, "bounce 5.1.1"},
	"postfix-headers-again.eml":         {bouncedID, 2, "bounce 5.2.2"},
	"exim.eml":                          {bouncedID, 0, "bounce 5.7.1"},
	"exchange.eml":                      {bouncedID, 0, "bounce 5.1.10"},
	"exchange-without-the-original.eml": {bouncedID, 0, "bounce 5.1.10"},
	"gmail.eml":                         {bouncedID, 1, "bounce 5.1.1"},
	"sendmail-expired.eml":              {bouncedID, 0, "bounce 4.4.7"},
}

// kept reads the files of a folder of testdata.
func kept(tb testing.TB, folder string) map[string][]byte {
	tb.Helper()
	files, err := os.ReadDir(filepath.Join("testdata", folder))
	if err != nil {
		tb.Fatal(err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		if all[file.Name()], err = os.ReadFile(filepath.Join("testdata", folder, file.Name())); err != nil {
			tb.Fatal(err)
		}
	}
	return all
}

// Reports as the servers write them that most letters meet, with the ends of lines of mail and of files.
func TestReadBounce_KnowsWhatServersWrite(t *testing.T) {
	all := kept(t, "bounces")
	if len(all) != len(bounces) {
		t.Errorf("%d reports are kept, and %d are listed", len(all), len(bounces))
	}
	for name, raw := range all {
		for end, raw := range map[string][]byte{"LF": raw, "CRLF": bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))} {
			if got, ok := ReadBounce(bytes.NewReader(raw)); !ok || got != bounces[name] {
				t.Errorf("%s with %s: %+v (%t), want %+v", name, end, got, ok, bounces[name])
			}
		}
	}
}

// within is a message in a part of another.
func within(kind string, message []byte) []byte {
	return []byte("From: office@clinic.example.jp\nSubject: Fwd\nContent-Type: " + kind + "; boundary=outer\n\n" +
		"--outer\nContent-Type: text/plain\n\nsee below\n--outer\n" + string(message) + "\n--outer--\n")
}

// broken are reports as filters, old servers and people who forward them leave them, made from the one of Postfix.
func broken(tb testing.TB) map[string][]byte {
	tb.Helper()
	report := kept(tb, "bounces")["postfix.eml"]
	with := func(old, replaced string) []byte {
		if bytes.Count(report, []byte(old)) != 1 {
			tb.Fatalf("the report has not one %q", old)
		}
		return bytes.Replace(report, []byte(old), []byte(replaced), 1)
	}
	returned, typed := "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n", "Content-Type: multipart/report; report-type=delivery-status;"
	begin := bytes.Index(report, []byte("Content-Type: multipart/report"))
	begun, _, _ := bytes.Cut(report, []byte("MIME-Version: 1.0\nAuto-Submitted: auto-generated"))
	return map[string][]byte{
		"a part of multipart/mixed":           within("multipart/mixed", report[begin:]),
		"a forwarded message":                 within("multipart/mixed", append([]byte("Content-Type: message/rfc822\n\n"), report...)),
		"a forwarded message, forwarded":      within("multipart/mixed", append([]byte("Content-Type: message/rfc822\n\n"), within("multipart/mixed", append([]byte("Content-Type: message/rfc822\n\n"), report...))...)),
		"a From line":                         append([]byte("From MAILER-DAEMON Sat Nov 21 23:02:06 2026\n"), report...),
		"an escaped From line":                append([]byte(">From MAILER-DAEMON Sat Nov 21 23:02:06 2026\n"), report...),
		"empty lines first":                   append([]byte("\n\n"), report...),
		"malformed outer headers":             with("Auto-Submitted: auto-replied\n", "no header\n: none\nbad name: x\n\xff\xfe\nAuto-Submitted : auto-replied\n"),
		"a From line in the letter":           with(returned, returned+"From yoyaku@clinic.example.jp Sat Nov 21 23:02:04 2026\n"),
		"a line without a colon":              with(returned, returned+"something else\n"),
		"an empty line before the headers":    with(returned, returned+"\n"),
		"headers as text":                     with(returned, "Content-Type: text/plain; charset=us-ascii\n\n"),
		"headers without a type":              with(returned, "\n"),
		"a comment in the type":               with(returned, "Content-Type: message/rfc822 (the letter)\n\n"),
		"a wrong parameter":                   with(returned, "Content-Type: message/rfc822; x; charset=\n\n"),
		"malformed headers of a part":         with(returned, "no header\n"+returned),
		"a sign behind failed":                with("Action: failed", "Action: failed;"),
		"a comment behind failed":             with("Action: failed", "Action: FAILED (given up)"),
		"malformed lines in the report":       with("Action: failed", "no field\nAction: failed"),
		"no report-type":                      with(typed, "Content-Type: multipart/report;"),
		"another report-type":                 with(typed, "Content-Type: multipart/report; report-type=\"delivery-status (x)\";"),
		"a comment in the type of the report": with(typed, "Content-Type: multipart/report (RFC 6522); report-type=delivery-status;"),
		"multipart/mixed":                     with(typed, "Content-Type: multipart/mixed;"),
		"CRCRLF":                              bytes.ReplaceAll(report, []byte("\n"), []byte("\r\r\n")),
		"cut off":                             begun,
	}
}

// What breaks the form of a report does not hide what it says.
func TestReadBounce_ReadsBrokenReports(t *testing.T) {
	for name, raw := range broken(t) {
		if got, ok := ReadBounce(bytes.NewReader(raw)); !ok || got != bounces["postfix.eml"] {
			t.Errorf("%s: %+v (%t), want %+v", name, got, ok, bounces["postfix.eml"])
		}
	}
}

// However a report is broken, one that tells of no failure or names no letter of ours is none. What one report says is not put
// together with what another one returns.
func TestReadBounce_BelievesNoBrokenReportOfSomethingElse(t *testing.T) {
	letter := "<" + bouncedID + "@clinic.example.jp>"
	for name, raw := range broken(t) {
		for what, change := range map[string][2]string{
			"another's letter": {letter, "<CAF123@mail.example.jp>"}, "no letter": {"Message-ID: " + letter, "X-Other: " + letter},
			"delayed": {"failed", "delayed"}, "FAILED": {"FAILED", "delayed"}, "not failed": {"ction: failed", "ction: not failed"},
		} {
			other := bytes.ReplaceAll(raw, []byte(change[0]), []byte(change[1]))
			if got, ok := ReadBounce(bytes.NewReader(other)); ok && !bytes.Equal(other, raw) {
				t.Errorf("%s, %s: %+v", name, what, got)
			}
		}
	}
	report := kept(t, "bounces")["postfix.eml"]
	of := func(message []byte) string { return "Content-Type: message/rfc822\n\n" + string(message) }
	several := within("multipart/digest", []byte(of(bytes.ReplaceAll(report, []byte(letter), []byte("<CAF123@mail.example.jp>")))+
		"\n--outer\n"+of(bytes.ReplaceAll(report, []byte("failed"), []byte("delayed")))))
	if got, ok := ReadBounce(bytes.NewReader(several)); ok {
		t.Errorf("two reports became one: %+v", got)
	}
}

// Messages within messages without end, and parts without number, take work in proportion to their size: what is read again and
// again is copied again and again.
func TestReadBounce_EndsSoon(t *testing.T) {
	nested := kept(t, "bounces")["postfix.eml"]
	for n := 0; len(nested) < maxBounce/2; n++ {
		outer := within("multipart/mixed", append([]byte("Content-Type: message/rfc822\n\n"), nested...))
		nested = bytes.ReplaceAll(outer, []byte("outer"), fmt.Appendf(nil, "outer-%d-", n))
	}
	many := within("multipart/report", bytes.Repeat([]byte("\n--outer\n"), maxBounce/9))
	for name, raw := range map[string][]byte{"nested": nested, "many": many, "lines": bytes.Repeat([]byte("\n"), maxBounce), "folded": append([]byte("A: b"), bytes.Repeat([]byte("\n c"), maxBounce/3)...)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if got, ok := ReadBounce(bytes.NewReader(raw)); ok {
			t.Errorf("%s: %+v", name, got)
		}
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 250*maxBounce {
			t.Errorf("%s took %d bytes for %d", name, taken, len(raw))
		}
	}
}

func TestReadBounce_LeavesTheRestAlone(t *testing.T) {
	all := kept(t, "no_bounces")
	if len(all) < 6 {
		t.Errorf("only %d messages are kept", len(all))
	}
	all["nothing"], all["no mail"] = nil, []byte("\x00\xff\n\n")
	for name, raw := range all {
		if got, ok := ReadBounce(bytes.NewReader(raw)); ok {
			t.Errorf("%s is %+v", name, got)
		}
	}
}

// What Render writes into a message is what ReadBounce knows it by.
func TestReadBounce_KnowsTheLettersWeSend(t *testing.T) {
	now := time.Date(2026, 11, 21, 14, 2, 3, 0, time.UTC)
	l := newLetter(clinic.Confirmation, "ja")
	l.ID = clinic.NewIDAt(now)
	for _, l := range []clinic.Letter{l, l.SentAgain(now), l.SentAgain(now).SentAgain(now)} {
		report := strings.Replace(string(kept(t, "bounces")["postfix.eml"]), "<"+bouncedID+"@clinic.example.jp>", render1(t, l).GetMessageID(), 1)
		if got, ok := ReadBounce(strings.NewReader(report)); !ok || got.LetterID != l.ID || got.Resends != l.Resends {
			t.Errorf("%+v (%t), want %s, %d", got, ok, l.ID, l.Resends)
		}
	}
}

// Anybody can write to the mailbox. Whatever it is, reading it ends, and what it finds has the form of what we write.
func FuzzReadBounce(f *testing.F) {
	for _, folder := range []string{"bounces", "no_bounces"} {
		for _, raw := range kept(f, folder) {
			f.Add(raw)
		}
	}
	for _, raw := range broken(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := ReadBounce(bytes.NewReader(raw))
		if !ok {
			return
		}
		if id, resends, ours := clinic.ParseMessageID(clinic.Letter{ID: got.LetterID, Resends: got.Resends}.MessageID()); !ours || id != got.LetterID || resends != got.Resends {
			t.Errorf("%+v names no letter", got)
		}
		if status, found := strings.CutPrefix(got.Failure, "bounce "); !found || statusCode.FindString(status) != status {
			t.Errorf("the failure is %q", got.Failure)
		}
	})
}

// box is a mailbox on the disk, in which a test lets messages arrive.
type box struct {
	Mailbox
	n int
}

func newBox(t *testing.T, format string) *box {
	t.Helper()
	b := &box{Mailbox: Mailbox{Format: format, Path: filepath.Join(t.TempDir(), "returned")}}
	if format == Maildir {
		for _, folder := range []string{"tmp", "new", "cur"} {
			must(t, os.MkdirAll(filepath.Join(b.Path, folder), 0o700))
		}
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *box) arrive(t *testing.T, raw []byte) {
	t.Helper()
	b.n++
	if b.Format == Maildir {
		name := string(rune('a'+b.n)) + ".host"
		must(t, os.WriteFile(filepath.Join(b.Path, "tmp", name), raw, 0o600))
		must(t, os.Rename(filepath.Join(b.Path, "tmp", name), filepath.Join(b.Path, "new", name)))
		return
	}
	b.grow(t, "From MAILER-DAEMON Sat Nov 21 23:02:06 2026\n"+string(raw)+"\n")
}

// grow lets a part of a message arrive in an mbox.
func (b *box) grow(t *testing.T, part string) {
	t.Helper()
	file, err := os.OpenFile(b.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	_, err = file.WriteString(part)
	must(t, err)
	must(t, file.Close())
}

// expect reads the mailbox and wants the reports of these names; done tells it that they were dealt with.
func (b *box) expect(t *testing.T, done bool, names ...string) {
	t.Helper()
	found, after, err := b.Bounces()
	must(t, err)
	var want []Bounce
	for _, name := range names {
		want = append(want, bounces[name])
	}
	if !slices.Equal(found, want) {
		t.Errorf("found %+v, want %+v", found, want)
	}
	if done {
		after()
	}
}

func TestMailbox_TellsEachOnce(t *testing.T) {
	reports, others := kept(t, "bounces"), kept(t, "no_bounces")
	for _, format := range []string{Mbox, Maildir} {
		t.Run(format, func(t *testing.T) {
			b := newBox(t, format)
			must(t, b.Check())
			b.expect(t, true)
			b.arrive(t, reports["exim.eml"])
			b.arrive(t, others["reply.eml"])
			b.expect(t, false, "exim.eml") // and the database did not answer
			b.expect(t, true, "exim.eml")
			b.expect(t, true)
			b.arrive(t, reports["gmail.eml"])
			b.arrive(t, others["delayed.eml"])
			b.expect(t, true, "gmail.eml")
			b.expect(t, true)
			// Another program, or this one after a restart, begins anew.
			again := &box{Mailbox: Mailbox{Format: format, Path: b.Path}}
			must(t, again.Check())
			again.expect(t, true, "exim.eml", "gmail.eml")
		})
	}
}

// The last message of a file may have been written in part only.
func TestMailbox_ReadsAMessageThatIsStillArriving(t *testing.T) {
	b := newBox(t, Mbox)
	report := "From MAILER-DAEMON Sat Nov 21 23:02:06 2026\n" + string(kept(t, "bounces")["postfix.eml"]) + "\n"
	middle := strings.Index(report, "Content-Type: message/rfc822")
	b.arrive(t, kept(t, "bounces")["exim.eml"])
	b.grow(t, report[:middle])
	b.expect(t, true, "exim.eml")
	b.grow(t, report[middle:])
	b.expect(t, true, "postfix.eml")
	// Somebody reads the mailbox and empties it; then it is another file.
	must(t, os.Truncate(b.Path, 0))
	b.expect(t, true)
	b.arrive(t, kept(t, "bounces")["gmail.eml"])
	b.expect(t, true, "gmail.eml")
	must(t, os.Remove(b.Path))
	b.expect(t, true)
	b.arrive(t, kept(t, "bounces")["exchange.eml"])
	b.expect(t, true, "exchange.eml")
}

// A mail program marks what it has read, and moves it.
func TestMailbox_FollowsAMessageThatIsMoved(t *testing.T) {
	b := newBox(t, Maildir)
	b.arrive(t, kept(t, "bounces")["postfix.eml"])
	b.expect(t, true, "postfix.eml")
	must(t, os.Rename(filepath.Join(b.Path, "new", "b.host"), filepath.Join(b.Path, "cur", "b.host:2,S")))
	b.expect(t, true)
	must(t, os.Remove(filepath.Join(b.Path, "cur", "b.host:2,S")))
	b.expect(t, true)
}

func TestMailbox_CheckNamesWhatIsWrong(t *testing.T) {
	for _, b := range []Mailbox{
		{Format: Maildir, Path: filepath.Join(t.TempDir(), "gone")},
		{Format: Maildir, Path: t.TempDir()}, // has no folder "new"
		{Format: Mbox, Path: filepath.Join(t.TempDir(), "gone", "box")},
	} {
		if err := b.Check(); err == nil || !strings.Contains(err.Error(), "mailbox") {
			t.Errorf("%s: %v", b.Format, err)
		}
	}
}

func FuzzMailbox_Mbox(f *testing.F) {
	f.Add([]byte("From a\n\nx\n\nFrom b\ny\n"))
	f.Add([]byte("From a\r\nx\r\n\r\nFrom b\r\n"))
	f.Add(bytes.Repeat([]byte("From "), 2000))
	f.Fuzz(func(t *testing.T, raw []byte) {
		last := int64(-1)
		for message, err := range messages(bytes.NewReader(raw)) {
			if err != nil || message.at <= last || !bytes.HasPrefix(raw[message.at:], []byte("From ")) {
				t.Fatalf("a message at %d after %d (%v)", message.at, last, err)
			}
			last = message.at
		}
	})
}
