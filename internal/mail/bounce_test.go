package mail

import (
	"bytes"
	"os"
	"path/filepath"
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
