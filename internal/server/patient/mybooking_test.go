package patient_test

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web/letter"
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

// entryOf is what a calendar file says.
func entryOf(t *testing.T, file string) map[string]string {
	t.Helper()
	calendar, err := ical.NewDecoder(strings.NewReader(file)).Decode()
	servertest.Must(t, err)
	out := map[string]string{"METHOD": calendar.Props.Get("METHOD").Value}
	for _, name := range []string{"UID", "STATUS", "SEQUENCE", "DTSTART"} {
		out[name] = calendar.Events()[0].Props.Get(name).Value
	}
	return out
}

// TestCalendarFile_ThroughAChangeAndACancellation: the entry stays one, each time with a higher number, in the letters as on the page.
func TestCalendarFile_ThroughAChangeAndACancellation(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		address := "/booking/" + token
		var uid string
		for n, step := range []struct {
			method, status string
			kind           clinic.LetterKind
			act            func()
		}{
			{"PUBLISH", "CONFIRMED", clinic.Confirmation, func() {}},
			{"PUBLISH", "CONFIRMED", clinic.Change, func() {
				to := v.Post(address+"/change", "slot", s.Slots[6].ID).Want(http.StatusSeeOther).Location()
				sequence := v.Get(to).Want(http.StatusOK).Find("[name=seen-sequence]").AttrOr("value", "")
				v.Post(address+"/confirm", "slot", s.Slots[6].ID, "seen-sequence", sequence).Want(http.StatusSeeOther)
			}},
			{"CANCEL", "CANCELLED", clinic.Cancellation, func() { v.Post(address+"/cancel", "cancel-reason", "").Want(http.StatusSeeOther) }},
		} {
			step.act()
			page := entryOf(t, v.Get(address+"/calendar.ics").Want(http.StatusOK).Body)
			l := s.ClaimLetter(t)
			servertest.Must(t, s.Store.LetterSent(t.Context(), l))
			entry, err := letter.NewEntry(l, "yoyaku@clinic.example.jp")
			servertest.Must(t, err)
			mailed := entryOf(t, string(entry.File))
			if uid == "" {
				uid = page["UID"]
			}
			want := map[string]string{"METHOD": step.method, "STATUS": step.status, "SEQUENCE": strconv.Itoa(n), "UID": uid, "DTSTART": page["DTSTART"]}
			if l.Kind != step.kind || !maps.Equal(page, want) || !maps.Equal(mailed, want) {
				t.Errorf("after step %d the page says %v and the letter, a %s, %v; want %v", n, page, l.Kind, mailed, want)
			}
		}
	})
}

// TestMyBooking_EachPostActsOnce: what is sent again, also from a page of before, says how the booking is and changes nothing.
func TestMyBooking_EachPostActsOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		address, there, elsewhere := "/booking/"+token, s.Slots[6].ID, s.Slots[7].ID
		done := address + "?done=moved"
		for range 2 {
			if to := v.Post(address+"/confirm", "slot", there, "seen-sequence", "0").Want(http.StatusSeeOther).Location(); to != done {
				t.Errorf("a change leads to %s", to)
			}
		}
		v.Get(done).Want(http.StatusOK).WantText("h1", "ご予約の日時を変えました")
		if to := v.Get(address + "/confirm?slot=" + there).Want(http.StatusSeeOther).Location(); to != address {
			t.Errorf("going back to the question leads to %s", to)
		}
		before := s.Facts(t)
		v.Post(address+"/confirm", "slot", elsewhere, "seen-sequence", "0").Want(http.StatusConflict).WantText("#refused", "この画面を開いたあとに")
		s.WantUnchanged(t, before)
		// A time that is gone leaves everything as it is, and offers others.
		s.Book(t, s.SlotOf(t, 1, 0), 7)
		taken := s.SlotOf(t, 1, 0).ID
		gone := v.Post(address+"/change", "slot", taken, "with-doctor", "any").Want(http.StatusConflict)
		if gone.WantText(".now-booked", "いまのご予約"); gone.Find("#near").Length() != 1 || gone.Find("button.time").Length() == 0 {
			t.Error("no near times are offered")
		}
		v.Get(address + "/confirm?slot=" + taken).Want(http.StatusConflict)
		v.Post(address+"/confirm", "slot", taken, "seen-sequence", "1").Want(http.StatusConflict)
		v.Post(address+"/cancel", "cancel-reason", "nonsense").Want(http.StatusUnprocessableEntity).WantText("#cancel-reason-error", "選択")

		for range 2 {
			if to := v.Post(address+"/cancel", "cancel-reason", "worried").Want(http.StatusSeeOther).Location(); to != address {
				t.Errorf("a cancellation leads to %s", to)
			}
		}
		for _, path := range []string{"", "/cancel", "/change", "/confirm?slot=" + elsewhere} {
			a := v.Get(address + path)
			if path != "" {
				a = v.Get(a.Want(http.StatusSeeOther).Location())
			}
			a.Want(http.StatusOK).WantText("h1", "ご予約をキャンセルしました")
		}
		before = s.Facts(t)
		v.Post(address+"/confirm", "slot", elsewhere, "seen-sequence", "2").Want(http.StatusSeeOther)
		v.Post(address+"/change", "slot", elsewhere).Want(http.StatusSeeOther)
		s.WantUnchanged(t, before)
	})
}

// TestMyBooking_AfterTheDeadline: the telephone stands in the place of both, and neither page opens.
func TestMyBooking_AfterTheDeadline(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		decide(t, s, func(b *clinic.BranchSettings) { b.Changes = clinic.Deadline{Days: 1, At: 18 * 60} })
		r := s.Book(t, s.SlotOf(t, 0, 0), 1)
		v, address := s.Visitor(t), "/booking/"+r.Token
		v.Get(address).Want(http.StatusOK).WantText("#booking .until", "11月24日（火）18:00 まで")
		deadline := r.StartsAt.In(s.Branch.Location()).AddDate(0, 0, -1)
		deadline = time.Date(deadline.Year(), deadline.Month(), deadline.Day(), 18, 0, 0, 0, s.Branch.Location())
		s.Clock.Advance(deadline.Sub(s.Clock.Now()))
		page := v.Get(address).Want(http.StatusOK)
		page.WantText("#late", "お電話ください")
		if page.WantText("#late", s.Branch.Phone); page.Find(".both, #booking .button").Length() != 0 {
			t.Error("after the deadline there are still buttons")
		}
		before := s.Facts(t)
		for _, path := range []string{"/change", "/cancel", "/confirm?slot=" + s.Slots[6].ID} {
			v.Get(address+path).Want(http.StatusConflict).WantText("#refused", "Web受付は終わりました")
		}
		for path, field := range map[string]string{"/change": "slot", "/confirm": "slot", "/cancel": "cancel-reason"} {
			v.Post(address+path, field, "").Want(http.StatusConflict).WantText("#refused", "Web受付は終わりました")
		}
		s.WantUnchanged(t, before)
	})
}
