package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

const (
	rounds   = 5
	perRound = 600
)

// measureBookings books through store.Book with one client and with sixty-four, everything written and sealed, and
// compares with commits of one row through database/sql with the same durability. Rounds of both alternate, so that a
// disk that slows down slows both.
func measureBookings(ctx context.Context, dir string) (out []figure, err error) {
	s, err := newStore(ctx, filepath.Join(dir, "bookings.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	clientCounts := []int{1, 64}
	slots, err := openSlots(ctx, s, len(bookedBy)*len(clientCounts)*rounds*perRound)
	if err != nil {
		return nil, err
	}
	// As in a running server, which reads the settings for every page.
	if _, err := s.Settings(ctx); err != nil {
		return nil, err
	}
	// The same settings as the store's write connection.
	raw, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "raw.db")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_cache_size=-65536")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	raw.SetMaxOpenConns(1)
	if _, err := raw.ExecContext(ctx, "CREATE TABLE rows (id text PRIMARY KEY, value text)"); err != nil {
		return nil, err
	}
	insert, err := raw.PrepareContext(ctx, "INSERT INTO rows VALUES (?, ?)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()

	people := 0 // so far; everybody books once
	for _, by := range bookedBy {
		for _, clients := range clientCounts {
			var ratios, speeds []float64
			for range rounds {
				commits, err := perSecond(clients, perRound, func(int) error {
					_, err := insert.ExecContext(ctx, clinic.NewID(), "a row")
					return err
				})
				if err != nil {
					return nil, err
				}
				mine := slots[:perRound]
				slots = slots[perRound:]
				before := people
				people += perRound
				books, err := perSecond(clients, perRound, func(i int) error {
					_, err := s.Book(ctx, by.actor(before+i), request(mine[i], before+i))
					return err
				})
				if err != nil {
					return nil, err
				}
				ratios, speeds = append(ratios, books/commits), append(speeds, books)
			}
			name := fmt.Sprintf("durable bookings%s, %d client(s)", by.name, clients)
			out = append(out, figure{name, median(ratios), "of raw one-row commits", by.aims[clients]}, figure{name + ", speed", median(speeds), "per second", ""})
		}
	}
	return out, nil
}

// bookedBy are those who book: visitors, by whose rules and limits most bookings are made, and a job, of which nothing is counted.
var bookedBy = []struct {
	name  string
	actor func(n int) clinic.Actor
	aims  map[int]string // by how many of them there are
}{
	{"", visitor, map[int]string{1: "≥ 0.19", 64: "≥ 0.38"}},
	{" by a job", func(int) clinic.Actor { return bench }, map[int]string{1: "≥ 0.25", 64: "≥ 0.38"}},
}

func newStore(ctx context.Context, path string) (*store.Store, error) {
	return newStoreAt(ctx, "sqlite:"+path, path+".keys")
}

// newStoreAt is a new clinic at the address of an empty database.
func newStoreAt(ctx context.Context, address, keys string) (*store.Store, error) {
	if err := store.Migrate(ctx, address); err != nil {
		return nil, err
	}
	s, err := openStore(ctx, address, keys)
	if err != nil {
		return nil, err
	}
	publication, err := config.Publication()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if _, err := s.PublishQuestionnaire(ctx, bench, publication); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.SeedSettings(ctx, clinic.Settings{Name: "見本クリニック"}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openStore(ctx context.Context, address, keys string) (*store.Store, error) {
	s, err := store.Open(ctx, address, time.Now)
	if err != nil {
		return nil, err
	}
	if _, err := s.Unlock(ctx, keys); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openSlots makes a branch with five doctors and so many slots of half an hour, nine to six, from tomorrow on. There are so many
// doctors that a visitor may book all of the slots.
func openSlots(ctx context.Context, s *store.Store, n int) ([]string, error) {
	branch, err := s.SaveBranch(ctx, bench, clinic.Branch{
		Name: "見本クリニック", Address: "見本県架空市", Access: "架空駅", Phone: "03-0000-0001", Zone: clinic.DefaultZone,
	})
	if err != nil {
		return nil, err
	}
	doctors := max(5, n/720) // of whom each has 40 days full, which is within the time for which people book ahead
	for d := range doctors {
		doctor, err := s.SaveDoctor(ctx, bench, clinic.Doctor{
			FamilyName: "見本", GivenName: fmt.Sprintf("医%d", d), FamilyKana: "ミホン", GivenKana: "イ", Sex: clinic.Female,
		}, []string{branch.ID})
		if err != nil {
			return nil, err
		}
		day := clinic.DateOf(time.Now(), branch.Location())
		for opened := 0; opened < n/doctors; {
			day = day.AddDays(1)
			slots, errs := clinic.DaySlots{Date: day.String(), From: "09:00", Until: "18:00", Minutes: "30"}.Slots(branch, doctor.ID, time.Now())
			if err := errs.Err(); err != nil {
				return nil, err
			}
			if err := s.AddSlots(ctx, bench, slots); err != nil {
				return nil, err
			}
			opened += len(slots)
		}
	}
	slots, err := s.Slots(ctx, store.SlotQuery{BranchID: branch.ID, From: time.Now(), Until: time.Now().AddDate(50, 0, 0)})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(slots))
	for i, slot := range slots {
		ids[i] = slot.ID
	}
	return ids, nil
}

// bench is who does everything here.
var bench = clinic.Job("bench")

// typical is what a visitor sends with a booking, but for the slot and the person.
var typical = sync.OnceValue(func() clinic.Request {
	questions, err := config.Questionnaire()
	if err != nil {
		panic(err) // newStore has published it
	}
	personas, err := config.Personas()
	if err != nil {
		panic(err) // a test holds them to the questionnaire
	}
	who := personas[0]
	return clinic.Request{
		Lang: "ja", QuestionnaireVersion: questions.Version,
		Details: clinic.Details{Answers: who.Booking, Attribution: who.Attribution, Consents: questions.Consents(who.Booking, "1", time.Now())},
	}
})

func request(slotID string, n int) clinic.Request {
	r := typical()
	r.SlotID, r.Key = slotID, clinic.NewToken()
	r.Patient = clinic.Patient{
		FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1930, Month: time.April, Day: 1}.AddDays(n),
		Sex: clinic.Female, Phone: fmt.Sprintf("090%08d", n), Email: fmt.Sprintf("patient%d@example.jp", n),
	}
	return r
}

// visitor is the n-th of many, each at home, for whom all limits are counted.
func visitor(n int) clinic.Actor {
	return clinic.Visitor(clinic.NewToken(), fmt.Sprintf("198.18.%d.%d", n>>8, n&0xff))
}
