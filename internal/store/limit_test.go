package store_test

import (
	"fmt"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// at is a visitor at a network address.
func at(address string) clinic.Actor { return clinic.Visitor(clinic.NewToken(), address) }

// months are more slots than any limit.
func months(t *testing.T, s *store.Store, c storetest.Clinic, n int) []clinic.SlotWithState {
	t.Helper()
	return storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 3), n)
}

// A person has so many bookings before them as the branch allows, by whichever of their marks they are known; one that is
// cancelled or over makes room. Staff may book more.
func TestBook_LimitsThePerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slots := months(t, s, c, 12)
		n, later := 0, 0
		book := func(actor clinic.Actor, change func(*clinic.Patient)) (clinic.Receipt, error) {
			n++
			r := another(storetest.Request(slots[n].ID, 100*(later+1)+n)) // somebody else
			change(&r.Patient)
			return s.Book(t.Context(), actor, r)
		}
		same := storetest.Request("", 1).Patient
		for what, change := range map[string]func(*clinic.Patient){
			"phone": func(p *clinic.Patient) { p.Phone = "09000007777" },
			"mailbox": func(p *clinic.Patient) {
				p.Email = []string{"t.gt@gmail.com", "tgt+1@gmail.com", "TGT@googlemail.com"}[n%3]
			},
			"mail": func(p *clinic.Patient) { p.Email = []string{"Someone@example.jp", "someone@EXAMPLE.jp"}[n%2] },
			"kana and birth date": func(p *clinic.Patient) {
				p.Birth, p.FamilyKana, p.GivenKana = same.Birth, []string{"シケン", "シ ケン"}[n%2], []string{"シズエ", "シヅ・ヱ"}[n%2]
			},
		} {
			first, err := book(at("192.0.2.1"), change)
			check(t, err)
			_, err = book(at("192.0.2.2"), change)
			check(t, err)
			if _, err = book(at("192.0.2.3"), change); clinic.CodeOf(err) != clinic.Conflict {
				t.Errorf("a third booking with the same %s: %v", what, err)
			}
			check(t, s.Cancel(t.Context(), storetest.Owner, first.BookingID))
			_, err = book(at("192.0.2.3"), change)
			check(t, err)
			n = 0
			later++
			slots = storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 3+later), 12)
		}
		// The branch decides.
		c.Branch.Settings.LiveBookings = 1
		_, err := s.SaveBranch(t.Context(), storetest.Owner, c.Branch)
		check(t, err)
		twice := func(p *clinic.Patient) { p.Phone = "09000008888" }
		_, err = book(at("192.0.2.4"), twice)
		check(t, err)
		if _, err = book(at("192.0.2.4"), twice); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("a second booking where one is allowed: %v", err)
		}
		if _, err = book(clinic.API(clinic.APIKey{ID: "key"}), twice); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("a second booking by a program: %v", err)
		}
		_, err = book(clinic.StaffActor(clinic.Staff{ID: "s", Role: clinic.FrontDesk, Active: true, EveryBranch: true}), twice)
		check(t, err)
		// What is over does not count.
		clock.Advance(90 * 24 * time.Hour)
		slots = storetest.AddSlots(t, s, c.Branch, c.Doctors[0], clock.Now().AddDate(0, 0, 3), 12)
		_, err = book(at("192.0.2.4"), twice)
		check(t, err)
	})
}

// Side by side, and from two instances, one person still gets no more than two.
func TestBook_LimitsThePersonAtOnce(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			where, keys, clock := address(t), t.TempDir()+"/keys", storetest.NewClock()
			instances := []*store.Store{storetest.Open(t, where, keys, clock.Now)}
			c := storetest.NewClinic(t, instances[0])
			if engine == "postgres" {
				instances = append(instances, storetest.Open(t, where, keys, clock.Now))
			}
			got := 0
			for i, err := range atOnce(len(c.Slots), func(i int) error {
				r := another(storetest.Request(c.Slots[i].ID, 100+i))
				r.Patient.Phone = "09000007777"
				if i%2 == 0 {
					r.Patient.Email = "someone@example.jp"
				}
				_, err := instances[i%len(instances)].Book(t.Context(), at(fmt.Sprint(i)), r)
				return err
			}) {
				switch clinic.CodeOf(err) {
				case "":
					check(t, err)
					got++
				case clinic.Conflict:
				default:
					t.Errorf("booking %d: %v", i, err)
				}
			}
			if got != clinic.DefaultLiveBookings {
				t.Errorf("%d bookings of one person", got)
			}
		})
	}
}

// One network address books so many times in an hour, and so many in a day; others go on, and so does whoever comes later. A
// program is counted by its key.
func TestBook_LimitsTheClient(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slots := months(t, s, c, 2*clinic.KeyBookingsPerHour)
		n := 0
		tries := func(actor func() clinic.Actor, most int) (got int, err error) {
			for range most {
				n++
				if _, err = s.Book(t.Context(), actor(), storetest.Request(slots[n].ID, 100+n)); err != nil {
					return got, err
				}
				got++
			}
			return got, nil
		}
		one := func() clinic.Actor { return at("192.0.2.1") } // another cookie each time
		inHour, err := tries(one, clinic.ClientBookingsPerHour+1)
		wantCode(t, err, clinic.TooMany)
		other, err := tries(func() clinic.Actor { return at("192.0.2.2") }, 1)
		check(t, err)
		program, err := tries(func() clinic.Actor { return clinic.API(clinic.APIKey{ID: "key"}) }, clinic.KeyBookingsPerHour+1)
		wantCode(t, err, clinic.TooMany)
		if inHour != clinic.ClientBookingsPerHour || other != 1 || program != clinic.KeyBookingsPerHour {
			t.Errorf("%d bookings from one address, %d from another, %d with a key", inHour, other, program)
		}
		inDay := inHour
		for range 3 {
			clock.Advance(time.Hour)
			more, err := tries(one, clinic.ClientBookingsPerHour)
			if inDay += more; inDay == clinic.ClientBookingsPerDay {
				wantCode(t, err, map[bool]clinic.Code{true: "", false: clinic.TooMany}[more == clinic.ClientBookingsPerHour])
			}
		}
		if inDay != clinic.ClientBookingsPerDay {
			t.Errorf("%d bookings in a day", inDay)
		}
		clock.Advance(24 * time.Hour)
		_, err = tries(one, 1)
		check(t, err)
	})
}

// Of the letters to one address five an hour go out and ten a day. The others are held: staff see them, and each can be sent.
func TestLetters_BeyondTheLimitAreHeld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slots := months(t, s, c, 30)
		n := 0
		write := func(most int) (held []clinic.Letter) {
			for range most {
				n++
				r := storetest.Request(slots[n].ID, 100+n)
				r.Patient.Email = []string{"someone@example.jp", "SOMEONE@example.jp", fmt.Sprintf("someone+%d@example.jp", n)}[n%3]
				receipt, err := s.Book(t.Context(), storetest.Owner, r)
				check(t, err)
				if l := onlyLetter(t, s, receipt.BookingID); l.Status == clinic.LetterHeld {
					held = append(held, l)
				}
			}
			return held
		}
		if held := write(clinic.LettersPerHour); len(held) > 0 {
			t.Errorf("held within the limit: %+v", held)
		}
		held := write(2)
		if len(held) != 2 {
			t.Fatalf("%d of two letters beyond the limit are held", len(held))
		}
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)) // another address is not concerned
		for range clinic.LettersPerHour + 1 {
			claim(t, s)
		}
		wantNoneDue(t, s)
		staff, err := s.LettersInTrouble(t.Context(), storetest.Owner)
		check(t, err)
		if len(staff) != 2 || staff[0].Status != clinic.LetterHeld {
			t.Errorf("staff see %+v", staff)
		}
		check(t, s.Resend(t.Context(), storetest.Owner, held[0].BookingID, held[0].ID))
		if l := claim(t, s); l.ID != held[0].ID || clinic.Mailbox(l.Content.To) != "someone@example.jp" {
			t.Errorf("sent by hand: %+v", l)
		}
		// The cancellation of a held confirmation is a letter as well; the confirmation is withdrawn.
		clock.Advance(time.Second)
		check(t, s.Cancel(t.Context(), storetest.Owner, held[1].BookingID))
		letters, err := s.Letters(t.Context(), storetest.Owner, held[1].BookingID)
		check(t, err)
		if len(letters) != 2 || letters[0].Status != clinic.LetterWithdrawn || letters[1].Status != clinic.LetterHeld {
			t.Errorf("after the cancellation: %+v", letters)
		}
		clock.Advance(time.Hour)
		if held := write(3); len(held) != 1 { // eight so far; two more until ten
			t.Errorf("%d of three are held in the second hour", len(held))
		}
		clock.Advance(24 * time.Hour)
		if held := write(1); len(held) > 0 {
			t.Errorf("held the next day: %+v", held)
		}
	})
}

// For measuring, nothing is limited.
func TestLiftLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		s.LiftLimits()
		c := storetest.NewClinic(t, s)
		for i, slot := range months(t, s, c, clinic.ClientBookingsPerHour+1) {
			r := another(storetest.Request(slot.ID, 1))
			r.Key = fmt.Sprint(i)
			_, err := s.Book(t.Context(), at("192.0.2.1"), r)
			check(t, err)
			claim(t, s)
		}
	})
}

// A run is seen by who may cancel it, and cancelled together with the letters that are asked for; what may not be cancelled any
// more stays, and others' bookings are not touched.
func TestRuns_AreCancelledTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slots := months(t, s, c, 20)
		n := 0
		book := func(actor clinic.Actor) string {
			n++
			clock.Advance(time.Minute)
			receipt, err := s.Book(t.Context(), actor, storetest.Request(slots[n].ID, 100+n))
			check(t, err)
			return receipt.BookingID
		}
		for range clinic.RunLength - 1 {
			book(at("192.0.2.9")) // a family
		}
		var run []string
		for range clinic.RunLength + 1 {
			run = append(run, book(at("192.0.2.1")))
			book(at(fmt.Sprintf("198.51.100.%d", n)))
		}
		desk := func(branches ...string) clinic.Actor {
			return clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Active: true, EveryBranch: len(branches) == 0, Branches: branches})
		}
		ids := func(actor clinic.Actor) (out []string) {
			runs, err := s.Runs(t.Context(), actor)
			check(t, err)
			if len(runs) > 1 {
				t.Errorf("%d runs", len(runs))
			}
			for _, r := range runs {
				for _, a := range r {
					out = append(out, a.Booking.ID)
				}
			}
			return out
		}
		if got := ids(desk()); fmt.Sprint(got) != fmt.Sprint(run) {
			t.Errorf("the run is %v, want %v", got, run)
		}
		if got := ids(desk(c.Other.ID)); len(got) > 0 {
			t.Errorf("another branch sees %v", got)
		}
		check(t, s.Cancel(t.Context(), storetest.Owner, run[0]))
		if done, err := s.CancelTogether(t.Context(), desk(c.Other.ID), run, true); err != nil || done != 0 {
			t.Errorf("another branch cancelled %d, %v", done, err)
		}
		done, err := s.CancelTogether(t.Context(), desk(), append([]string{"no-such-booking"}, run[:3]...), false)
		if check(t, err); done != 2 {
			t.Errorf("%d were cancelled, want 2", done)
		}
		done, err = s.CancelTogether(t.Context(), desk(), run[3:], true)
		if check(t, err); done != len(run)-3 {
			t.Errorf("%d were cancelled", done)
		}
		for i, want := range map[int]int{1: 1, 2: 1, 3: 2, 4: 2} { // letters: the withdrawn confirmation, and the cancellation if asked for
			letters, err := s.Letters(t.Context(), storetest.Owner, run[i])
			check(t, err)
			if len(letters) != want || letters[0].Status != clinic.LetterWithdrawn {
				t.Errorf("booking %d has the letters %+v", i, letters)
			}
			a, err := s.Appointment(t.Context(), storetest.Owner, run[i])
			check(t, err)
			if a.Booking.Status != clinic.Cancelled || a.Booking.CancelledBy != clinic.ActorStaff {
				t.Errorf("booking %d is %s by %s", i, a.Booking.Status, a.Booking.CancelledBy)
			}
		}
		if got := ids(desk()); len(got) > 0 {
			t.Errorf("afterwards the run is %v", got)
		}
	})
}
