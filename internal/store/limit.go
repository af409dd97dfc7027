package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// counted is something of which an actor may have only so many bookings: a phone number, a mail address, a person or a client.
type counted struct {
	kind  string
	terms [][]byte // under every key there is, that under the present one first
	locks []string // one for each key, because another server may have another present one
}

// countedFor is by what a request's booking is counted, and the client that is stored with it. Persons are counted for their limit,
// for the question whether they want another booking, and because booking online may be closed to them; of staff, who may always
// book, nothing is counted.
func (s *Store) countedFor(actor clinic.Actor, r clinic.Request) (client []byte, all []counted, err error) {
	if actor.Client != "" {
		if client, err = s.keyring.BlindIndex("client", actor.Client); err != nil {
			return nil, nil, err
		}
	}
	var terms []term
	if actor.Limited() {
		terms = personTerms(r.Patient)
	}
	if s.limits && actor.Limited() && client != nil {
		terms = append(terms, term{"client", actor.Client})
	}
	for _, t := range terms {
		one, err := s.countedBy(t)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, one)
	}
	return client, all, nil
}

func (s *Store) countedBy(t term) (counted, error) {
	c := counted{kind: t.kind}
	indexes, err := s.keyring.BlindIndexes(t.kind, t.value)
	for _, index := range indexes {
		c.terms = append(c.terms, index.Term)
		c.locks = append(c.locks, t.kind+" "+hex.EncodeToString(index.Term))
	}
	return c, err
}

// lockCounted makes two bookings of the same person, or from the same client, wait for each other, so that the second one
// counts the first. The letter of a booking is counted by the same mail address.
func (c *change) lockCounted(all []counted) error {
	var names []string
	for _, one := range all {
		names = append(names, one.locks...)
	}
	return c.advisoryLocks(names)
}

// lockRecipients makes changes that write letters to the same addresses wait for one another, and for the bookings with those
// addresses.
func (c *change) lockRecipients(all ...clinic.Appointment) error {
	if c.store.engine == sqliteEngine {
		return nil
	}
	var names []string
	for _, a := range all {
		if a.Patient.Email == "" {
			continue
		}
		email, err := c.store.countedBy(term{"email", clinic.Mailbox(a.Patient.Email)})
		if err != nil {
			return err
		}
		names = append(names, email.locks...)
	}
	return c.advisoryLocks(names)
}

// advisoryLocks is advisoryLock for several names, in one order. They are taken before the slots are locked.
func (c *change) advisoryLocks(names []string) error {
	if c.store.engine == sqliteEngine || len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	return c.Exec("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM (VALUES (?::text)"+strings.Repeat(", (?::text)", len(names)-1)+") AS names (name)",
		args...).Error
}

// checkCounted counts what has been booked already, in one query, and asks the rules. Whoever has as many bookings as they may is
// not asked whether they want another.
func (c *change) checkCounted(all []counted, r clinic.Request, at clinic.Branch) error {
	if len(all) == 0 {
		return nil
	}
	n, err := c.count(all)
	if err != nil {
		return err
	}
	if err := n.CheckOpen(at, c.actor); err != nil {
		return err
	}
	if c.store.limits {
		if err := n.Check(at, c.actor); err != nil {
			return err
		}
	}
	return r.CheckAnother(c.actor, n.Person > 0)
}

func (c *change) count(all []counted) (n clinic.Counted, err error) {
	var parts []string
	var args, targets []any
	persons, closed := make([]int, 0, len(all)), make([]int, 0, len(all))
	for _, one := range all {
		in, terms := c.termsIn(one)
		if one.kind == "client" {
			for _, of := range []struct {
				target *int
				since  time.Duration
			}{{&n.Hour, time.Hour}, {&n.Day, 24 * time.Hour}} {
				parts = append(parts, "(SELECT COUNT(*) FROM bookings WHERE client IN "+in+" AND created_at > ?)")
				args = append(append(args, terms...), c.now.Add(-of.since))
				targets = append(targets, of.target)
			}
			continue
		}
		// Under one key a term stands once with each patient. To count different bookings only costs a table in memory.
		count := "COUNT(*)"
		if len(terms) > 1 {
			count = "COUNT(DISTINCT b.id)"
		}
		// Each term is asked for by itself, because for a list of them SQLite makes a table first.
		parts = append(parts, "(SELECT "+count+" FROM "+liveByTerm+" WHERE t.term IN "+in+" AND s.starts_at > ?)",
			"(SELECT COUNT(*) FROM patient_terms t JOIN patients p ON p.id = t.patient_id WHERE t.term IN "+in+" AND p.online_closed_at IS NOT NULL AND p.merged_into IS NULL)")
		args = append(append(append(args, terms...), c.now), terms...)
		persons, closed = append(persons, 0), append(closed, 0)
		targets = append(targets, &persons[len(persons)-1], &closed[len(closed)-1])
	}
	err = c.Raw("SELECT "+strings.Join(parts, ", "), args...).Row().Scan(targets...)
	for i := range persons {
		n.Person, n.Closed = max(n.Person, persons[i]), max(n.Closed, closed[i])
	}
	return n, err
}

// termsIn is the list of terms in SQL, with its arguments.
func (c *change) termsIn(one counted) (list string, args []any) {
	for _, t := range one.terms {
		args = append(args, t)
	}
	aTerm := c.store.aBytes()
	return "(" + aTerm + strings.Repeat(", "+aTerm, len(args)-1) + ")", args
}

// runsAtOnce is how many bookings are opened by one query: databases bound how many parameters one has.
const runsAtOnce = 5000

// Runs are the suspicious runs of bookings to come, as clinic.Runs finds them, and what was booked in a flood, from whatever clients; the latest first.
// What of a run is at branches where the actor may not change bookings is left out.
func (s *Store) Runs(ctx context.Context, actor clinic.Actor) (runs [][]clinic.Appointment, err error) {
	now := s.now()
	since := now.Add(-clinic.RunsWithin)
	flood, err := s.floodRun(ctx, since)
	if err != nil {
		return nil, wrap("Runs", err)
	}
	var rows []struct {
		ID     string
		Client []byte
	}
	// Most clients made one booking. Which made as many as a run has is asked first, so that nothing of the others is opened.
	err = s.reader(ctx).Raw(`SELECT b.id, b.client FROM bookings b JOIN slots s ON s.id = b.slot_id
		WHERE b.client IN (SELECT client FROM bookings WHERE client IS NOT NULL AND created_at > ? GROUP BY client HAVING COUNT(*) >= ?)
			AND b.created_at > ? AND b.live AND s.starts_at > ?`, since, clinic.RunLength, since, now).Scan(&rows).Error
	if err != nil || len(rows)+len(flood) == 0 {
		return nil, wrap("Runs", err)
	}
	clients, inFlood := map[string]string{}, map[string]bool{}
	ids := make([]string, 0, len(rows)+len(flood))
	for _, r := range rows {
		clients[r.ID] = string(r.Client)
		ids = append(ids, r.ID)
	}
	for _, id := range flood {
		inFlood[id] = true
		if clients[id] == "" {
			ids = append(ids, id)
		}
	}
	byClient := map[string][]clinic.Appointment{}
	var flooded []clinic.Appointment
	for some := range slices.Chunk(ids, runsAtOnce) {
		all, err := s.appointments(s.reader(ctx), "b.id IN ? AND b.live AND s.starts_at > ?", some, now)
		if err != nil {
			return nil, wrap("Runs", err)
		}
		for _, a := range all {
			if inFlood[a.Booking.ID] {
				flooded = append(flooded, a)
				continue
			}
			client := clients[a.Booking.ID]
			byClient[client] = append(byClient[client], a)
		}
	}
	slices.SortFunc(flooded, func(a, b clinic.Appointment) int { return a.Booking.CreatedAt.Compare(b.Booking.CreatedAt) })
	found := [][]clinic.Appointment{flooded}
	for _, of := range byClient {
		found = append(found, clinic.Runs(of)...)
	}
	for _, run := range found {
		run = slices.DeleteFunc(run, func(a clinic.Appointment) bool { return !actor.May(clinic.ChangeBooking, a.Branch.ID) })
		if len(run) > 0 {
			runs = append(runs, run)
		}
	}
	slices.SortFunc(runs, func(a, b []clinic.Appointment) int {
		return cmp.Or(b[0].Booking.CreatedAt.Compare(a[0].Booking.CreatedAt), cmp.Compare(a[0].Booking.ID, b[0].Booking.ID))
	})
	return runs, nil
}

// floodRun are the ids of the bookings that were made online while there was a flood.
func (s *Store) floodRun(ctx context.Context, since time.Time) ([]string, error) {
	var rows []struct {
		ID        string
		CreatedAt time.Time
	}
	err := s.reader(ctx).Raw("SELECT id, created_at FROM bookings WHERE client IS NOT NULL AND created_at > ? ORDER BY created_at, id", since).Scan(&rows).Error
	times := make([]time.Time, len(rows))
	for i, r := range rows {
		times[i] = r.CreatedAt
	}
	var ids []string
	for _, i := range clinic.FloodRun(times) {
		ids = append(ids, rows[i].ID)
	}
	return ids, err
}
