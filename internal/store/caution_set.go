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

func (s *Store) cautionSignatures(db *gorm.DB, version string, number int) ([]intake.CautionSignature, error) {
	var rows []struct {
		DoctorID string
		SignedAt time.Time

		FamilyName, GivenName, NameEn *string
	}
	err := db.Table("caution_signatures AS c").Select("c.doctor_id, c.signed_at, "+doctorNameColumns).Joins("JOIN doctors d ON d.id = c.doctor_id").
		Where("c.version = ? AND c.number = ?", version, number).Order("c.signed_at, c.doctor_id").Find(&rows).Error
	out := make([]intake.CautionSignature, len(rows))
	for i, r := range rows {
		out[i] = intake.CautionSignature{Doctor: doctorText(r.FamilyName, r.GivenName, r.NameEn), DoctorID: r.DoctorID, At: r.SignedAt.UTC()}
	}
	return out, err
}

// deliverCautions makes a set of what is delivered for a version. What the doctors said before of rules that are still there goes on: of this
// version, or else of the version that was published last before it.
func (c *change) deliverCautions(row cautionsRow) error {
	before, err := c.store.cautionSets(c.Limit(1), row.Version)
	if err != nil {
		return err
	}
	number := 1
	if len(before) > 0 {
		number = before[0].Number + 1
	} else {
		var versions []string
		if versions, err = publishedVersions(c.Where("version <> ?", row.Version).Limit(1)); err != nil {
			return err
		}
		if len(versions) > 0 {
			if before, err = c.store.cautionSets(c.Limit(1), versions[0]); err != nil {
				return err
			}
		}
	}
	set := cautionSetRow{Version: row.Version, Number: number, Rules: row.Rules, Sources: row.Sources, MadeAt: row.ChangedAt, MadeBy: row.ChangedBy}
	edits := []intake.CautionEdit{}
	if len(before) > 0 {
		delivered, err := c.deliveredRules(row)
		if err != nil {
			return err
		}
		edits = intake.Carried(before[0].set(nil).Edits, delivered)
	}
	return c.insertCautionSet(set, edits)
}

// deliveredRules are the rules of a version as they are delivered.
func (c *change) deliveredRules(row cautionsRow) ([]intake.Rule, error) {
	var questions questionnaireRow
	if err := one(c.Where("version = ?", row.Version), &questions); err != nil {
		return nil, err
	}
	q, err := intake.Publication{Questions: questions.Body, Cautions: row.Rules, Sources: row.Sources}.Parse()
	if err != nil {
		return nil, err
	}
	return q.Rules, nil
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

// CautionSets are the sets of a version, the newest first, with who signed them. It is for doctors.
func (s *Store) CautionSets(ctx context.Context, doctor clinic.Actor, version string) ([]intake.CautionSet, error) {
	if signer(doctor) == "" {
		return nil, wrap("CautionSets", NotFound())
	}
	q, err := s.Questionnaire(ctx, version)
	if err != nil {
		return nil, err
	}
	db := s.reader(ctx)
	rows, err := s.cautionSets(db, version)
	if err != nil {
		return nil, wrap("CautionSets", err)
	}
	out := make([]intake.CautionSet, len(rows))
	for i, row := range rows {
		asked := *q
		delivered, err := intake.ParseCautions(row.Rules, row.Sources, &asked)
		if err != nil {
			return nil, wrap("CautionSets", err)
		}
		out[i] = row.set(delivered)
		if out[i].Signatures, err = s.cautionSignatures(db, version, row.Number); err != nil {
			return nil, wrap("CautionSets", err)
		}
	}
	return out, nil
}

// ChangeCaution makes the next set of a version, in which one rule is changed. It bears the number of the set that the doctor has seen;
// any other answers clinic.StaleError. What it says is checked against the version: a set that names what the version lacks is refused.
func (s *Store) ChangeCaution(ctx context.Context, doctor clinic.Actor, version string, seen int, typed intake.CautionChange) error {
	doctorID := signer(doctor)
	if doctorID == "" {
		return wrap("ChangeCaution", NotFound())
	}
	defer s.questionnaires.forget(version)
	return s.change(ctx, "ChangeCaution", doctor, func(tx *change) error {
		set, row, err := tx.newestCautions(version)
		if err != nil {
			return err
		}
		edits, reason, err := set.Change(typed)
		if err != nil {
			return err
		}
		if set.Number != seen {
			return clinic.StaleError()
		}
		row.Number, row.Reason, row.MadeAt, row.MadeBy, row.DoctorID = set.Number+1, reason, tx.now, doctor.String(), &doctorID
		return tx.insertCautionSet(row, edits)
	})
}

// newestCautions is the set of a version that is applied now, as this change sees it. Of two changes at once the second waits here.
func (c *change) newestCautions(version string) (intake.CautionSet, cautionSetRow, error) {
	if err := c.advisoryLock("cautions of " + version); err != nil {
		return intake.CautionSet{}, cautionSetRow{}, err
	}
	rows, err := c.store.cautionSets(c.Limit(1), version)
	if err != nil {
		return intake.CautionSet{}, cautionSetRow{}, err
	}
	if len(rows) == 0 {
		return intake.CautionSet{}, cautionSetRow{}, NotFound()
	}
	delivered, err := c.deliveredRules(cautionsRow{Version: version, Rules: rows[0].Rules, Sources: rows[0].Sources})
	return rows[0].set(delivered), rows[0], err
}

// SignCautions signs the set of a version with the number that the doctor has read. Where another is applied by now the answer is
// clinic.StaleError. One who has signed it already changes nothing.
func (s *Store) SignCautions(ctx context.Context, doctor clinic.Actor, version string, number int) error {
	doctorID := signer(doctor)
	if doctorID == "" {
		return wrap("SignCautions", NotFound())
	}
	defer s.questionnaires.forget(version)
	return s.change(ctx, "SignCautions", doctor, func(tx *change) error {
		set, _, err := tx.newestCautions(version)
		if err != nil {
			return err
		}
		if set.Number != number {
			return clinic.StaleError()
		}
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO caution_signatures (version, number, doctor_id, staff_id, signed_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (version, number, doctor_id) DO NOTHING`, version, number, doctorID, orNull(doctor.Staff.ID), tx.now).Error
	})
}
