package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

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
