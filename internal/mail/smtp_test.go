package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/web/letter"
)

const (
	user     = "madoguchi"
	password = "correct-horse-battery"
)

var encryptions = map[string]mailtest.TLS{StartTLS: mailtest.StartTLS, ImplicitTLS: mailtest.Implicit}

// client is what our settings for a test server would be.
func client(s *mailtest.Server, tls, auth string) SMTP {
	return SMTP{Host: s.Host, Port: s.Port, User: user, Password: password, Auth: auth, TLS: tls, RootCAs: s.CA.Pool}
}

func TestSMTP_SignsInWithEveryMechanism(t *testing.T) {
	for encryption, mode := range encryptions {
		for _, c := range []struct {
			auth    string
			offered []string
			used    string
		}{
			{"plain", []string{"PLAIN"}, "PLAIN"},
			{"plain", mailtest.Mechanisms(), "PLAIN"},
			{"login", []string{"LOGIN"}, "LOGIN"},
			{"login", mailtest.Mechanisms(), "LOGIN"},
			{"scram", []string{"SCRAM-SHA-256"}, "SCRAM-SHA-256"},
			{"scram", []string{"SCRAM-SHA-1"}, "SCRAM-SHA-1"},
			{"scram", []string{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"}, "SCRAM-SHA-1-PLUS"},
			{"scram", []string{"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}, "SCRAM-SHA-256"},
			{"scram", mailtest.Mechanisms(), "SCRAM-SHA-256-PLUS"},
			{"oauthbearer", []string{"OAUTHBEARER"}, "OAUTHBEARER"},
			{"xoauth2", []string{"XOAUTH2"}, "XOAUTH2"},
			{"xoauth2", mailtest.Mechanisms(), "XOAUTH2"},
			{"auto", mailtest.Mechanisms(), "SCRAM-SHA-256-PLUS"},
			{"auto", []string{"LOGIN", "PLAIN", "XOAUTH2"}, "PLAIN"},
			{"auto", []string{"LOGIN"}, "LOGIN"},
		} {
			t.Run(encryption+"/"+c.auth+"/"+strings.Join(c.offered, "+"), func(t *testing.T) {
				server := mailtest.Start(t, mailtest.Script{TLS: mode, Auth: c.offered, User: user, Password: password})
				m := render1(t, newLetter(clinic.Confirmation, "ja"))
				if err := client(server, encryption, c.auth).Send(t.Context(), m); err != nil {
					t.Fatalf("%v: %v", err, errors.Unwrap(err))
				}
				messages := server.Messages()
				if len(messages) != 1 {
					t.Fatalf("%d messages", len(messages))
				}
				got := messages[0]
				if got.Mechanism != c.used || !got.TLS || got.From != "yoyaku@clinic.example.jp" || got.To != "hanako@example.jp" {
					t.Errorf("mechanism %s, TLS %v, from %s to %s", got.Mechanism, got.TLS, got.From, got.To)
				}
				if !bytes.Equal(stable(got.Data), stable(write(t, m))) {
					t.Error("the message changed on its way")
				}
			})
		}
	}
}

// Every kind that there is goes through a real server, in both languages, and arrives as it was written.
func TestSMTP_SendsEveryKind(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{})
	s := client(server, StartTLS, "")
	s.User = ""
	kinds := slices.Concat(clinic.LetterKinds, clinic.StaffKinds)
	subjects := map[string]bool{}
	for _, kind := range kinds {
		for _, lang := range []string{"ja", "en"} {
			l := newLetter(kind, lang)
			want, err := letter.Write(l, options().BaseURL)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Send(t.Context(), render1(t, l)); err != nil {
				t.Fatal(err)
			}
			messages := server.Messages()
			m := messages[len(messages)-1]
			got, err := letter.Read(bytes.NewReader(m.Data))
			if err != nil {
				t.Fatal(err)
			}
			if got.Rendered != want || m.To != l.Content.To {
				t.Errorf("the %s in %s arrives at %s as %+v, want %+v", kind, lang, m.To, got.Rendered, want)
			}
			if letter.HasEntry(kind) != (len(got.Entry.File) > 0) {
				t.Errorf("the %s in %s has a calendar entry of %d bytes", kind, lang, len(got.Entry.File))
			}
			if subjects[got.Subject] || strings.Contains(got.Subject+got.Text+got.HTML, "letter."+string(kind)) {
				t.Errorf("the %s in %s says what another does, or shows the name of a text: %q", kind, lang, got.Subject)
			}
			subjects[got.Subject] = true
		}
	}
	if len(subjects) != 2*len(kinds) {
		t.Errorf("%d subjects of %d kinds", len(subjects), len(kinds))
	}
}

// No letter needs SMTPUTF8, and the server at the patient's provider may not know it.
func TestSMTP_AsksForNoSMTPUTF8(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{})
	s := client(server, StartTLS, "")
	s.User = ""
	for _, kind := range clinic.LetterKinds {
		if err := s.Send(t.Context(), render1(t, newLetter(kind, "ja"))); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range server.Messages() {
		if m.UTF8 || bytes.ContainsFunc(m.Data, func(r rune) bool { return r > 126 }) {
			t.Errorf("a message asks for SMTPUTF8 (%v), or needs it", m.UTF8)
		}
	}
}

func TestSMTP_GreetsByTheNameThatIsSet(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{})
	s := client(server, StartTLS, "")
	s.User = ""
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"yoyaku.example.jp", "[192.0.2.1]", ""} {
		s.Ehlo = name
		if err := s.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja"))); err != nil {
			t.Fatal(err)
		}
		messages := server.Messages()
		if got, want := messages[len(messages)-1].Ehlo, cmp.Or(name, machine); got != want {
			t.Errorf("it greets as %q, want %q", got, want)
		}
	}
}

// What cannot be delivered comes back to the address that is set for it, and the reader sees the sender all the same.
func TestSMTP_ComesBackToTheReturnPath(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{})
	s, o := client(server, StartTLS, ""), options()
	s.User, o.Return = "", "returned@mail.clinic.example.jp"
	m, err := Render(newLetter(clinic.Confirmation, "ja"), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := server.Messages()[0]
	if header := netmail.Header(read(t, got.Data).header); got.From != o.Return || !strings.Contains(header.Get("From"), o.From) || strings.Contains(string(got.Data), o.Return) {
		t.Errorf("it comes back to %s, and says that it is from %s", got.From, header.Get("From"))
	}
}

func TestSMTP_WrongPasswordIsTemporary(t *testing.T) {
	for auth, want := range map[string]string{
		"plain": "auth 535", "login": "auth 535", "scram": "auth 535", "oauthbearer": "auth", "xoauth2": "auth 535", "auto": "auth 535",
	} {
		t.Run(auth, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Script{Auth: mailtest.Mechanisms(), User: user, Password: "another"})
			expect(t, server, client(server, StartTLS, auth), want, false)
			if len(server.Logins()) == 0 {
				t.Error("nobody tried to sign in")
			}
		})
	}
}

// expect sends a letter and wants this failure, and nothing taken.
func expect(t *testing.T, server *mailtest.Server, s SMTP, code string, permanent bool) {
	t.Helper()
	err := s.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja")))
	if gotCode, gotPermanent := Failure(err); err == nil || gotCode != code || gotPermanent != permanent {
		t.Errorf("%q, permanent %v (%v: %v); want %q, %v", gotCode, gotPermanent, err, errors.Unwrap(err), code, permanent)
	}
	if err != nil && (strings.Contains(err.Error(), "hanako") || strings.Contains(err.Error(), "<")) {
		t.Errorf("the error names somebody: %v", err)
	}
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d messages were taken", n)
	}
}

// reply is a hook that answers with a refusal.
func reply(code int, enhanced smtp.EnhancedCode) func(int) error {
	return func(int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<hanako@example.jp>: a word from the server"}
	}
}

func TestSMTP_RefusalsAreToldApart(t *testing.T) {
	hangup := func(int) error { return mailtest.ErrHangup }
	for name, c := range map[string]struct {
		script    mailtest.Script
		code      string
		permanent bool
	}{
		"421 greeting":               {mailtest.Script{Greet: reply(421, smtp.NoEnhancedCode)}, "smtp 421", false},
		"554 greeting":               {mailtest.Script{Greet: reply(554, smtp.NoEnhancedCode)}, "connect 554", false},
		"no greeting":                {mailtest.Script{Greet: hangup}, "connect", false},
		"sender refused":             {mailtest.Script{Mail: reply(553, smtp.EnhancedCode{5, 7, 1})}, "sender 553 5.7.1", false},
		"sender busy":                {mailtest.Script{Mail: reply(450, smtp.EnhancedCode{4, 7, 1})}, "smtp 450 4.7.1", false},
		"451 at RCPT":                {mailtest.Script{Rcpt: reply(451, smtp.EnhancedCode{4, 7, 1})}, "smtp 451 4.7.1", false},
		"452 full at RCPT":           {mailtest.Script{Rcpt: reply(452, smtp.EnhancedCode{4, 2, 2})}, "smtp 452 4.2.2", false},
		"550 at RCPT":                {mailtest.Script{Rcpt: reply(550, smtp.EnhancedCode{5, 1, 1})}, "smtp 550 5.1.1", true},
		"lost at RCPT":               {mailtest.Script{Rcpt: hangup}, "lost", false},
		"552 at DATA":                {mailtest.Script{Data: reply(552, smtp.EnhancedCode{5, 3, 4})}, "smtp 552 5.3.4", true},
		"451 at DATA":                {mailtest.Script{Data: reply(451, smtp.EnhancedCode{4, 3, 0})}, "smtp 451 4.3.0", false},
		"sign-in asked for at RCPT":  {mailtest.Script{Rcpt: reply(530, smtp.EnhancedCode{5, 7, 0})}, "auth 530 5.7.0", false},
		"sign-in asked for and none": {mailtest.Script{Auth: []string{"PLAIN"}, User: user, Password: password}, "auth 530 5.7.0", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, c.script)
			s := client(server, StartTLS, "")
			s.User = ""
			expect(t, server, s, c.code, c.permanent)
		})
	}
}

func TestSMTP_LostAfterDataIsSentAgainUnderTheSameID(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{Auth: []string{"PLAIN"}, User: user, Password: password, Data: func(n int) error {
		if n == 1 {
			return mailtest.ErrHangup
		}
		return nil
	}})
	s, l := client(server, StartTLS, "plain"), newLetter(clinic.Confirmation, "ja")
	err := s.Send(t.Context(), render1(t, l))
	if code, permanent := Failure(err); code != "lost" || permanent {
		t.Fatalf("%q, permanent %v (%v)", code, permanent, err)
	}
	if err := s.Send(t.Context(), render1(t, l)); err != nil {
		t.Fatal(err)
	}
	messages, err := server.WaitMessages(t.Context(), 2) // the first is kept after the connection was dropped
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) != 2 || !bytes.Equal(stable(messages[0].Data), stable(messages[1].Data)) {
		t.Fatalf("%d messages, or they differ", len(messages))
	}
	if id := read(t, messages[1].Data).header["Message-Id"]; !slices.Equal(id, []string{"<message0000000000000000000@clinic.example.jp>"}) {
		t.Errorf("message id %v", id)
	}
}

// The library calls it an error when the server hangs up after its 250; the letter must not go out again for that.
func TestSMTP_LostAfterTheServerTookItIsSuccess(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{Taken: func(int) error { return mailtest.ErrHangup }})
	s := client(server, StartTLS, "")
	s.User = ""
	if err := s.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja"))); err != nil {
		t.Errorf("%v: %v", err, errors.Unwrap(err))
	}
	if n := len(server.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestSMTP_SlowServerEndsWithTheContext(t *testing.T) {
	for _, step := range []string{"greeting", "RCPT", "DATA"} {
		t.Run(step, func(t *testing.T) {
			reached, release := make(chan struct{}), make(chan struct{})
			defer close(release)
			wait := func(int) error { close(reached); <-release; return mailtest.ErrHangup }
			script := mailtest.Script{}
			switch step {
			case "greeting":
				script.Greet = wait
			case "RCPT":
				script.Rcpt = wait
			case "DATA":
				script.Data = wait
			}
			server := mailtest.Start(t, script)
			s := client(server, StartTLS, "")
			s.User = ""
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done, m := make(chan error, 1), render1(t, newLetter(clinic.Confirmation, "ja"))
			go func() { done <- s.Send(ctx, m) }()
			<-reached
			cancel()
			if code, permanent := Failure(<-done); code != "stopped" || permanent {
				t.Errorf("%q, permanent %v", code, permanent)
			}
		})
	}
}

func TestSMTP_SlowServerEndsWithTheTimeout(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	server := mailtest.Start(t, mailtest.Script{Rcpt: func(int) error { <-release; return mailtest.ErrHangup }})
	s := client(server, StartTLS, "")
	s.User, s.Timeout = "", 3*time.Second // enough for a busy machine to come as far as RCPT
	expect(t, server, s, "timeout", false)
}

func TestSMTP_WithoutEncryptionNothingSecretIsSaid(t *testing.T) {
	t.Run("no STARTTLS", func(t *testing.T) {
		server := mailtest.Start(t, mailtest.Script{TLS: mailtest.NoTLS, Auth: mailtest.Mechanisms(), User: user, Password: password})
		for _, auth := range []string{"plain", "login", "scram", "oauthbearer", "xoauth2", "auto"} {
			expect(t, server, client(server, StartTLS, auth), "tls", false)
		}
		if logins := server.Logins(); len(logins) != 0 {
			t.Errorf("credentials were sent: %q", logins)
		}
	})
	for encryption, mode := range encryptions {
		t.Run("unknown certificate/"+encryption, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Script{TLS: mode, Auth: mailtest.Mechanisms(), User: user, Password: password})
			s := client(server, encryption, "plain")
			s.RootCAs = x509.NewCertPool()
			expect(t, server, s, "tls", false)
			if logins := server.Logins(); len(logins) != 0 {
				t.Errorf("credentials were sent: %q", logins)
			}
		})
	}
	t.Run("plain text where TLS is expected", func(t *testing.T) {
		server := mailtest.Start(t, mailtest.Script{Auth: mailtest.Mechanisms(), User: user, Password: password})
		expect(t, server, client(server, ImplicitTLS, "plain"), "tls", false)
	})
}

func TestSMTP_NoCommonMechanism(t *testing.T) {
	for auth, offered := range map[string][]string{
		"plain": {"SCRAM-SHA-256"}, "scram": {"PLAIN", "LOGIN"}, "auto": {"XOAUTH2", "OAUTHBEARER"}, "oauthbearer": {"XOAUTH2"}, "login": nil,
	} {
		t.Run(auth, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Script{Auth: offered, User: user, Password: password})
			expect(t, server, client(server, StartTLS, auth), "auth", false)
			if logins := server.Logins(); len(logins) != 0 {
				t.Errorf("credentials were sent: %q", logins)
			}
		})
	}
}

func TestSMTP_NobodyListens(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free, err := netip.ParseAddrPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		t.Fatal(err)
	}
	err = SMTP{Host: "127.0.0.1", Port: int(free.Port()), TLS: StartTLS}.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja")))
	if code, permanent := Failure(err); code != "connect" || permanent {
		t.Errorf("%q, permanent %v (%v)", code, permanent, err)
	}
}

func TestSMTP_LocalRelayWithoutEncryption(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{TLS: mailtest.NoTLS, Auth: []string{"PLAIN"}, User: user, Password: password})
	if err := client(server, NoTLS, "auto").Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja"))); err != nil {
		t.Fatalf("%v: %v", err, errors.Unwrap(err))
	}
	if got := server.Messages(); len(got) != 1 || got[0].TLS || got[0].Mechanism != "PLAIN" {
		t.Errorf("%+v", got)
	}
}

func TestSMTP_CheckNamesWhatIsWrong(t *testing.T) {
	good := SMTP{Host: "mail.example.jp", Port: 587, User: user, Password: password, Auth: "auto", TLS: StartTLS}
	for word, spoil := range map[string]func(*SMTP){
		"":            func(*SMTP) {},
		"host name":   func(s *SMTP) { s.Host = "" },
		"port 0":      func(s *SMTP) { s.Port = 0 },
		"tls=ssl":     func(s *SMTP) { s.TLS = "ssl" },
		"auth=cram":   func(s *SMTP) { s.Auth = "cram" },
		"unencrypted": func(s *SMTP) { s.TLS = NoTLS },
	} {
		s := good
		spoil(&s)
		err := s.Check()
		if (err != nil) != (word != "") || err != nil && !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v", word, err)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the password is in %v", err)
		}
		if word != "" {
			if code, permanent := Failure(s.Send(t.Context(), render1(t, newLetter(clinic.Confirmation, "ja")))); code != "connect" || permanent {
				t.Errorf("%q: sent, or %q", word, code)
			}
		}
	}
	for _, s := range []SMTP{
		{Host: "relay", Port: 25, TLS: NoTLS},
		{Host: "localhost", Port: 25, TLS: NoTLS, User: user, Auth: "plain"},
		{Host: "127.0.0.1", Port: 25, TLS: NoTLS, User: user, Auth: "scram"},
		{Host: "::1", Port: 25, TLS: NoTLS, User: user, Auth: "login"},
	} {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", s.Host, err)
		}
	}
}
