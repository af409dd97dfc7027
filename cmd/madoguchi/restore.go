package main

import (
	"fmt"

	"madoguchi/internal/seal"
	"madoguchi/internal/store"
)

type restoring struct {
	Backup   string `arg:"" help:"The backup." type:"existingfile"`
	Identity string `required:"" short:"i" help:"File with the secret key that opens it." type:"existingfile"`
}

// Run makes the database of the settings, which must not exist, from a backup.
func (r restoring) Run(p *program) error {
	identities, err := seal.LoadIdentities(r.Identity)
	if err != nil {
		return err
	}
	if err := store.Restore(p.ctx, r.Backup, identities, string(p.config.Database.DSN), p.config.Keys, p.now, p.progress()); err != nil {
		return stopped(err)
	}
	_, err = fmt.Fprintln(p.stdout, "The backup was restored and is sound:", p.config.Database)
	return err
}
