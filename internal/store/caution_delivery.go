package store

import (
	"context"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// bringCautions gives a version that was just published its cautions. What the doctors say of rules that are in the version that was asked before
// goes on. Rules that the version cannot apply are kept, and not applied.
func (c *change) bringCautions(version string, delivered intake.Cautions, stem string) error {
	var questions questionnaireRow
	if err := one(c.Where("version = ?", version), &questions); err != nil {
		return err
	}
	versions, err := publishedVersions(c.Where("version <> ?", version).Limit(1))
	if err != nil {
		return err
	}
	var before []cautionSetRow
	if len(versions) > 0 {
		if before, err = c.store.cautionSets(c.Limit(1), versions[0]); err != nil {
			return err
		}
	}
	row := cautionsRow{Version: version, Rules: delivered.Rules, Sources: delivered.Sources, ChangedAt: c.now, ChangedBy: c.actor.String()}
	if stem != "" {
		row.Stem = &stem
	}
	return c.replaceCautions(questions, row, 1, before)
}

// deliver brings what the program ships for one of its versions to that version, to every version of the clinic's whose cautions are from it, and
// to a draft that brings them along. Where they are there already, or newer ones are, nothing changes. A rule that a version cannot apply, because
// the clinic asks something else there, is left out of its set (Misfits tells it); the others are applied.
func (c *change) deliver(version string, shipped intake.Cautions) error {
	var stemming []cautionsRow
	if err := c.Where("stem = ?", version).Order("version").Find(&stemming).Error; err != nil {
		return err
	}
	for _, row := range stemming {
		if !intake.Delivers(intake.Cautions{Rules: row.Rules, Sources: row.Sources}, shipped) {
			continue
		}
		var questions questionnaireRow
		if err := one(c.Where("version = ?", row.Version), &questions); err != nil {
			return err
		}
		before, err := c.store.cautionSets(c.Limit(1), row.Version)
		if err != nil {
			return err
		}
		number := 1
		if len(before) > 0 {
			number = before[0].Number + 1
		}
		row.Rules, row.Sources, row.ChangedAt, row.ChangedBy = shipped.Rules, shipped.Sources, c.now, c.actor.String()
		if err := c.replaceCautions(questions, row, number, before); err != nil {
			return err
		}
	}
	return c.deliverToDraft(version, shipped)
}

// replaceCautions writes what was delivered for a version, and makes a set of it with a number, unless the rules are those of the version's set
// before. before is the set whose edits go on, if there is one.
func (c *change) replaceCautions(questions questionnaireRow, row cautionsRow, number int, before []cautionSetRow) error {
	if err := c.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return err
	}
	q, err := intake.Parse(questions.Body)
	if err != nil {
		return err
	}
	fitting, _, err := intake.Cautions{Rules: row.Rules, Sources: row.Sources}.Fitting(q)
	if err != nil {
		return err
	}
	delivered, err := intake.ParseCautions(fitting.Rules, fitting.Sources, q)
	if err != nil {
		return err
	}
	edits := []intake.CautionEdit{}
	if len(before) > 0 {
		if before[0].Version == row.Version {
			same, err := deliveredRules(questions, intake.Cautions{Rules: before[0].Rules, Sources: before[0].Sources})
			if err != nil || intake.SameRules(same, delivered) {
				return err
			}
		}
		edits = intake.Carried(before[0].set(nil).Edits, delivered)
	}
	return c.insertCautionSet(cautionSetRow{Version: row.Version, Number: number, Rules: fitting.Rules, Sources: fitting.Sources, MadeAt: row.ChangedAt, MadeBy: row.ChangedBy}, edits)
}

// deliverToDraft replaces the cautions of a draft that was made from a version of the program's, so that what is published one day is not behind.
func (c *change) deliverToDraft(version string, shipped intake.Cautions) error {
	d, _, err := readQuestionnaireDraft(c.forUpdate(c.DB))
	if clinic.CodeOf(err) == clinic.NotFound {
		return nil
	}
	if err != nil || d.Cautions == nil || d.Stem("") != version || !intake.Delivers(*d.Cautions, shipped) {
		return err
	}
	if err := d.Edit(func(d *intake.Draft) error { d.Cautions = &shipped; return nil }); err != nil {
		return err
	}
	return c.writeDraft(d)
}

// deliveredRules are the rules that a version applies of cautions that were delivered for it.
func deliveredRules(questions questionnaireRow, c intake.Cautions) ([]intake.Rule, error) {
	q, err := intake.Publication{Questions: questions.Body, Cautions: c.Rules, Sources: c.Sources}.Parse()
	if err != nil {
		return nil, err
	}
	return q.Rules, nil
}

// Misfits are the rules that were delivered for a version and that it cannot apply, because it does not ask what they are about. They are for the
// doctors, and for whoever manages the whole clinic.
func (s *Store) Misfits(ctx context.Context, actor clinic.Actor, version string) ([]intake.Misfit, error) {
	if signer(actor) == "" && !actor.MayEverywhere(clinic.ManageClinic) {
		return nil, wrap("Misfits", NotFound())
	}
	db := s.reader(ctx)
	var questions questionnaireRow
	if err := one(db.Where("version = ? AND status = ?", version, questionnairePublished), &questions); err != nil {
		return nil, wrap("Misfits", err)
	}
	var row cautionsRow
	if err := one(db.Where("version = ?", version), &row); err != nil {
		return nil, wrap("Misfits", err)
	}
	q, err := intake.Parse(questions.Body)
	if err != nil {
		return nil, wrap("Misfits", err)
	}
	_, misfits, err := intake.Cautions{Rules: row.Rules, Sources: row.Sources}.Fitting(q)
	return misfits, wrap("Misfits", err)
}

// Offers reports whether a version that the program ships is offered to the clinic: it has neither published it nor made one of its own of it.
func (s *Store) Offers(ctx context.Context, version string) (bool, error) {
	var known int64
	err := s.reader(ctx).Model(&questionnaireRow{}).Where("status = ? AND (version = ? OR based_on = ?)", questionnairePublished, version, version).Count(&known).Error
	return known == 0, wrap("Offers", err)
}
