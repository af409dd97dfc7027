package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// facts asks for all that matters to some lines: a few questions, however many lines there are.
func (x *examiner) facts(db *gorm.DB, now time.Time, cases []clinic.ImportCase) (f clinic.ImportFacts, err error) {
	if f.People, err = x.people(db, cases); err != nil {
		return f, err
	}
	var ids []string
	for _, people := range f.People {
		for _, p := range people {
			ids = append(ids, p.Kept)
		}
	}
	if x.Import.Kind == clinic.ImportPatients {
		if f.Became, err = became(db, cases); err != nil {
			return f, err
		}
		for _, became := range f.Became {
			ids = append(ids, became...)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if f.At, err = branchesOf(db, ids); err != nil || x.Import.Kind == clinic.ImportPatients {
		return f, err
	}
	if f.Booked, err = takenOver(db, cases); err != nil {
		return f, err
	}
	if f.Own, err = x.ownReferences(db, cases); err != nil {
		return f, err
	}
	if f.Visits, err = visits(db, ids, cases); err != nil {
		return f, err
	}
	f.Slots, err = slotsNear(db, now, cases, time.Duration(x.Import.Minutes)*time.Minute)
	return f, err
}

// people are the patients who may be those of some lines, by each of the terms that they are found by.
func (x *examiner) people(db *gorm.DB, cases []clinic.ImportCase) (map[string][]clinic.ImportPerson, error) {
	var terms [][]byte
	for _, c := range cases {
		terms = append(terms, inBytes(c.Terms)...)
	}
	if len(terms) == 0 {
		return nil, nil
	}
	var rows []struct {
		Term       []byte
		ID         string
		Identity   []byte
		Sealed     []byte
		MergedInto *string
		CreatedAt  time.Time
	}
	err := db.Raw("SELECT t.term, p.id, p.identity, p.sealed, p.merged_into, p.created_at FROM patient_terms t JOIN patients p ON p.id = t.patient_id WHERE t.term IN ? ORDER BY p.id", terms).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	var merged []string
	for _, r := range rows {
		if r.MergedInto != nil {
			merged = append(merged, r.ID)
		}
	}
	kept, err := keptOf(db, merged)
	if err != nil {
		return nil, err
	}
	opened, out := map[string]clinic.ImportPerson{}, map[string][]clinic.ImportPerson{}
	for _, r := range rows {
		person, known := opened[r.ID]
		if !known {
			p, err := x.store.openPatient(patientRow{ID: r.ID, Sealed: r.Sealed, CreatedAt: r.CreatedAt})
			if err != nil {
				return nil, err
			}
			now := r.ID
			if r.MergedInto != nil {
				now = kept[r.ID]
			}
			person = clinic.NewImportPerson(p, string(r.Identity), now)
			opened[r.ID] = person
		}
		out[string(r.Term)] = append(out[string(r.Term)], person)
	}
	return out, nil
}

// keptOf are, by the ids of some patients, those into whom they were merged in the end: themselves, if they were not.
func keptOf(db *gorm.DB, ids []string) (map[string]string, error) {
	kept := map[string]string{}
	for _, id := range ids {
		kept[id] = id
	}
	for range maxMerges {
		var rows []struct{ ID, MergedInto string }
		ends := slices.Compact(slices.Sorted(maps.Values(kept)))
		if len(ends) == 0 {
			return kept, nil
		}
		if err := db.Raw("SELECT id, merged_into FROM patients WHERE id IN ? AND merged_into IS NOT NULL", ends).Scan(&rows).Error; err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return kept, nil
		}
		for _, r := range rows {
			for id, end := range kept {
				if end == r.ID {
					kept[id] = r.MergedInto
				}
			}
		}
	}
	return nil, errEndlessMerges
}

// became are, by the origins of some lines about patients, the patients whom they have become.
func became(db *gorm.DB, cases []clinic.ImportCase) (map[string][]string, error) {
	origins := originsOf(cases)
	if len(origins) == 0 {
		return nil, nil
	}
	var rows []struct {
		PatientID string
		Origin    []byte
	}
	if err := db.Raw("SELECT patient_id, origin FROM imported_patients WHERE origin IN ? AND origin IS NOT NULL", origins).Scan(&rows).Error; err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.PatientID)
	}
	kept, err := keptOf(db, ids)
	out := map[string][]string{}
	for _, r := range rows {
		out[string(r.Origin)] = append(out[string(r.Origin)], kept[r.PatientID])
	}
	return out, err
}

// branchesOf are the branches at which some patients are known.
func branchesOf(db *gorm.DB, ids []string) (map[string][]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct{ PatientID, BranchID string }
	err := db.Raw(`SELECT DISTINCT b.patient_id, s.branch_id FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id IN ?
		UNION SELECT patient_id, branch_id FROM imported_patients WHERE patient_id IN ?`, ids, ids).Scan(&rows).Error
	out := map[string][]string{}
	for _, r := range rows {
		out[r.PatientID] = append(out[r.PatientID], r.BranchID)
	}
	return out, err
}

// takenOver are the origins of those lines that are bookings already.
func takenOver(db *gorm.DB, cases []clinic.ImportCase) (map[string]bool, error) {
	origins := originsOf(cases)
	if len(origins) == 0 {
		return nil, nil
	}
	var known [][]byte
	err := db.Raw("SELECT origin FROM imported_bookings WHERE origin IN ?", origins).Scan(&known).Error
	out := map[string]bool{}
	for _, origin := range known {
		out[string(origin)] = true
	}
	return out, err
}

// ownReferences are the appointments whose reference a line has for its number.
func (x *examiner) ownReferences(db *gorm.DB, cases []clinic.ImportCase) ([]clinic.Appointment, error) {
	var asked []string
	for _, c := range cases {
		if reference, ok := clinic.ParseReference(c.Line.Reference); ok {
			asked = append(asked, reference)
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	owned, args := ownedBy(x.Actor, clinic.ManageClinic)
	return x.store.appointments(db, "b.reference IN ? AND "+owned, append([]any{asked}, args...)...)
}

// visits are the bookings of some patients at the times of some lines.
func visits(db *gorm.DB, ids []string, cases []clinic.ImportCase) (out []clinic.ImportVisit, err error) {
	var times []time.Time
	for _, c := range cases {
		if !c.Slot.StartsAt.IsZero() {
			times = append(times, c.Slot.StartsAt)
		}
	}
	if len(ids) == 0 || len(times) == 0 {
		return nil, nil
	}
	err = db.Raw("SELECT b.patient_id, s.doctor_id, s.starts_at FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id IN ? AND s.starts_at IN ?", ids, times).Scan(&out).Error
	return out, err
}

// stretch is a time of a doctor, or of a room of a branch.
type stretch struct {
	doctorID, branchID, room string
	from, until              time.Time
}

// slotsNear are the open slots, of the doctors of some lines and in their rooms, that begin when the line does or may overlap its booking.
func slotsNear(db *gorm.DB, now time.Time, cases []clinic.ImportCase, minutes time.Duration) ([]clinic.KnownSlot, error) {
	var conditions []string
	var args []any
	for _, s := range stretchesOf(cases, minutes) {
		const open = " AND s.closed_at IS NULL AND s.starts_at >= ? AND s.starts_at <= ?)"
		if s.doctorID != "" {
			conditions, args = append(conditions, "(s.doctor_id = ?"+open), append(args, s.doctorID, s.from, s.until)
		} else {
			conditions, args = append(conditions, "(s.branch_id = ? AND s.room = ? AND s.room <> ''"+open), append(args, s.branchID, s.room, s.from, s.until)
		}
	}
	if len(conditions) == 0 {
		return nil, nil
	}
	return scanKnown(db.Raw(knownColumns+strings.Join(conditions, " OR "), args...), now)
}

// stretchesOf are the times that matter to the bookings of some lines, those that meet made one. No slot is longer than a day.
func stretchesOf(cases []clinic.ImportCase, minutes time.Duration) (out []stretch) {
	var all []stretch
	for _, c := range cases {
		if c.Slot.DoctorID == "" || c.Slot.StartsAt.IsZero() {
			continue
		}
		s := stretch{doctorID: c.Slot.DoctorID, from: c.Slot.StartsAt.Add(-24 * time.Hour), until: c.Slot.EndsAt}
		if c.Slot.EndsAt.Equal(c.Slot.StartsAt) {
			s.until = c.Slot.StartsAt.Add(minutes)
		}
		all = append(all, s)
		if c.Slot.Room != "" {
			all = append(all, stretch{branchID: c.Branch.ID, room: c.Slot.Room, from: s.from, until: s.until})
		}
	}
	slices.SortFunc(all, func(a, b stretch) int {
		return cmp.Or(strings.Compare(a.doctorID, b.doctorID), strings.Compare(a.branchID, b.branchID), strings.Compare(a.room, b.room), a.from.Compare(b.from))
	})
	for _, s := range all {
		if n := len(out) - 1; n >= 0 && out[n].doctorID == s.doctorID && out[n].branchID == s.branchID && out[n].room == s.room && !s.from.After(out[n].until) {
			if s.until.After(out[n].until) {
				out[n].until = s.until
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

func originsOf(cases []clinic.ImportCase) (out [][]byte) {
	for _, c := range cases {
		out = append(out, inBytes(c.Origins)...)
	}
	return out
}

func inBytes(indexes []string) (out [][]byte) {
	for _, index := range indexes {
		out = append(out, []byte(index))
	}
	return out
}
