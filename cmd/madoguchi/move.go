package main

import (
	"errors"
	"fmt"

	"madoguchi/config"
	"madoguchi/internal/store"
)

type relocating struct{}

// Run moves the clinic to the PostgreSQL database of the setting move_to.
func (relocating) Run(p *program) error {
	to := p.config.MoveTo
	if to.Engine != config.Postgres {
		return errors.New("the setting move_to (MADOGUCHI_MOVE_TO) names no PostgreSQL database to which the clinic could be moved")
	}
	tables, err := store.Relocate(p.ctx, string(p.config.Database.DSN), string(to.DSN), to.String(), p.config.Keys, p.now, p.progress())
	if err != nil {
		return stopped(err)
	}
	for _, t := range tables {
		if _, err := fmt.Fprintf(p.stdout, "%s\t%d rows\t%s\n", t.Table, t.Rows, t.Hash); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(p.stdout, "The clinic has moved. Both sides are equal in every table above. Set MADOGUCHI_DATABASE to %s with its password, leave MADOGUCHI_KEYS as it is, and start the server.\n", to)
	return err
}
