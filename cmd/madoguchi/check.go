package main

import (
	"errors"
	"fmt"

	"madoguchi/internal/store"
)

type checking struct{}

// Run reads the whole database and says what is not as it has to be.
func (checking) Run(p *program) (err error) {
	address := string(p.config.Database.DSN)
	if err := store.MustExist(address); err != nil {
		return p.aboutDatabase(err)
	}
	s, err := store.Open(p.ctx, address, p.now)
	if err != nil {
		return p.aboutDatabase(err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Recognise(p.ctx, p.config.Keys); err != nil {
		return p.aboutDatabase(err)
	}
	found, err := s.Check(p.ctx, p.progress())
	if err != nil {
		return p.aboutDatabase(err)
	}
	for _, sentence := range found {
		if _, err := fmt.Fprintln(p.stdout, sentence); err != nil {
			return err
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("%d findings", len(found))
	}
	_, err = fmt.Fprintln(p.stdout, "The database is sound:", p.config.Database)
	return err
}

// progress tells on stderr how far long work is: each part when it begins, then at every tenth of it.
func (p *program) progress() store.Progress {
	var last string
	var tenth int64
	return func(what string, done, total int64) {
		if now := done * 10 / total; what != last || now > tenth {
			last, tenth = what, now
			_, _ = fmt.Fprintf(p.stderr, "%s: %d%%\n", what, done*100/total) // whoever does not read it needs the work all the same
		}
	}
}
