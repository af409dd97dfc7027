package main

import (
	"errors"
	"fmt"
	"os"

	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/worker"
)

type backups struct {
	Now backupNow `cmd:"" default:"1" help:"Make one, also while the server runs."`
	Key backupKey `cmd:"" help:"Make the key that opens backups, and print the public key to which they are encrypted."`
}

type backupNow struct{}

// Run makes a backup by the settings of those that the server makes.
func (backupNow) Run(p *program) error {
	plan, err := p.backupPlan()
	if err != nil {
		return err
	}
	if plan.Folder == "" {
		return errors.New("the setting backup (MADOGUCHI_BACKUP) names no folder for backups")
	}
	made, err := store.MakeBackup(p.ctx, string(p.config.Database.DSN), plan, p.now, p.progress())
	if err != nil {
		return fmt.Errorf("no backup was made: %w", stopped(err))
	}
	_, err = fmt.Fprintf(p.stdout, "%s (%d bytes, checked; %d older ones removed)\n", made.Path, made.Bytes, made.Removed)
	return err
}

// backupPlan is what the settings say of backups. Its folder is empty where none are made.
func (p *program) backupPlan() (store.BackupPlan, error) {
	b := p.config.Backup
	plan := store.BackupPlan{Folder: b.Folder, Keep: b.Keep, KeyFile: p.config.Keys}
	var err error
	if plan.Recipients, err = seal.ParseRecipients(b.Recipients); err != nil {
		return plan, fmt.Errorf("the setting backup_recipients (MADOGUCHI_BACKUP_RECIPIENTS) is wrong: %w", err)
	}
	if plan.Folder != "" && len(plan.Recipients) == 0 {
		return plan, errors.New("the setting backup_recipients (MADOGUCHI_BACKUP_RECIPIENTS) is missing: backups are encrypted to a public key; madoguchi backup key FILE makes one")
	}
	return plan, nil
}

type backupKey struct {
	File string `arg:"" help:"The new file for the secret key." type:"path"`
}

// Run makes a pair of keys. The secret one is on no machine that makes backups, once the file has been taken away.
func (k backupKey) Run(p *program) error {
	recipient, err := seal.CreateIdentity(k.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", recipient)
	if err == nil {
		_, err = fmt.Fprintf(p.stderr, "NOTICE: set MADOGUCHI_BACKUP_RECIPIENTS to the line above. Take %s away from this machine to a safe place, with a copy of the key file (MADOGUCHI_KEYS): "+
			"no backup can be opened without it.\n", k.File)
	}
	return err
}

// keepBackups is what makes backups while the server runs; nil where the settings name no folder for them. It removes what was left of those that
// were killed, here and beside the database.
func (p *program) keepBackups() (*worker.Backups, error) {
	plan, err := p.backupPlan()
	if err != nil {
		return nil, err
	}
	address := string(p.config.Database.DSN)
	if _, err := store.CleanBeside(address); err != nil {
		return nil, p.aboutDatabase(err)
	}
	if plan.Folder == "" {
		return nil, nil //nolint:nilnil // as serve wants it
	}
	if err := os.MkdirAll(plan.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("the setting backup (MADOGUCHI_BACKUP) is wrong: %w", err)
	}
	if _, err := store.CleanLeftovers(plan.Folder); err != nil {
		return nil, fmt.Errorf("the setting backup (MADOGUCHI_BACKUP) is wrong: %w", err)
	}
	return &worker.Backups{Address: address, Plan: plan, Every: p.config.Backup.Every, Now: p.now}, nil
}
