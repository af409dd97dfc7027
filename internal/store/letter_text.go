package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// letterTextRow is what a branch says in its own words, as it is stored.
type letterTextRow struct {
	BranchID  string
	Kind      clinic.LetterKind
	Lang      string
	Subject   string
	Lead      string
	Note      string
	Revision  int
	UpdatedBy *string
	UpdatedAt time.Time
}

// TableName is the table of letterTextRow.
func (letterTextRow) TableName() string { return "letter_texts" }

func (r letterTextRow) text() clinic.LetterText {
	return clinic.LetterText{Subject: r.Subject, Lead: r.Lead, Note: r.Note}
}

func (r letterTextRow) wording() clinic.LetterWording {
	return clinic.LetterWording{BranchID: r.BranchID, Kind: r.Kind, Lang: r.Lang, Text: r.text(), Revision: r.Revision}
}

// LetterWordings are all texts that a branch has stored. One that the actor does not manage answers NotFound.
func (s *Store) LetterWordings(ctx context.Context, actor clinic.Actor, branchID string) ([]clinic.LetterWording, error) {
	if !actor.May(clinic.ManageClinic, branchID) {
		return nil, NotFound()
	}
	var rows []letterTextRow
	err := s.reader(ctx).Where("branch_id = "+aText, branchID).Order("kind, lang").Find(&rows).Error
	out := make([]clinic.LetterWording, len(rows))
	for i, r := range rows {
		out[i] = r.wording()
	}
	return out, wrap("LetterWordings", asUnavailable(err))
}

// LetterWording is the text of a branch for the letters of a kind in a language; one without a revision where it has stored none.
func (s *Store) LetterWording(ctx context.Context, actor clinic.Actor, branchID string, kind clinic.LetterKind, lang string) (clinic.LetterWording, error) {
	if !actor.May(clinic.ManageClinic, branchID) || !kind.Worded() {
		return clinic.LetterWording{}, NotFound()
	}
	var row letterTextRow
	err := one(s.reader(ctx).Where("branch_id = "+aText+" AND kind = ? AND lang = ?", branchID, kind, lang), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return clinic.LetterWording{BranchID: branchID, Kind: kind, Lang: lang}, nil
	}
	return row.wording(), wrap("LetterWording", err)
}

// SaveLetterWording stores a checked text over the one of its revision. When another has been stored since, the answer is clinic.StaleError.
// Letters that are written from now on have it; those that wait already say what they were written with.
func (s *Store) SaveLetterWording(ctx context.Context, actor clinic.Actor, w clinic.LetterWording) error {
	if !actor.May(clinic.ManageClinic, w.BranchID) || !w.Kind.Worded() {
		return NotFound()
	}
	return s.change(ctx, "SaveLetterWording", actor, func(tx *change) error {
		tx.aboutBranch(w.BranchID)
		saved := tx.Exec(`INSERT INTO letter_texts AS t (branch_id, kind, lang, subject, lead, note, revision, updated_by, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (branch_id, kind, lang) DO UPDATE SET subject = excluded.subject, lead = excluded.lead, note = excluded.note,
				revision = excluded.revision, updated_by = excluded.updated_by, updated_at = excluded.updated_at
			WHERE t.revision = ?`,
			w.BranchID, w.Kind, w.Lang, w.Text.Subject, w.Text.Lead, w.Text.Note, w.Revision+1, orNull(actor.Staff.ID), tx.now, w.Revision)
		if saved.Error != nil {
			return saved.Error
		}
		if saved.RowsAffected == 0 {
			return clinic.StaleError()
		}
		return tx.settingsChanged()
	})
}

// letterTextOf is which letters a branch says something about in its own words.
type letterTextOf struct {
	Kind clinic.LetterKind
	Lang string
}

// textsInOwnWords are the letters about which any branch has stored a text.
func textsInOwnWords(db *gorm.DB) (map[letterTextOf]bool, error) {
	var all []letterTextOf
	if err := db.Raw("SELECT DISTINCT kind, lang FROM letter_texts").Scan(&all).Error; err != nil {
		return nil, asUnavailable(err)
	}
	out := map[letterTextOf]bool{}
	for _, of := range all {
		out[of] = true
	}
	return out, nil
}

// inOwnWords puts what the branch of a letter's booking says in its own words into the letter.
func (c *change) inOwnWords(l *clinic.Letter) error {
	if l.BookingID == "" || !l.Kind.Worded() {
		return nil
	}
	// Most clinics change few of the texts, and every booking writes letters.
	if known := c.store.settings.Load(); known != nil && c.settingsSeen != nil && known.counter == *c.settingsSeen && !known.worded[letterTextOf{l.Kind, l.Content.Lang}] {
		return nil
	}
	var rows []letterTextRow
	err := c.Raw(`SELECT t.subject, t.lead, t.note FROM bookings b JOIN slots s ON s.id = b.slot_id
		JOIN letter_texts t ON t.branch_id = s.branch_id AND t.kind = ? AND t.lang = ? WHERE b.id = `+aText,
		l.Kind, l.Content.Lang, l.BookingID).Scan(&rows).Error
	if err == nil && len(rows) > 0 {
		l.Content.Text = rows[0].text()
	}
	return err
}

// SendTextTrial writes a sample letter to the person who acts, with a text that need not be stored. It takes the place of the one before,
// which must be a while ago.
func (s *Store) SendTextTrial(ctx context.Context, actor clinic.Actor, w clinic.LetterWording) error {
	if actor.Kind != clinic.ActorStaff || !actor.May(clinic.ManageClinic, w.BranchID) || !w.Kind.Worded() {
		return NotFound()
	}
	return s.change(ctx, "SendTextTrial", actor, func(tx *change) error {
		tx.aboutBranch(w.BranchID)
		settings, err := tx.settings()
		if err != nil {
			return err
		}
		branch, err := tx.branch(w.BranchID)
		if err != nil {
			return err
		}
		before, err := textTrial(tx.DB, actor)
		if err == nil {
			err = before.CheckTrialAgain(tx.now)
		}
		if err != nil && clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
		return tx.rewriteLetter(clinic.TextTrialFor(clinic.SampleLetter(w.Kind, settings, branch, w.Lang, w.Text, tx.now), actor.Staff, tx.now))
	})
}

// TextTrial is the last letter that SendTextTrial wrote for the person who acts, without its content; NotFound where there is none.
func (s *Store) TextTrial(ctx context.Context, actor clinic.Actor) (clinic.Letter, error) {
	l, err := textTrial(s.reader(ctx), actor)
	return l, wrap("TextTrial", err)
}

func textTrial(db *gorm.DB, actor clinic.Actor) (clinic.Letter, error) {
	var row letterRow
	err := one(db.Where("once_key = ?", clinic.TextTrialKey(actor.Staff.ID)), &row)
	return row.letter(), err
}
