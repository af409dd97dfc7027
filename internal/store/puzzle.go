package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"madoguchi/internal/clinic"
)

// NewPuzzle gives a form its puzzle. Where what comes in cannot be counted, it is one as usual.
func (s *Store) NewPuzzle(ctx context.Context, of clinic.PuzzleOf, again bool) (clinic.Puzzle, error) {
	in, _ := s.Inflow(ctx) // the booking itself tells of a database that does not answer
	p := clinic.Puzzle{At: s.now(), Bits: in.Bits(), Again: again}
	var err error
	p.Sign, err = s.keyring.BlindIndexText("puzzle", p.Signed(of))
	return p, err
}

// CheckPuzzle says what came of the puzzle of a form. One that was never solved is told apart from one that was, in time or not. That it counts for one
// booking only is the form's idempotency key's.
func (s *Store) CheckPuzzle(of clinic.PuzzleOf, text, proof string) (clinic.Puzzle, clinic.Answered, error) {
	if proof == "" {
		return clinic.Puzzle{}, clinic.Unsolved, nil
	}
	p, ok := clinic.ParsePuzzle(text)
	if !ok || !p.Fresh(s.now()) {
		return clinic.Puzzle{}, clinic.Expired, nil
	}
	signs, err := s.keyring.BlindIndexTexts("puzzle", p.Signed(of))
	if err != nil || !slices.Contains(signs, p.Sign) || !p.SolvedBy(proof) {
		return clinic.Puzzle{}, clinic.Expired, err
	}
	return p, clinic.Solved, nil
}

// SendCode sends the code of an address to it, unless it has been sent already. Too many in an hour, to whatever addresses, are refused, and of those no network
// gets more than its share.
func (s *Store) SendCode(ctx context.Context, visitor clinic.Actor, branch clinic.Branch, email, lang string) error {
	period := clinic.CodePeriods(s.now())[0]
	codes, err := s.codes(email, period)
	if err != nil {
		return err
	}
	address, err := s.keyring.BlindIndexText("code-letter", clinic.Mailbox(email))
	if err != nil {
		return err
	}
	network, err := s.keyring.BlindIndex("code-network", clinic.WideNetwork(visitor.Client))
	if err != nil {
		return err
	}
	onceKey := "code/" + address + "/" + strconv.FormatInt(period, 10)
	return s.change(ctx, "SendCode", visitor, func(tx *change) error {
		if err := tx.advisoryLock("codes"); err != nil {
			return err
		}
		var sent, mine int
		err := tx.Raw("SELECT (SELECT COUNT(*) FROM letters WHERE kind = 'code' AND created_at > ?), (SELECT COUNT(*) FROM letters WHERE once_key = ?)",
			tx.now.Add(-time.Hour), onceKey).Row().Scan(&sent, &mine)
		if err != nil || mine > 0 {
			return err
		}
		if tx.store.limits && sent >= clinic.CodesPerHour {
			return clinic.ManyCodesError()
		}
		if tx.store.limits {
			asked, err := tx.countAttempt(network, time.Hour)
			if err != nil {
				return err
			}
			if asked > clinic.CodesPerNetwork {
				return clinic.ManyCodesError()
			}
		}
		settings, err := tx.settings()
		if err != nil {
			return err
		}
		return tx.insertLetter(clinic.CodeFor(settings, branch, email, lang, codes[0], onceKey, tx.now))
	})
}

// CodeFits reports whether a code was sent to an address a short while ago.
func (s *Store) CodeFits(email, typed string) (bool, error) {
	code := clinic.TidyCode(typed)
	for _, period := range clinic.CodePeriods(s.now()) {
		codes, err := s.codes(email, period)
		if err != nil || slices.Contains(codes, code) {
			return err == nil, err
		}
	}
	return false, nil
}

// codes are the codes of an address, under every key there is, that under the present one first.
func (s *Store) codes(email string, period int64) (codes []string, err error) {
	const eightDigits = 100_000_000
	indexes, err := s.keyring.BlindIndexes("code", strconv.FormatInt(period, 10)+"\n"+clinic.Mailbox(email))
	for _, index := range indexes {
		codes = append(codes, fmt.Sprintf("%08d", binary.BigEndian.Uint64(index.Term)%eightDigits))
	}
	return codes, err
}
