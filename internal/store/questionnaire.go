package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// questionnaireRow is a version of the questionnaire as it was published.
type questionnaireRow struct {
	Version     string `gorm:"primaryKey"`
	Status      string
	Body        []byte
	CreatedAt   time.Time
	PublishedAt *time.Time
	PublishedBy string
	OfClinic    bool    // the clinic made it in the office
	BasedOn     *string // the version that it was made from; nil where the program brought it
}

// TableName is the table of questionnaireRow.
func (questionnaireRow) TableName() string { return "questionnaires" }

// questionnairePublished is the status of a version that patients are asked.
const questionnairePublished = "published"

// cautionsRow holds the cautions of a version. They may change while the questions stay.
type cautionsRow struct {
	Version   string `gorm:"primaryKey"`
	Rules     []byte // as they were delivered last, with those that the version cannot apply
	Sources   []byte
	ChangedAt time.Time
	ChangedBy string
	Stem      *string // the program's version whose cautions they are; nil where they came from outside
}

// TableName is the table of cautionsRow.
func (cautionsRow) TableName() string { return "cautions" }

// questionnaires are the versions that were read so far. What was published never changes, but its cautions do: they are read
// anew whenever the counter of the settings has another value than it had when they were read.
type questionnaires struct {
	mu        sync.Mutex
	byVersion map[string]readQuestionnaire
}

type readQuestionnaire struct {
	q       *intake.Questionnaire
	counter int64
}

func (c *questionnaires) get(version string, counter int64) (*intake.Questionnaire, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	read, ok := c.byVersion[version]
	return read.q, ok && read.counter == counter
}

func (c *questionnaires) put(q *intake.Questionnaire, counter int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byVersion == nil {
		c.byVersion = map[string]readQuestionnaire{}
	}
	c.byVersion[q.Version] = readQuestionnaire{q, counter}
}

// forget lets all versions be read anew.
func (c *questionnaires) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byVersion)
}

// PublishQuestionnaire publishes the version that a program ships, which is asked of whoever books from now on. The same questions
// again change nothing; other questions under a version that is there already are refused. The cautions take the place of those that were
// delivered for the version, and for every version of the clinic's that has them from it (see deliver). Once a clinic has made a version of its
// own, a new one of the program is not published but offered: the version that is asked is returned.
func (s *Store) PublishQuestionnaire(ctx context.Context, actor clinic.Actor, p intake.Publication) (*intake.Questionnaire, error) {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return nil, &clinic.Error{Code: clinic.Forbidden, Message: "error.forbidden"}
	}
	q, err := p.Parse()
	if err != nil {
		return nil, err
	}
	same, offered := true, false
	err = s.change(ctx, "PublishQuestionnaire", actor, func(tx *change) error {
		same, offered = true, false
		if err := tx.lockCautions(); err != nil {
			return err
		}
		rows, err := publishedRows(tx.DB)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(rows, func(r questionnaireRow) bool { return r.Version == q.Version })
		if offered = !intake.Imposes(known, len(rows) > 0 && rows[0].OfClinic); offered {
			return tx.deliver(q.Version, intake.Cautions{Rules: p.Cautions, Sources: p.Sources})
		}
		row := questionnaireRow{Version: q.Version, Status: questionnairePublished, Body: p.Questions, CreatedAt: tx.now, PublishedAt: &tx.now, PublishedBy: actor.String()}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if created.Error != nil {
			return created.Error
		}
		if created.RowsAffected == 0 {
			var before questionnaireRow
			if err := tx.Where("version = ?", q.Version).Take(&before).Error; err != nil {
				return err
			}
			if same = before.Status == questionnairePublished && intake.SameQuestions(before.Body, p.Questions); !same {
				return nil
			}
		}
		if created.RowsAffected > 0 {
			if err := tx.bringCautions(q.Version, intake.Cautions{Rules: p.Cautions, Sources: p.Sources}, q.Version); err != nil {
				return err
			}
		}
		return tx.deliver(q.Version, intake.Cautions{Rules: p.Cautions, Sources: p.Sources})
	})
	if err != nil {
		return nil, err
	}
	if !same {
		return nil, fmt.Errorf("version %q of the questionnaire was published with other questions, and somebody may have been asked them: give the changed questionnaire a new version", q.Version)
	}
	s.questionnaires.forget()
	if offered {
		return s.CurrentQuestionnaire(ctx)
	}
	return s.Questionnaire(ctx, q.Version)
}

// Questionnaire is a published version with its cautions. A version that was not published answers NotFound.
func (s *Store) Questionnaire(ctx context.Context, version string) (*intake.Questionnaire, error) {
	// The counter that was seen last, which is that of the page being drawn: every page reads the settings before anything else.
	seen := int64(-1)
	if known := s.settings.Load(); known != nil {
		seen = known.counter
	}
	if q, ok := s.questionnaires.get(version, seen); ok {
		return q, nil
	}
	settings, err := s.readSettings(ctx)
	if err != nil {
		return nil, wrap("Questionnaire", err)
	}
	db := s.reader(ctx)
	var row questionnaireRow
	if err := one(db.Where("version = ? AND status = ?", version, questionnairePublished), &row); err != nil {
		return nil, wrap("Questionnaire", err)
	}
	sets, err := s.cautionSets(db.Limit(1), version)
	if err == nil && len(sets) == 0 {
		err = NotFound()
	}
	if err != nil {
		return nil, wrap("Questionnaire", err)
	}
	q, err := intake.Publication{Questions: row.Body, Cautions: sets[0].Rules, Sources: sets[0].Sources}.Parse()
	if err != nil {
		return nil, fmt.Errorf("version %q of the questionnaire cannot be read by this program: %w", version, err)
	}
	q.Set = sets[0].set(q.Rules)
	q.Rules = q.Set.Rules()
	signatures, err := s.cautionSignatures(db, version)
	if err != nil {
		return nil, wrap("Questionnaire", err)
	}
	q.Set.Signatures = signatures[q.Set.Number]
	s.questionnaires.put(q, settings.counter)
	return q, nil
}

// CurrentQuestionnaire is the version that was published last: what is asked of whoever books now.
func (s *Store) CurrentQuestionnaire(ctx context.Context) (*intake.Questionnaire, error) {
	versions, err := publishedVersions(s.reader(ctx).Limit(1))
	if err != nil {
		return nil, wrap("CurrentQuestionnaire", err)
	}
	if len(versions) == 0 {
		return nil, errors.New("store.CurrentQuestionnaire: no questionnaire was published")
	}
	return s.Questionnaire(ctx, versions[0])
}

// Questionnaires are all published versions, the newest first.
func (s *Store) Questionnaires(ctx context.Context) ([]*intake.Questionnaire, error) {
	versions, err := publishedVersions(s.reader(ctx))
	if err != nil {
		return nil, wrap("Questionnaires", err)
	}
	out := make([]*intake.Questionnaire, len(versions))
	for i, version := range versions {
		if out[i], err = s.Questionnaire(ctx, version); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func publishedVersions(db *gorm.DB) ([]string, error) {
	var out []string
	err := db.Model(&questionnaireRow{}).Where("status = ?", questionnairePublished).Order("published_at DESC, version DESC").Pluck("version", &out).Error
	return out, err
}
