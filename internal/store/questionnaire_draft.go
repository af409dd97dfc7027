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

// PublishDraft publishes the draft as somebody has seen it: whoever books from now on is asked it. Another revision answers
// clinic.StaleError, and one in which something is wrong answers Invalid; either way nothing is published.
func (s *Store) PublishDraft(ctx context.Context, actor clinic.Actor, seen int) (*intake.Questionnaire, error) {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return nil, NotFound()
	}
	var version string
	err := s.change(ctx, "PublishDraft", actor, func(tx *change) error {
		if err := tx.lockCautions(); err != nil {
			return err
		}
		d, err := tx.lockDraft()
		switch {
		case clinic.CodeOf(err) == clinic.NotFound, err == nil && d.Revision != seen: // published or changed by somebody else meanwhile
			return clinic.StaleError()
		case err != nil:
			return err
		}
		version, err = tx.publishDraft(d)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.questionnaires.forget()
	return s.Questionnaire(ctx, version)
}

func (c *change) publishDraft(d intake.Draft) (version string, err error) {
	rows, err := publishedRows(c.DB)
	if err != nil {
		return "", err
	}
	now, err := publicationOf(c.DB, rows, d)
	if err != nil {
		return "", err
	}
	if intake.Stopped(d.Findings(now.before, now.versions, now.cautions)) {
		return "", &clinic.Error{Code: clinic.Invalid, Field: "draft", Message: "error.questionnaire.findings"}
	}
	questions := d.Questions.Clone()
	questions.Version = intake.NextVersion(now.base, now.names)
	body, err := questions.Body()
	if err != nil {
		return "", err
	}
	at := c.now
	if newest := rows[0].PublishedAt; !at.After(*newest) { // of two in one instant the later one is current
		at = newest.Add(time.Millisecond)
	}
	row := questionnaireRow{Version: questions.Version, Status: questionnairePublished, Body: body, CreatedAt: c.now, PublishedAt: &at, PublishedBy: c.actor.String(), OfClinic: true, BasedOn: &d.Base}
	if err := c.Create(&row).Error; err != nil {
		return "", err
	}
	if err := c.bringCautions(questions.Version, now.delivered, d.Stem(now.stem)); err != nil {
		return "", err
	}
	return questions.Version, c.writeDraft(intake.Draft{Revision: d.Revision + 1, Made: d.Made})
}

// published is what a draft is compared with before it is published.
type published struct {
	before   *intake.Questionnaire   // the version that is asked now, as it is written
	versions []*intake.Questionnaire // all versions
	names    []string                // theirs
	base     string                  // the version from which the next name is made
	cautions intake.Cautions         // those that the draft would have

	delivered intake.Cautions // the same, with the rules that the version before cannot apply
	stem      string          // the program's version whose cautions those of the version before are; empty for none
}

func publicationOf(db *gorm.DB, rows []questionnaireRow, d intake.Draft) (p published, err error) {
	if len(rows) == 0 {
		return p, NotFound()
	}
	for _, row := range rows {
		q, err := intake.ReadDraft(row.Body)
		if err != nil {
			return p, err
		}
		p.versions, p.names = append(p.versions, q), append(p.names, row.Version)
	}
	p.before, p.base = p.versions[0], rows[0].Version
	if d.Base != "" {
		p.base = d.Base
	}
	if d.Cautions != nil {
		p.cautions, p.delivered = *d.Cautions, *d.Cautions
		return p, nil
	}
	var now cautionsRow
	if err := db.Where("version = ?", rows[0].Version).Take(&now).Error; err != nil {
		return p, err
	}
	p.delivered = intake.Cautions{Rules: now.Rules, Sources: now.Sources}
	if now.Stem != nil {
		p.stem = *now.Stem
	}
	asked, err := intake.Parse(rows[0].Body)
	if err != nil {
		return p, err
	}
	p.cautions, _, err = p.delivered.Fitting(asked)
	return p, err
}

// publishedRows are all versions, the newest first.
func publishedRows(db *gorm.DB) (rows []questionnaireRow, err error) {
	err = db.Where("status = ?", questionnairePublished).Order("published_at DESC, version DESC").Find(&rows).Error
	return rows, err
}

// Inspect says what there is to say about a draft before it is published, and what it would change. It publishes nothing.
func (s *Store) Inspect(ctx context.Context, actor clinic.Actor, d intake.Draft) (i Inspection, err error) {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return i, NotFound()
	}
	db := s.reader(ctx)
	rows, err := publishedRows(db)
	if err != nil {
		return i, wrap("Inspect", err)
	}
	p, err := publicationOf(db, rows, d)
	if err != nil {
		return i, wrap("Inspect", err)
	}
	return Inspection{
		Before: p.before, Findings: d.Findings(p.before, p.versions, p.cautions), Changes: intake.Difference(p.before, d.Questions),
		Next: intake.NextVersion(p.base, p.names),
	}, nil
}

// Inspection is what there is to say about a draft.
type Inspection struct {
	Before   *intake.Questionnaire // the version that is asked now, as it is written
	Findings []intake.Finding
	Changes  []intake.Edit
	Next     string // the name it would be published under
}

// Version is a version of the questionnaire as it was published.
type Version struct {
	Name     string
	At       time.Time
	By       string // the name of who published it; empty where the program did
	OfClinic bool
	Base     string // the version that it was made from; empty where that is not known
	Body     []byte // as the file of config/ has it
	Current  bool   // it is asked of whoever books now
}

// Versions are all versions, the newest first.
func (s *Store) Versions(ctx context.Context, actor clinic.Actor) ([]Version, error) {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return nil, NotFound()
	}
	rows, err := publishedRows(s.reader(ctx))
	if err != nil {
		return nil, wrap("Versions", err)
	}
	actors := make([]string, len(rows))
	for i, r := range rows {
		actors[i] = r.PublishedBy
	}
	names, err := s.namesOfActors(ctx, actors...)
	out := make([]Version, len(rows))
	for i, r := range rows {
		out[i] = Version{Name: r.Version, At: *r.PublishedAt, By: names[r.PublishedBy], OfClinic: r.OfClinic, Body: r.Body, Current: i == 0}
		if r.BasedOn != nil {
			out[i].Base = *r.BasedOn
		}
	}
	return out, wrap("Versions", err)
}
