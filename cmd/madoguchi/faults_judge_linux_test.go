package main_test

import (
	"regexp"
	"slices"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// letterRow finds the id of a letter, what has become of it, and how often it was written anew, which is part of its Message-ID.
var letterRow = regexp.MustCompile(`(?s)^id=(\S+) .* status=(\S+) .* resends=(\d+) `)

// judge compares what people were told, and what the mail server has taken, with the database.
func (r *faultRun) judge(messages []mailtest.Message) {
	t, w := r.t, r.world
	t.Helper()
	wholeDatabase(t, w.settings)
	facts := storetest.Read(t, w.settings["MADOGUCHI_DATABASE"])
	live, cancelled := map[string]bool{}, 0
	withStore(t, w.settings, func(s *store.Store) {
		for _, p := range r.people {
			if p.cancelled {
				cancelled++
				continue
			}
			chart, err := s.Intake(t.Context(), clinic.PatientByLink(p.token))
			if err != nil {
				w.all.add("lost", 1)
				t.Errorf("the booking of %d is lost: %v", p.n, err)
				continue
			}
			if a := chart.Appointment; a.Slot.ID != p.slot || !a.Booking.Status.Live() || (chart.Intake.Revision > 0) != p.answered {
				w.all.add("lost", 1)
				t.Errorf("%d was told %s, answered %v; there is %s, %s, revision %d", p.n, p.slot, p.answered, a.Slot.ID, a.Booking.Status, chart.Intake.Revision)
			}
			if live[p.slot] {
				w.all.add("double", 1)
				t.Errorf("%d and somebody else have %s", p.n, p.slot)
			}
			live[p.slot] = true
		}
	})
	isCancelled := func(row string) bool { return strings.Contains(row, "status=cancelled") }
	if n := len(slices.DeleteFunc(slices.Clone(facts["bookings"]), isCancelled)); n != len(live)+1 || len(facts["bookings"]) != len(r.people)+1 {
		w.all.add("double", 1)
		t.Errorf("there are %d bookings, %d of them live; people know of %d and %d", len(facts["bookings"]), n, len(r.people)+1, len(live)+1)
	}
	if n := len(facts["note_versions"]); n != 1 {
		w.all.add("double", 1)
		t.Errorf("the note was signed %d times", n)
	}
	r.judgeLetters(facts["letters"], messages)
	w.all.add("faults", r.struck)
	w.all.add("booked", len(r.people))
	w.all.add("cancelled", cancelled)
	w.all.add("signed", 1)
}

// judgeLetters: what is said to be sent has arrived, what has arrived was written here, and twice only where a reply was lost, on its way to a program or
// with it.
func (r *faultRun) judgeLetters(rows []string, messages []mailtest.Message) {
	t, w := r.t, r.world
	t.Helper()
	arrived, written := map[string]int{}, map[string]bool{}
	for _, m := range messages {
		id, _, _ := strings.Cut(strings.TrimPrefix(messageID(t, m), "<"), "@")
		arrived[id]++
	}
	for _, row := range rows {
		m := letterRow.FindStringSubmatch(row)
		if m == nil {
			t.Fatalf("this is no letter: %q", row)
		}
		id, status, again := m[1], m[2], m[3]
		written[id] = true
		if again != "0" {
			id += "-" + again
		}
		if status != "withdrawn" && status != "sent" || status == "sent" && arrived[id] == 0 && !slices.Contains(w.before, row) {
			w.all.add("lost", 1)
			t.Errorf("the letter %s is %s, and has arrived %d times", id, status, arrived[id])
		}
	}
	copies, most := 0, w.lost+r.struck // of one letter; a fault may strike while several are on their way
	for id, n := range arrived {
		if copies += n - 1; n-1 > most {
			w.all.add("double", 1)
			t.Errorf("%s has arrived %d times, after %d lost replies and %d faults", id, n, w.lost, r.struck)
		}
		if id, _, _ := strings.Cut(id, "-"); !written[id] {
			t.Errorf("%s has arrived, and nobody has written it", id)
		}
	}
	w.all.add("letters", len(messages))
	w.all.add("copies of them", copies)
}
