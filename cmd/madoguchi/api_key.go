package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// apiKeyJob is who makes and revokes keys.
var apiKeyJob = clinic.Job("api-key")

type keyAdd struct {
	Name string `arg:"" help:"Whose key it is, such as the name of a partner's site."`
}

// Run makes a key and prints it once.
func (a keyAdd) Run(p *program) error {
	name, err := clinic.CheckAPIKeyName(a.Name)
	if err != nil {
		return readable(err)
	}
	return p.withStore(func(s *store.Store) error {
		key, token, err := s.AddAPIKey(p.ctx, apiKeyJob, name)
		if err != nil {
			return readable(err)
		}
		_, err = fmt.Fprintf(p.stdout, "The API key of %s, which is shown only now: %s\nSend it as the header: Authorization: Bearer %s\n", key.Name, token, token)
		return err
	})
}

type keyList struct{}

// Run lists the keys.
func (keyList) Run(p *program) error {
	return p.withStore(func(s *store.Store) error {
		keys, err := s.APIKeys(p.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		if _, err := fmt.Fprintln(table, "ID\tNAME\tMADE\tLAST USED\tREVOKED"); err != nil {
			return err
		}
		for _, k := range keys {
			if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, stamp(&k.CreatedAt), stamp(k.UsedAt), stamp(k.RevokedAt)); err != nil {
				return err
			}
		}
		return table.Flush()
	})
}

// stamp is an instant in a table; a dash for none.
func stamp(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return at.UTC().Format(time.RFC3339)
}

type keyRevoke struct {
	Key string `arg:"" name:"key" help:"The name or the id of the key."`
}

// Run revokes a key.
func (r keyRevoke) Run(p *program) error {
	return p.withStore(func(s *store.Store) error {
		err := s.RevokeAPIKey(p.ctx, apiKeyJob, r.Key)
		if clinic.CodeOf(err) == clinic.NotFound {
			return fmt.Errorf("there is no API key %q that is not revoked yet: see madoguchi api-key list", r.Key)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "The API key %s opens nothing any more.\n", r.Key)
		return err
	})
}

// withStore opens the database for a command, and closes it.
func (p *program) withStore(do func(s *store.Store) error) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}
