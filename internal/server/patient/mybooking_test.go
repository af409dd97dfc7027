package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestCalendarFile_OfACancelledBooking: who has put the appointment into their calendar and opens the file again after it
// was cancelled has it taken away, by the same entry and a sequence as high as that of the letter that said so.
func TestCalendarFile_OfACancelledBooking(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			entry := func() map[string]string {
				t.Helper()
				a := b.Patient.Get("/booking/" + b.Token + "/calendar.ics").Want(http.StatusOK)
				if kind := a.Header.Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
					t.Errorf("the file is %q", kind)
				}
				calendar, err := ical.NewDecoder(strings.NewReader(a.Body)).Decode()
				servertest.Must(t, err)
				event := calendar.Events()[0]
				out := map[string]string{"METHOD": calendar.Props.Get("METHOD").Value}
				for _, name := range []string{"UID", "STATUS", "SEQUENCE", "DTSTART", "DTSTAMP"} {
					out[name] = event.Props.Get(name).Value
				}
				return out
			}
			want := func(got map[string]string, values ...string) {
				t.Helper()
				for i := 0; i < len(values); i += 2 {
					if got[values[i]] != values[i+1] {
						t.Errorf("%s is %q, want %q", values[i], got[values[i]], values[i+1])
					}
				}
			}
			before := entry()
			want(before, "METHOD", "PUBLISH", "STATUS", "CONFIRMED", "SEQUENCE", "0")

			b.Clock.Advance(10 * time.Minute)
			b.FrontDesk.Post("/office/bookings/" + b.BookingID + "/cancel").Want(http.StatusSeeOther)
			want(entry(), "METHOD", "CANCEL", "STATUS", "CANCELLED", "SEQUENCE", "1",
				"UID", before["UID"], "DTSTART", before["DTSTART"], "DTSTAMP", "20261124T001000Z")
			for {
				l, ok, err := b.Store.ClaimLetter(t.Context())
				servertest.Must(t, err)
				if !ok {
					t.Fatal("there is no letter about the cancellation")
				}
				if l.Kind == clinic.Cancellation {
					if l.Content.Sequence != 1 {
						t.Errorf("the letter has the sequence %d", l.Content.Sequence)
					}
					break
				}
			}
		})
	}
}

// A letter that is held was not sent, so nobody is asked to look for it among the spam; the clinic will send it, and can be called. Once
// it is sent, the page says what it says of every letter.
func TestMyBooking_SaysThatTheLetterIsHeld(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		last := s.HoldLetter(t)
		for lang, says := range map[string][2]string{"ja": {"院で確認してからお送りします", "迷惑メール"}, "en": {"The clinic will have a look and then send it", "spam folder"}} {
			v := s.Visitor(t).Speak(lang)
			page := v.Get("/booking/" + last.Token).Want(http.StatusOK)
			if text := page.Text("#letter"); !strings.Contains(text, says[0]) || strings.Contains(text, says[1]) || !strings.Contains(text, s.Branch.Phone) {
				t.Errorf("held, it says %q", text)
			}
		}
		l := storetest.LetterOf(t, s.Store, last.BookingID, clinic.Confirmation)
		servertest.Must(t, s.Store.Resend(t.Context(), storetest.Owner, last.BookingID, l.ID))
		page := s.Visitor(t).Get("/booking/" + last.Token).Want(http.StatusOK)
		if text := page.Text("#letter"); page.Find("#held").Length() != 0 || !strings.Contains(text, "迷惑メール") {
			t.Errorf("sent, it says %q", text)
		}
	}, func(s *servertest.Site) { s.Limits = true })
}
