package main

import (
	"context"
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
		return p.aboutDatabase(stopped(err))
	}
	for _, sentence := range found {
		if _, err := fmt.Fprintln(p.stdout, sentence); err != nil {
			return err
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("findings in the database %s: %d", p.config.Database, len(found))
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

// stopped says in words that somebody has stopped long work before it was done.
func stopped(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("it was stopped before it was done, and everything is as it was")
	}
	return err
}
