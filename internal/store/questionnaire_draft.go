package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// questionnaireDraftRow is the one draft of the questionnaire.
type questionnaireDraftRow struct {
	ID        int
	Body      []byte
	Base      string
	Rules     []byte
	Sources   []byte
	Made      int
	Changes   string
	Revision  int
	ChangedAt time.Time
	ChangedBy string
}

// TableName is the table of questionnaireDraftRow.
func (questionnaireDraftRow) TableName() string { return "questionnaire_drafts" }

// lostPart stands beside the parts in which the draft has changed: what of the file that it was made from could not be taken over. No part
// has such a name.
const lostPart = "-lost"

func (r questionnaireDraftRow) draft() (intake.Draft, error) {
	d := intake.Draft{Base: r.Base, Made: r.Made, Revision: r.Revision, Changed: map[string]int{}}
	if len(r.Rules) > 0 || len(r.Sources) > 0 {
		d.Cautions = &intake.Cautions{Rules: r.Rules, Sources: r.Sources}
	}
	changes := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(r.Changes), &changes); err != nil {
		return d, err
	}
	for part, value := range changes {
		revision := 0
		into := any(&revision)
		if part == lostPart {
			into = &d.Lost
		}
		if err := json.Unmarshal(value, into); err != nil {
			return d, err
		}
		if part != lostPart {
			d.Changed[part] = revision
		}
	}
	var err error
	d.Questions, err = intake.ReadDraft(r.Body)
	return d, err
}

func (c *change) writeDraft(d intake.Draft) error {
	about := map[string]any{}
	for part, revision := range d.Changed {
		about[part] = revision
	}
	if len(d.Lost) > 0 {
		about[lostPart] = d.Lost
	}
	changes, err := json.Marshal(about)
	if err != nil {
		return err
	}
	row := questionnaireDraftRow{1, nil, d.Base, nil, nil, d.Made, string(changes), d.Revision, c.now, c.actor.String()}
	if d.Questions != nil {
		if row.Body, err = d.Questions.Body(); err != nil {
			return err
		}
	}
	if d.Cautions != nil {
		row.Rules, row.Sources = d.Cautions.Rules, d.Cautions.Sources
	}
	return c.Save(&row).Error
}

// readQuestionnaireDraft is the draft as it is stored; NotFound where nothing is edited. Its revision, and how many ids were made, are right in any case.
func readQuestionnaireDraft(db *gorm.DB) (d intake.Draft, changed Edited, err error) {
	var row questionnaireDraftRow
	if err := one(db.Where("id = 1"), &row); err != nil {
		return intake.Draft{}, Edited{}, err
	}
	if len(row.Body) == 0 {
		return intake.Draft{Revision: row.Revision, Made: row.Made}, Edited{}, NotFound()
	}
	d, err = row.draft()
	return d, Edited{At: row.ChangedAt, by: row.ChangedBy}, err
}

// Edited says who saved something last, and when.
type Edited struct {
	At time.Time
	By string // their name; empty where it was nobody of the staff
	by string // as clinic.Actor names them
}

// Draft is the questionnaire that is being edited. Where nothing is, and for whoever does not manage the whole clinic, it answers
// NotFound.
func (s *Store) Draft(ctx context.Context, actor clinic.Actor) (intake.Draft, Edited, error) {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return intake.Draft{}, Edited{}, NotFound()
	}
	d, edited, err := readQuestionnaireDraft(s.reader(ctx))
	if err == nil {
		var names map[string]string
		names, err = s.namesOfActors(ctx, edited.by)
		edited.By = names[edited.by]
	}
	return d, edited, wrap("Draft", err)
}

// namesOfActors are the names of those who are members of staff, by what clinic.Actor calls them.
func (s *Store) namesOfActors(ctx context.Context, actors ...string) (map[string]string, error) {
	prefix := string(clinic.ActorStaff) + ":"
	var ids []string
	for _, actor := range actors {
		if id, ok := strings.CutPrefix(actor, prefix); ok && id != "" {
			ids = append(ids, id)
		}
	}
	byID, err := s.StaffNames(ctx, ids...)
	names := map[string]string{}
	for id, name := range byID {
		names[prefix+id] = name
	}
	return names, err
}

// BeginDraft makes a draft. There is one at a time: while there is, the answer is Conflict.
func (s *Store) BeginDraft(ctx context.Context, actor clinic.Actor, d intake.Draft) error {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return NotFound()
	}
	return s.change(ctx, "BeginDraft", actor, func(tx *change) error {
		before, err := tx.lockDraft()
		if err == nil {
			return &clinic.Error{Code: clinic.Conflict, Field: "draft", Message: "error.questionnaire.draft"}
		}
		if clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
		d := d
		d.Begin(before)
		return tx.writeDraft(d)
	})
}

// lockDraft reads the draft for this transaction alone. Its row is made before it is first locked, so that two that begin one meet.
func (c *change) lockDraft() (intake.Draft, error) {
	_, err := c.insert(`INSERT INTO questionnaire_drafts (id, base, made, changes, revision, changed_at, changed_by) VALUES (1, '', 0, '{}', 0, ?, '')
		ON CONFLICT (id) DO NOTHING`, c.now)
	if err != nil {
		return intake.Draft{}, err
	}
	d, _, err := readQuestionnaireDraft(c.forUpdate(c.DB))
	return d, err
}

// EditDraft changes the draft by edit, which gets it as it is stored and the ids that are taken; when it fails, nothing is stored and
// its error is returned. parts are what it changes (intake.Draft.Edit).
func (s *Store) EditDraft(ctx context.Context, actor clinic.Actor, edit func(d *intake.Draft, taken intake.Taken) error, parts ...string) (intake.Draft, error) {
	var d intake.Draft
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return d, NotFound()
	}
	versions, err := s.Questionnaires(ctx)
	if err != nil {
		return d, err
	}
	taken := intake.TakenBy(versions...)
	err = s.change(ctx, "EditDraft", actor, func(tx *change) error {
		var err error
		if d, err = tx.lockDraft(); err != nil {
			return err
		}
		if err := d.Edit(func(d *intake.Draft) error { return edit(d, taken) }, parts...); err != nil {
			return err
		}
		return tx.writeDraft(d)
	})
	return d, err
}

// DropDraft throws the draft away, as somebody has seen it; a newer one answers clinic.StaleError.
func (s *Store) DropDraft(ctx context.Context, actor clinic.Actor, seen int) error {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return NotFound()
	}
	return s.change(ctx, "DropDraft", actor, func(tx *change) error {
		d, err := tx.lockDraft()
		if err != nil {
			return err
		}
		if d.Revision != seen {
			return clinic.StaleError()
		}
		return tx.writeDraft(intake.Draft{Revision: d.Revision + 1, Made: d.Made})
	})
}
