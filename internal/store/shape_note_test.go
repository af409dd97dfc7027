package store_test

import (
	"fmt"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// fullNote has words in every field that takes some.
func fullNote(proposal string) clinic.Note {
	n := proposing(proposal)
	n.Other, n.Wish, n.Explained = "肩甲骨の動きが小さい。", "まず自分でできることから。", []clinic.Explained{{ID: "anticoagulant", Text: "抗凝固薬と内出血の話"}}
	return n
}

// fillNotes writes, signs, corrects and hands over the note of a booking of today.
func (f *filler) fillNotes() {
	ctx, s, c := f.Context(), f.store, f.clinic
	var doctors [2]clinic.Actor
	for i, email := range []string{"doctor@example.jp", "doctor2@example.jp"} {
		account, err := s.StaffByEmail(ctx, email)
		if clinic.CodeOf(err) == clinic.NotFound {
			account, err = s.AddStaff(ctx, storetest.Owner, clinic.Staff{Role: clinic.DoctorRole, EveryBranch: true, DoctorID: c.Doctors[i].ID, Name: "見本 守", Email: email})
		}
		check(f.T, err)
		doctors[i] = clinic.StaffActor(account)
	}
	slots := storetest.AddSlots(f.T, s, c.Branch, c.Doctors[0], f.clock.Now().Add(5*time.Hour).Truncate(time.Hour), 1)
	booked := storetest.Book(f.T, s, storetest.Request(slots[0].ID, 40))
	id := booked.BookingID
	_, err := s.SaveDraft(ctx, doctors[0], id, clinic.Screen{ID: "a", Save: 1}, fullNote("書きかけの提案"), "")
	check(f.T, err)
	_, err = s.SignNote(ctx, doctors[0], id, clinic.Screen{Revision: 1}, fullNote("署名した提案"), "", clinic.Signing{Sure: true})
	check(f.T, err)
	check(f.T, s.CorrectNote(ctx, doctors[0], id, 1, "書きまちがい"))
	_, err = s.SaveDraft(ctx, doctors[0], id, clinic.Screen{ID: "a", Save: 2, Revision: 3, Base: 1}, fullNote("訂正中の提案"), "書きまちがい")
	check(f.T, err)
	_, err = s.HasNoteOpen(ctx, doctors[0], id, "a", true)
	check(f.T, err)
	check(f.T, s.HandOver(ctx, doctors[0], id, c.Doctors[1].ID, "長引いたため"))
	for range 2 { // and back, and again, each of which ends the one before
		check(f.T, s.HandOver(ctx, doctors[1], id, c.Doctors[0].ID, "もどす"))
		check(f.T, s.HandOver(ctx, doctors[0], id, c.Doctors[1].ID, "長引いたため"))
		check(f.T, s.TakeBackHandover(ctx, doctors[0], id))
		check(f.T, s.HandOver(ctx, doctors[0], id, c.Doctors[1].ID, "長引いたため"))
	}
	fresh, err := s.NewCharts(ctx, doctors[1])
	check(f.T, err)
	check(f.T, s.ReadHandover(ctx, doctors[1], id, fresh[0].Handover.ID))
	for _, because := range []clinic.HandoverEnd{clinic.HandedMoved, clinic.HandedToGone, clinic.HandedToNone} {
		f.sql("UPDATE handovers SET ended_because = $1 WHERE id = (SELECT min(id) FROM handovers WHERE ended_because = 'handed_on')", string(because))
	}
	check(f.T, s.SavePhrases(ctx, doctors[0], clinic.Phrases{List: []clinic.Phrase{{Shortcut: "うんどう", Text: "運動を週2回。"}}}))
}

// notes calls what is done with notes and handovers beside that.
func (f *filler) notes() {
	ctx, s, c := f.Context(), f.store, f.clinic
	must := func(_ any, err error) { f.Helper(); check(f.T, err) }
	day := clinic.DateOf(f.clock.Now(), c.Branch.Location()).In(c.Branch.Location())
	for _, doctor := range c.Doctors {
		actor := storetest.DoctorActor(doctor.ID)
		charts, err := s.Charts(ctx, actor, day.AddDate(0, 0, -60), day.AddDate(0, 0, 60))
		check(f.T, err)
		must(s.UnsignedNotes(ctx, actor))
		must(s.NewCharts(ctx, actor))
		must(s.CountNewCharts(ctx, actor))
		must(s.GivenCharts(ctx, actor, day.AddDate(0, 0, -60), day.AddDate(0, 0, 60)))
		must(s.CountUnsignedNotes(ctx, actor))
		must(s.Phrases(ctx, actor))
		if len(charts) == 0 {
			f.Error("a doctor has no chart")
			continue
		}
		id := charts[0].Appointment.Booking.ID
		must(s.ChartFor(ctx, actor, id))
		must(s.NoteFor(ctx, actor, id))
		must(s.NoteStates(ctx, actor, id))
		must(s.Colleagues(ctx, actor, id))
		must(s.Handovers(ctx, actor, id))
		must(nil, s.ReadHandover(ctx, actor, id, "none"))
		_, _, err = s.ChartAway(ctx, actor, id)
		check(f.T, err)
		must(s.HandedOver(ctx, storetest.Owner, id))
		must(s.TakenOver(ctx, actor, id))
		must(s.LastNote(ctx, storetest.Owner, charts[0].Appointment.Booking.PatientID))
		must(s.HasNoteOpen(ctx, actor, id, "b", true))
		must(s.HasNoteOpen(ctx, actor, id, "b", false))
	}
}

// readNotes says what the doctors of a shape read of notes and handovers.
func readNotes(t *testing.T, s *store.Store, doctors []clinic.Doctor) (lines []string) {
	t.Helper()
	ctx := t.Context()
	for _, doctor := range doctors {
		actor := storetest.DoctorActor(doctor.ID)
		phrases, err := s.Phrases(ctx, actor)
		check(t, err)
		if len(phrases.List) > 0 {
			lines = append(lines, fmt.Sprintf("phrases of %s: %+v", doctor.Name("ja"), phrases))
		}
		unsigned, err := s.UnsignedNotes(ctx, actor)
		check(t, err)
		for _, u := range unsigned {
			n, err := s.NoteFor(ctx, actor, u.Appointment.Booking.ID)
			check(t, err)
			lines = append(lines, fmt.Sprintf("draft of %s: %+v", doctor.Name("ja"), n.Draft))
			for _, v := range n.Versions {
				lines = append(lines, fmt.Sprintf("signed version: %+v", v))
			}
		}
		charts, err := s.Charts(ctx, actor, storetest.Begin, storetest.Begin.AddDate(0, 0, 1))
		check(t, err)
		for _, chart := range charts {
			told, err := s.Handovers(ctx, actor, chart.Appointment.Booking.ID)
			check(t, err)
			for _, h := range told {
				lines = append(lines, fmt.Sprintf("handed from %s to %s at %s: %s", h.From.Name("ja"), h.To.Name("ja"), h.At.Format(time.RFC3339), h.Reason))
				if h.Ended != "" {
					lines = append(lines, fmt.Sprintf("ended at %s: %s", h.EndedAt.Format(time.RFC3339), h.Ended))
				}
			}
		}
	}
	return lines
}
