package store_test

import (
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// atOnce runs f n times side by side and returns what each returned.
func atOnce[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return out
}

func wantCode(t *testing.T, err error, code clinic.Code) {
	t.Helper()
	if clinic.CodeOf(err) != code {
		t.Errorf("got error %v, want code %q", err, code)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// onlyLetter is the one letter of a booking.
func onlyLetter(t *testing.T, s *store.Store, bookingID string) clinic.Letter {
	t.Helper()
	letters, err := s.Letters(t.Context(), storetest.Owner, bookingID)
	check(t, err)
	if len(letters) != 1 {
		t.Fatalf("the booking has %d letters, want 1", len(letters))
	}
	return letters[0]
}

func TestBook_TwoHundredAtOnceGiveOneBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slot := c.Slots[0].ID
		won := 0
		for i, err := range atOnce(200, func(i int) error {
			_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(slot, i))
			return err
		}) {
			switch {
			case err == nil:
				won++
			case clinic.CodeOf(err) != clinic.SlotTaken:
				t.Errorf("booking %d: %v", i, err)
			}
		}
		if won != 1 {
			t.Errorf("%d of 200 got the slot, want 1", won)
		}
		entries, _, err := s.Day(t.Context(), storetest.Owner, c.Branch, clinic.Date{Year: 2026, Month: time.November, Day: 25})
		check(t, err)
		taken := 0
		for _, e := range entries {
			if e.Appointment != nil {
				taken++
				onlyLetter(t, s, e.Appointment.Booking.ID)
			}
		}
		if taken != 1 {
			t.Errorf("the day shows %d bookings, want 1", taken)
		}
	})
}

func TestBook_KeepsWhatWasTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		r := storetest.Request(c.Slots[0].ID, 7)
		r.Patient.FamilyName = "髙﨑"
		receipt := storetest.Book(t, s, r)
		chart, err := s.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		check(t, err)
		a := chart.Appointment
		if a.Patient.Name() != "髙﨑 花子七" || a.Patient.Phone != "09000000007" || a.Patient.Birth != r.Patient.Birth {
			t.Errorf("got patient %+v", a.Patient)
		}
		if a.Booking.Reference != receipt.Reference || a.Booking.Status != clinic.Booked || a.Booking.Details.Attribution.Article != "back-fat" {
			t.Errorf("got booking %+v", a.Booking)
		}
		if !a.Slot.StartsAt.Equal(receipt.StartsAt) || a.Doctor.ID != receipt.DoctorID || a.Branch.ID != c.Branch.ID {
			t.Errorf("got slot %+v", a.Slot)
		}
		clock.Advance(3 * 24 * time.Hour)
		_, err = s.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		wantCode(t, err, clinic.NotFound)
	})
}

func TestBook_RefusesThePastAndTheUnknown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request("no-such-slot", 1))
		wantCode(t, err, clinic.Invalid)
		clock.Advance(c.Slots[0].StartsAt.Sub(storetest.Begin))
		_, err = s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(c.Slots[0].ID, 1))
		wantCode(t, err, clinic.SlotPast)
	})
}

func TestBook_SameKeyHasOneEffect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		r := storetest.Request(c.Slots[0].ID, 1)
		r.Key = "one-and-the-same"
		type result struct {
			receipt clinic.Receipt
			err     error
		}
		results := atOnce(50, func(int) result {
			receipt, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), r)
			return result{receipt, err}
		})
		for i, got := range results {
			if got.err != nil || got.receipt != results[0].receipt {
				t.Fatalf("repetition %d: got %+v, %v; want %+v", i, got.receipt, got.err, results[0].receipt)
			}
		}
		onlyLetter(t, s, results[0].receipt.BookingID)

		other := r
		other.SlotID = c.Slots[1].ID
		_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), other)
		wantCode(t, err, clinic.KeyReused)

		// The same content in another language, after the terms got a new version, is the same content.
		later := r
		later.Lang, later.Details.Consents = "en", []clinic.Consent{{Kind: "c_privacy", Version: "2"}, {Kind: "c_cancel", Version: "2"}}
		if again, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), later); err != nil || again != results[0].receipt {
			t.Errorf("in another language: got %+v, %v", again, err)
		}

		// Even after the booking was cancelled, the same question makes no new booking; its answer says that it is cancelled.
		check(t, s.Cancel(t.Context(), storetest.Owner, results[0].receipt.BookingID))
		again, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), r)
		cancelled := results[0].receipt
		cancelled.Status = clinic.Cancelled
		if err != nil || again != cancelled {
			t.Errorf("after cancelling: got %+v, %v", again, err)
		}
	})
}

func TestCancel_FreesTheSlotAndTellsThePatient(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slot := c.Slots[0].ID
		receipt := storetest.Book(t, s, storetest.Request(slot, 1))
		ok := 0
		for _, err := range atOnce(8, func(int) error { return s.Cancel(t.Context(), storetest.Owner, receipt.BookingID) }) {
			if err == nil {
				ok++
			} else {
				wantCode(t, err, clinic.Conflict)
			}
		}
		if ok != 1 {
			t.Errorf("%d of 8 cancellations succeeded, want 1", ok)
		}
		letters, err := s.Letters(t.Context(), storetest.Owner, receipt.BookingID)
		check(t, err)
		states := map[clinic.LetterKind]clinic.LetterStatus{}
		for _, l := range letters {
			states[l.Kind] = l.Status
		}
		if len(letters) != 2 || states[clinic.Confirmation] != clinic.LetterWithdrawn || states[clinic.Cancellation] != clinic.LetterWaiting {
			t.Errorf("got letters %v", states)
		}
		storetest.Book(t, s, storetest.Request(slot, 2))
		wantCode(t, s.Cancel(t.Context(), storetest.Owner, "no-such-booking"), clinic.NotFound)
	})
}

// A reference that somebody has already is drawn anew, and the booking stands.
func TestBook_DrawsAnotherReference(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		draws := []string{first.Reference, first.Reference, "M7K-4Q2P"}
		s.SetReferences(func() string {
			next := draws[0]
			draws = draws[1:]
			return next
		})
		if second := storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2)); second.Reference != "M7K-4Q2P" {
			t.Errorf("the second booking is %s", second.Reference)
		}
		onlyLetter(t, s, storetest.LetterOf(t, s, first.BookingID, clinic.Confirmation).BookingID)
	})
}

// Who books again is the same patient, and what they type then is the booking's and not the patient's.
func TestBook_KnowsWhoComesAgain(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, t.TempDir()+"/keys", clock.Now)
			c := storetest.NewClinic(t, s)
			storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
			clock.Advance(time.Second) // so that the order of the letters is certain
			again := storetest.Request(c.Slots[1].ID, 1)
			again.Patient.FamilyName, again.Patient.Email = "試驗", "another@example.jp"
			storetest.Book(t, s, again)
			clock.Advance(time.Second)
			storetest.Book(t, s, storetest.Request(c.Slots[2].ID, 2))
			if n := len(storetest.Read(t, at)["patients"]); n != 2 {
				t.Errorf("%d patients, want 2", n)
			}
			for text, want := range map[string]int{"another@example.jp": 2, "patient1@example.jp": 2, "09000000002": 1} {
				found, err := s.Search(t.Context(), storetest.Owner, text)
				check(t, err)
				if len(found.Appointments) != want {
					t.Errorf("%s finds %d bookings, want %d", text, len(found.Appointments), want)
				}
			}
			to := map[string]string{} // the name by the address
			for range 3 {
				l := claim(t, s)
				to[l.Content.To] = l.Content.ToName
			}
			if to["another@example.jp"] != "試驗 花子一" {
				t.Errorf("the letters go to %v", to)
			}
		})
	}
}
