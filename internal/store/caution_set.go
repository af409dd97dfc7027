package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// cautionSetRow is a set of cautions as it is stored, with the name of the doctor who made it.
type cautionSetRow struct {
	Version  string
	Number   int
	Rules    []byte
	Sources  []byte
	Edits    []byte
	Reason   string
	MadeAt   time.Time
	MadeBy   string
	DoctorID *string

	FamilyName, GivenName, NameEn *string
}

const doctorNameColumns = "d.family_name, d.given_name, d.name_en"

// doctorText is the name of a doctor, of whom the columns are empty where a row has none.
func doctorText(family, given, english *string) intake.Text {
	if family == nil {
		return intake.Text{}
	}
	d := clinic.Doctor{FamilyName: *family, GivenName: *given}
	if english != nil {
		d.NameEn = *english
	}
	return intake.Text{JA: d.Name("ja"), EN: d.Name("en")}
}

// set is the set, of rules that were read from what was delivered.
func (r cautionSetRow) set(delivered []intake.Rule) intake.CautionSet {
	s := intake.CautionSet{Version: r.Version, Number: r.Number, Delivered: delivered, Reason: r.Reason, MadeAt: r.MadeAt.UTC(), Doctor: doctorText(r.FamilyName, r.GivenName, r.NameEn)}
	if err := json.Unmarshal(r.Edits, &s.Edits); err != nil {
		s.Edits = nil // what this program wrote it can read
	}
	return s
}

// cautionSets are the sets of a version, the newest first.
func (s *Store) cautionSets(db *gorm.DB, version string) (rows []cautionSetRow, err error) {
	err = db.Table("caution_sets AS c").Select("c.*, "+doctorNameColumns).Joins("LEFT JOIN doctors d ON d.id = c.doctor_id").
		Where("c.version = ?", version).Order("c.number DESC").Find(&rows).Error
	return rows, err
}

// cautionSignatures are the signatures under the sets of a version, by the number of the set.
func (s *Store) cautionSignatures(db *gorm.DB, version string) (map[int][]intake.CautionSignature, error) {
	var rows []struct {
		Number   int
		DoctorID string
		SignedAt time.Time

		FamilyName, GivenName, NameEn *string
	}
	err := db.Table("caution_signatures AS c").Select("c.number, c.doctor_id, c.signed_at, "+doctorNameColumns).Joins("JOIN doctors d ON d.id = c.doctor_id").
		Where("c.version = ?", version).Order("c.signed_at, c.doctor_id").Find(&rows).Error
	out := map[int][]intake.CautionSignature{}
	for _, r := range rows {
		out[r.Number] = append(out[r.Number], intake.CautionSignature{Doctor: doctorText(r.FamilyName, r.GivenName, r.NameEn), DoctorID: r.DoctorID, At: r.SignedAt.UTC()})
	}
	return out, err
}

func (c *change) insertCautionSet(row cautionSetRow, edits []intake.CautionEdit) error {
	text, err := json.Marshal(edits)
	if err != nil {
		return err
	}
	if err := c.settingsChanged(); err != nil { // every instance reads the cautions anew
		return err
	}
	return c.Exec("INSERT INTO caution_sets (version, number, rules, sources, edits, reason, made_at, made_by, doctor_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		row.Version, row.Number, row.Rules, row.Sources, text, row.Reason, row.MadeAt, row.MadeBy, row.DoctorID).Error
}

// signer is the doctor whom an actor signs the cautions as; of no doctor where there is none.
func signer(actor clinic.Actor) (doctorID string) {
	if actor.Kind != clinic.ActorStaff || !actor.Staff.Can(clinic.SignCautions) {
		return ""
	}
	return actor.Staff.DoctorID
}

// setsOf are the sets of a version with their rules and signatures, the newest first.
func (s *Store) setsOf(db *gorm.DB, q *intake.Questionnaire) ([]intake.CautionSet, error) {
	rows, err := s.cautionSets(db, q.Version)
	if err != nil {
		return nil, err
	}
	signatures, err := s.cautionSignatures(db, q.Version)
	if err != nil {
		return nil, err
	}
	out := make([]intake.CautionSet, len(rows))
	for i, row := range rows {
		asked := *q
		delivered, err := intake.ParseCautions(row.Rules, row.Sources, &asked)
		if err != nil {
			return nil, err
		}
		out[i] = row.set(delivered)
		out[i].Signatures = signatures[row.Number]
	}
	return out, nil
}

// CautionSets are the sets of a version, the newest first, with who signed them. It is for doctors.
func (s *Store) CautionSets(ctx context.Context, doctor clinic.Actor, version string) ([]intake.CautionSet, error) {
	if signer(doctor) == "" {
		return nil, wrap("CautionSets", NotFound())
	}
	q, err := s.Questionnaire(ctx, version)
	if err != nil {
		return nil, err
	}
	sets, err := s.setsOf(s.reader(ctx), q)
	return sets, wrap("CautionSets", err)
}

// CautionsCovered are the sets of other versions that a doctor signs together with one that they have read (intake.CautionSet.Covers). read is the
// one that is applied now.
func (s *Store) CautionsCovered(ctx context.Context, doctor clinic.Actor, read intake.CautionSet) ([]intake.SetNumber, error) {
	all, err := s.Questionnaires(ctx)
	if err != nil {
		return nil, err
	}
	var out []intake.SetNumber
	for _, q := range all {
		if q.Version == read.Version || q.Set.SignedBy(signer(doctor)) {
			continue
		}
		sets, err := s.CautionSets(ctx, doctor, q.Version)
		if err != nil {
			return nil, err
		}
		if read.Covers(sets, signer(doctor)) {
			out = append(out, sets[0].Name())
		}
	}
	return out, nil
}

// ChangeCaution makes the next set of a version, in which one rule is changed, and of every other version that has the rule, with the same reason
// (intake.ChangeEverywhere). It bears the number of the set that the doctor has seen; any other answers clinic.StaleError. What it says is checked
// against the version: a set that names what the version lacks is refused.
func (s *Store) ChangeCaution(ctx context.Context, doctor clinic.Actor, version string, seen int, typed intake.CautionChange) error {
	doctorID := signer(doctor)
	if doctorID == "" {
		return wrap("ChangeCaution", NotFound())
	}
	defer s.questionnaires.forget()
	return s.change(ctx, "ChangeCaution", doctor, func(tx *change) error {
		if err := tx.lockCautions(); err != nil {
			return err
		}
		newest, rows, err := tx.newestSets()
		if err != nil {
			return err
		}
		changes, reason, err := intake.ChangeEverywhere(newest, version, typed)
		if err != nil {
			return err
		}
		if rows[version].Number != seen {
			return clinic.StaleError()
		}
		for _, each := range changes {
			row := rows[each.Version]
			row.Number, row.Reason, row.MadeAt, row.MadeBy, row.DoctorID = row.Number+1, reason, tx.now, doctor.String(), &doctorID
			if err := tx.insertCautionSet(row, each.Edits); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockCautions lets of two changes of cautions at once the second wait.
func (c *change) lockCautions() error { return c.advisoryLock("cautions") }

// newestSets are the sets of all versions that are applied now, as this change sees them, the version that was published last first.
func (c *change) newestSets() (newest []intake.CautionSet, rows map[string]cautionSetRow, err error) {
	versions, err := publishedRows(c.DB)
	if err != nil {
		return nil, nil, err
	}
	rows = map[string]cautionSetRow{}
	for _, v := range versions {
		sets, err := c.store.cautionSets(c.Limit(1), v.Version)
		if err != nil {
			return nil, nil, err
		}
		if len(sets) == 0 {
			continue
		}
		delivered, err := deliveredRules(v, intake.Cautions{Rules: sets[0].Rules, Sources: sets[0].Sources})
		if err != nil {
			return nil, nil, err
		}
		rows[v.Version] = sets[0]
		newest = append(newest, sets[0].set(delivered))
	}
	return newest, rows, nil
}

// SignCautions signs the set that the doctor has read, and those of other versions that they were told are signed with it (CautionsCovered). Where
// another set is applied by now, or one of those is not covered, the answer is clinic.StaleError. One who has signed it already changes nothing.
func (s *Store) SignCautions(ctx context.Context, doctor clinic.Actor, read intake.SetNumber, also ...intake.SetNumber) error {
	doctorID := signer(doctor)
	if doctorID == "" {
		return wrap("SignCautions", NotFound())
	}
	defer s.questionnaires.forget()
	return s.change(ctx, "SignCautions", doctor, func(tx *change) error {
		if err := tx.lockCautions(); err != nil {
			return err
		}
		shown, err := tx.setsOf(read.Version)
		if err != nil {
			return err
		}
		if shown[0].Number != read.Number {
			return clinic.StaleError()
		}
		for _, other := range also {
			sets, err := tx.setsOf(other.Version)
			if err != nil {
				return err
			}
			if sets[0].Number != other.Number || !shown[0].Covers(sets, doctorID) && !sets[0].SignedBy(doctorID) {
				return clinic.StaleError()
			}
		}
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		for _, set := range append(also, read) {
			if err := tx.Exec(`INSERT INTO caution_signatures (version, number, doctor_id, staff_id, signed_at) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (version, number, doctor_id) DO NOTHING`, set.Version, set.Number, doctorID, orNull(doctor.Staff.ID), tx.now).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// setsOf are the sets of a version as this change sees them.
func (c *change) setsOf(version string) ([]intake.CautionSet, error) {
	var row questionnaireRow
	if err := one(c.Where("version = ?", version), &row); err != nil {
		return nil, err
	}
	q, err := intake.Parse(row.Body)
	if err != nil {
		return nil, err
	}
	sets, err := c.store.setsOf(c.DB, q)
	if err == nil && len(sets) == 0 {
		err = NotFound()
	}
	return sets, err
}
