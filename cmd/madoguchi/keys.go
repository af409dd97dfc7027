package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"madoguchi/internal/seal"
)

type keysNew struct{}

// Run prints new keys, for a secret store from which MADOGUCHI_KEYS takes them.
func (keysNew) Run(p *program) error {
	file, err := seal.NewFile(p.now())
	if err != nil {
		return err
	}
	return printKeys(p.stdout, file)
}

func printKeys(w io.Writer, file seal.File) error {
	text, err := file.Text()
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

type keysList struct{}

// Run lists the keys, without the keys themselves, and how much each has sealed.
func (keysList) Run(p *program) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	file, err := seal.Load(p.ctx, p.config.Keys)
	if err != nil {
		return err
	}
	rows, err := s.KeyRows(p.ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(t, format, args...)
		}
	}
	line("KEY\tFOR\tMADE\tUSE\tROWS\n")
	for _, k := range file.Keys() {
		use := "opens"
		if k.Primary {
			use = "seals and opens"
		}
		made := "-"
		if !k.Made.IsZero() {
			made = fmt.Sprintf("%s (%d days)", k.Made.Format(time.DateOnly), int(p.now().Sub(k.Made).Hours()/24))
		}
		line("%d\t%s\t%s\t%s\t%d\n", k.ID, k.Keyset, made, use, rows[k.Keyset][k.ID])
		delete(rows[k.Keyset], k.ID)
	}
	for keyset, others := range rows {
		for id, n := range others {
			line("%d\t%s\t-\tmissing: nothing opens these rows\t%d\n", id, keyset, n)
		}
	}
	return errors.Join(err, t.Flush())
}
