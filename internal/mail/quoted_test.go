package mail

import (
	"bytes"
	netmail "net/mail"
	"slices"
	"testing"

	"github.com/emersion/go-ical"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
)

// Addresses that telephone companies gave out, with two dots in a row or one before the @, are quoted wherever a mail server or a
// mail program reads them, and reach the server as they are.
func TestSMTP_ReachesAddressesWithLooseDots(t *testing.T) {
	server := mailtest.Start(t, mailtest.Script{})
	s := client(server, StartTLS, "")
	s.User = ""
	addresses := []string{"a..b.@docomo.ne.jp", ".hanako@ezweb.ne.jp", "hanako.@softbank.ne.jp", "...@docomo.ne.jp", "hanako-._.-@docomo.ne.jp", "ha/na?ko@docomo.ne.jp"}
	for _, address := range addresses {
		l := newLetter(clinic.Confirmation, "ja")
		to, problem := clinic.ParseRecipient(address)
		if problem != "" {
			t.Fatalf("%s: %s", address, problem)
		}
		l.Content.To = to
		if err := s.Send(t.Context(), render1(t, l)); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
	}
	messages := server.Messages()
	for i, address := range addresses {
		if messages[i].To != address {
			t.Errorf("RCPT TO %s, want %s", messages[i].To, address)
		}
		parsed, err := netmail.ReadMessage(bytes.NewReader(messages[i].Data))
		if err != nil {
			t.Fatal(err)
		}
		if to, err := parsed.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != address || to[0].Name != "試験 花子" {
			t.Errorf("To: %s: %v", parsed.Header.Get("To"), err)
		}
	}
	wire := bytes.ReplaceAll(messages[0].Data, []byte("\r\n"), []byte("\n"))
	if !bytes.Contains(wire, []byte(`<"a..b."@docomo.ne.jp>`)) {
		t.Errorf("the local part is not quoted:\n%s", wire[:min(len(wire), 800)])
	}
	invitation := read(t, messages[0].Data).find(t, "text/calendar").body
	cal, err := ical.NewDecoder(bytes.NewReader(invitation)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	attendees := cal.Events()[0].Props["ATTENDEE"]
	if len(attendees) > 0 && !slices.ContainsFunc(attendees, func(p ical.Prop) bool { return p.Value == "mailto:%22a..b.%22@docomo.ne.jp" }) {
		t.Errorf("attendees %v", attendees)
	}
}
