package store_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// lostClinic is a clinic with everybody who may lose a link: by name, what they type.
type lostClinic struct {
	storetest.Clinic
	receipts map[string]clinic.Receipt
	asks     map[string]clinic.Lost
}

func newLostClinic(t *testing.T, s *store.Store, clock *storetest.Clock) lostClinic {
	t.Helper()
	c := lostClinic{storetest.NewClinic(t, s), map[string]clinic.Receipt{}, map[string]clinic.Lost{}}
	people := []string{"booked", "cancelled", "past", "merged", "no mail"}
	slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 5), 8)
	for i, name := range people {
		slot := slots[i].ID
		if name == "past" {
			slot = c.Slots[0].ID
		}
		r := storetest.Request(slot, 20+i)
		c.asks[name], c.asks[name+", by mail"] = clinic.Lost{Birth: r.Patient.Birth}, clinic.Lost{Email: r.Patient.Email}
		if name == "no mail" {
			r.Patient.Email = ""
		}
		receipt, err := s.Book(t.Context(), storetest.Owner, r)
		check(t, err)
		c.receipts[name] = receipt
		ask := c.asks[name]
		ask.Reference = receipt.Reference
		c.asks[name] = ask
	}
	c.asks["wrong birth date"] = clinic.Lost{Reference: c.receipts["booked"].Reference, Birth: clinic.Date{Year: 1901, Month: time.May, Day: 5}}
	c.asks["nobody"] = clinic.Lost{Reference: "M7K-4Q2P", Birth: c.asks["booked"].Birth}
	c.asks["nobody, by mail"] = clinic.Lost{Email: "nobody@example.jp"}
	check(t, s.Cancel(t.Context(), storetest.Owner, c.receipts["cancelled"].BookingID))
	kept := appointmentOf(t, s, c.receipts["booked"].BookingID).Patient.ID
	_, err := s.MergePatients(t.Context(), storetest.Owner, kept, appointmentOf(t, s, c.receipts["merged"].BookingID).Patient.ID)
	check(t, err)
	for { // what was written before
		l, ok, err := s.ClaimLetter(t.Context())
		check(t, err)
		if !ok {
			break
		}
		check(t, s.LetterSent(t.Context(), l))
	}
	clock.Advance(3 * 24 * time.Hour)
	return c
}

// TestAnswerLost_WritesToWhoIsOnFile: a letter with a link of its own goes to the stored address of what stands, and to nobody else. The
// links from before go on opening.
func TestAnswerLost_WritesToWhoIsOnFile(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c := newLostClinic(t, s, clock)
		for name, ask := range c.asks {
			check(t, s.AskForLink(t.Context(), clinic.Visitor("", "192.0.2.1"), ask))
			check(t, s.AnswerLost(t.Context()))
			person, _, _ := strings.Cut(name, ",")
			if person != "booked" && person != "merged" {
				wantNoneDue(t, s)
				continue
			}
			l := claim(t, s)
			receipt := c.receipts[person]
			if l.Kind != clinic.LostLink || l.BookingID != receipt.BookingID || l.Content.To != appointmentOf(t, s, receipt.BookingID).Patient.Email || l.Content.Token == receipt.Token {
				t.Errorf("%s: there is a %s of %s", name, l.Kind, l.BookingID)
			}
			for _, token := range []string{receipt.Token, l.Content.Token} {
				chart, err := s.Intake(t.Context(), clinic.PatientByLink(token))
				check(t, err)
				if chart.Appointment.Booking.ID != receipt.BookingID {
					t.Errorf("%s: a link opens another booking", name)
				}
			}
			check(t, s.LetterSent(t.Context(), l))
			wantNoneDue(t, s)
		}
		for _, row := range storetest.Read(t, address)["lost_requests"] {
			if !strings.Contains(row, "sealed=<nil>") {
				t.Errorf("what was typed is kept: %.60s", row)
			}
		}
		clock.Advance(clinic.LostKept)
		check(t, s.Purge(t.Context()))
		if rows := storetest.Read(t, address)["lost_requests"]; len(rows) > 0 {
			t.Errorf("%d requests are kept for ever", len(rows))
		}
	})
}

// TestAskForLink_DoesTheSameWork: whether there is such a booking, or there was, or somebody else's: the same statements are run and the same
// is written, so that there is nothing by which an answer could take longer.
func TestAskForLink_DoesTheSameWork(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c := newLostClinic(t, s, clock)
		var statements []string
		s.OnStatement(func(sql string, _ []any) { statements = append(statements, sql) })
		work := map[bool][]string{}
		for name, ask := range c.asks {
			before := storetest.Read(t, address)
			statements = nil
			check(t, s.AskForLink(t.Context(), clinic.Visitor("", "192.0.2.1"), ask))
			after := storetest.Read(t, address)
			did := append(slices.Clone(statements), after.Changed(before)...)
			if rows := len(after["lost_requests"]) - len(before["lost_requests"]); rows != 1 {
				t.Errorf("%s: %d rows are written", name, rows)
			}
			byMail := ask.Email != ""
			if work[byMail] == nil {
				work[byMail] = did
			}
			if !slices.Equal(did, work[byMail]) {
				t.Errorf("%s: it does\n%s\nand another did\n%s", name, strings.Join(did, "\n"), strings.Join(work[byMail], "\n"))
			}
		}
		if len(work[true]) < 2 || slices.ContainsFunc(work[true], func(w string) bool {
			return !strings.HasPrefix(w, "INSERT INTO audit_entries") && (strings.Contains(w, "bookings") || strings.Contains(w, "patient")) // the log has a column for the patient
		}) {
			t.Errorf("it looks for a booking: %q", work[true])
		}
	})
}

// TestAskForLink_IsLimited: for one reference or address, whether there is a booking or not, whoever asks and on whatever instance; and
// from one network address. A booking gets so many letters and no more.
func TestAskForLink_IsLimited(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			one := storetest.Open(t, at, keys, clock.Now)
			two := one
			if engine == "postgres" { // SQLite has one server
				two = storetest.Open(t, at, keys, clock.Now)
			}
			c := newLostClinic(t, one, clock)
			wrong := c.asks["wrong birth date"]
			for what, ask := range map[string]clinic.Lost{"booked": wrong, "nobody": c.asks["nobody"], "booked, by mail": c.asks["booked, by mail"]} {
				for n := range clinic.LostPerDay {
					check(t, []*store.Store{one, two}[n%2].AskForLink(t.Context(), clinic.Visitor("", "192.0.2."+string(rune('1'+n))), ask))
				}
				wantCode(t, two.AskForLink(t.Context(), clinic.Visitor("", "192.0.2.99"), ask), clinic.TooMany)
				if what == "booked" { // a right birth date after five wrong ones
					wantCode(t, one.AskForLink(t.Context(), clinic.Visitor("", "192.0.2.99"), c.asks["booked"]), clinic.TooMany)
				}
			}
			for _, err := range atOnce(4, func(n int) error { return []*store.Store{one, two}[n%2].AnswerLost(t.Context()) }) {
				check(t, err)
			}
			letters, err := one.Letters(t.Context(), storetest.Owner, c.receipts["booked"].BookingID)
			check(t, err)
			sent := 0
			for _, l := range letters {
				if l.Kind == clinic.LostLink {
					sent++
				}
			}
			if sent != clinic.LostLettersPerDay {
				t.Errorf("%d letters are written", sent)
			}

			clock.Advance(clinic.LostKept)
			check(t, one.AskForLink(t.Context(), clinic.Visitor("", "192.0.2.99"), c.asks["booked"]))
			client := clinic.Visitor("", "192.0.2.200")
			errs := atOnce(clinic.LostPerHour+3, func(n int) error {
				return []*store.Store{one, two}[n%2].AskForLink(t.Context(), client, clinic.Lost{Email: "someone" + string(rune('a'+n)) + "@example.jp"})
			})
			refused := 0
			for _, err := range errs {
				if clinic.CodeOf(err) == clinic.TooMany {
					refused++
				} else {
					check(t, err)
				}
			}
			if refused != 3 {
				t.Errorf("%d of one network address are refused", refused)
			}
		})
	}
}

// TestMove_OfWhoAskedForALink: whoever has lost their link and is given another time meanwhile reads of that one.
func TestMove_OfWhoAskedForALink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		r := storetest.Request(c.Slots[0].ID, 1)
		receipt := storetest.Book(t, s, r)
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		check(t, s.AskForLink(t.Context(), clinic.Visitor("", "192.0.2.1"), clinic.Lost{Email: r.Patient.Email}))
		check(t, s.AnswerLost(t.Context()))
		_, err := s.Move(t.Context(), storetest.Owner, receipt.BookingID, c.Slots[1].ID, false)
		check(t, err)
		if l := claim(t, s); !l.Content.StartsAt.Equal(c.Slots[1].StartsAt) || l.Content.Token == "" {
			t.Errorf("the %s names %s", l.Kind, l.Content.StartsAt)
		}
		wantNoneDue(t, s)
	})
}
