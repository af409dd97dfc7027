package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/mail"
	"madoguchi/internal/server"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/internal/worker"
)

// notice is how long a server that is told to stop says so on /readyz and goes on as before. Whoever sends requests here, such
// as a proxy, asks every few seconds and needs the time to send them elsewhere. It is a text, so that a program for tests can
// be built with another.
var notice = "5s"

// drain is how long requests on their way may take to finish after that: not long, because container platforms kill after
// thirty seconds and letters that are being sent want some of them, too.
const drain = 10 * time.Second

type serve struct{}

// Run serves until the program is told to stop. Then it says that it is not ready, and a little later takes no more requests,
// finishes those on their way and the letters being sent, and closes the database.
func (serve) Run(p *program) (err error) {
	wait, err := time.ParseDuration(notice)
	if err != nil {
		return err
	}
	// What needs no database comes first, so that a wrong setting leaves no trace.
	sender, err := p.sender()
	if err != nil {
		return err
	}
	options := mail.Options{BaseURL: p.config.BaseURL, From: p.config.MailFrom, Return: p.config.MailReturn}
	if err := options.Check(); err != nil {
		return fmt.Errorf("the setting mail_from (MADOGUCHI_MAIL_FROM) is wrong: %w", err)
	}
	if err := p.config.CheckSender(); err != nil {
		return err
	}
	bounces, err := p.bounces()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", p.config.Addr)
	if err != nil {
		return fmt.Errorf("the setting addr (MADOGUCHI_ADDR) is wrong: %w", err)
	}
	defer func() { _ = listener.Close() }() // the server has closed it already, if it got so far
	keeping, err := p.keepBackups()
	if err != nil {
		return err
	}
	release, err := store.ServeAlone(string(p.config.Database.DSN))
	if err != nil {
		return p.aboutDatabase(err)
	}
	defer release()
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.RecoverLeases(p.ctx); err != nil {
		return p.aboutDatabase(err)
	}
	if _, err := p.publishQuestionnaire(s); err != nil {
		return err
	}

	s.SetRates(p.config.MailRates)
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	p.warn(log)
	if !p.config.Limits {
		s.LiftLimits()
	}
	site, err := p.site(s, log)
	if err != nil {
		return err
	}
	if keeping != nil {
		if err := keeping.Start(); err != nil {
			return fmt.Errorf("the setting backup (MADOGUCHI_BACKUP) is wrong: %w", err)
		}
		site.Backups = keeping.State
		seconds := time.NewTicker(worker.Interval)
		defer seconds.Stop()
		keeping.Ticks, keeping.Log = seconds.C, log
	} else if !site.Demo && p.config.Database.Engine == config.SQLite {
		log.Warn("no backups are made: set MADOGUCHI_BACKUP to a folder, or make them in another way")
	}
	ticks := time.NewTicker(worker.Interval)
	defer ticks.Stop()
	w := &worker.Worker{
		Store: s, Sender: sender, Options: options, Now: p.now, Ticks: ticks.C, Grace: worker.Grace, Log: log, Bounces: bounces, Holiday: config.IsHoliday,
		AuditYears: p.config.AuditYears,
	}
	if !site.Demo && p.config.Mail.Kind == config.Dir {
		log.Warn("letters are written to a folder and reach nobody: set MADOGUCHI_MAIL to a mail server", "mail", p.config.Mail.String())
	}
	if kept, ok := sender.(*mail.Connections); ok {
		defer kept.Close()
	}
	figures, err := p.figures(site, log)
	if err != nil {
		return err
	}
	handler, err := server.New(site, p.config.TrustedProxies, w.Alive)
	if err != nil {
		return err
	}
	h := server.NewHTTP(handler, log)
	plain, err := p.secure(h, log)
	if err != nil {
		return err
	}
	doors := []door{{p.bounded(listener, log), h}}
	if plain != nil {
		doors = append(doors, *plain)
	}
	if figures != nil {
		doors = append(doors, *figures)
	}
	log.Info("ready", "version", version, "open", p.config.BaseURL.String(), "address", listener.Addr().String(),
		"database", p.config.Database.String(), "mail", p.config.Mail.String())
	return p.serve(doors, w, keeping, wait)
}

// serve runs the worker, what makes backups unless it is nil, and the servers until the program is told to stop, and wait longer, or until one of them fails.
func (p *program) serve(doors []door, w *worker.Worker, keeping *worker.Backups, wait time.Duration) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(p.ctx))
	defer stop()
	var working sync.WaitGroup
	working.Go(func() { w.Run(ctx) })
	if keeping != nil {
		working.Go(func() { keeping.Run(ctx) })
	}
	failed := make(chan error, len(doors))
	for _, d := range doors {
		go func() { failed <- d.serve() }()
	}
	p.tell(w.Log, "READY=1")

	var err error
	select {
	case err = <-failed:
	case <-p.ctx.Done():
		p.tell(w.Log, "STOPPING=1")
		// The worker goes on meanwhile: what is booked now still gets its letter.
		select {
		case <-p.hurry:
		case <-time.After(wait):
		}
		slow, cancel := context.WithTimeout(ctx, drain)
		defer cancel()
		for _, d := range doors {
			err = errors.Join(err, d.http.Shutdown(slow))
		}
	}
	stop()
	working.Wait()
	// Those that were counted since the worker last wrote them down.
	last, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), drain)
	defer cancel()
	if lost := errors.Join(w.Store.KeepSteps(last), w.Store.KeepForms(last)); lost != nil {
		w.Log.Error("a minute of what was counted of visitors is lost", "cause", lost.Error())
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// warn says what of the settings is not for patients.
func (p *program) warn(log *slog.Logger) {
	if !p.config.Limits {
		log.Warn("the limits are off, so that anybody can take every slot and fill anybody's mailbox: set MADOGUCHI_LIMITS to on for anything but measuring")
	}
	if p.config.PlainPublic() {
		log.Warn("patients reach the pages without https, so that what they type and the cookies of staff can be read on the way: "+
			"set MADOGUCHI_BASE_URL to an https:// address", "open", p.config.BaseURL.String())
	}
}

// site gathers what the pages work with.
func (p *program) site(s *store.Store, log *slog.Logger) (*page.Site, error) {
	isDemo, err := s.IsDemo(p.ctx)
	if err != nil {
		return nil, err
	}
	explanations, err := config.Explanations()
	if err != nil {
		return nil, err
	}
	site := &page.Site{
		Store: s, BaseURL: p.config.BaseURL, Explanations: explanations,
		Holiday: config.Holiday, Now: p.now, Log: log, Stopping: p.ctx.Done(), Limits: p.config.Limits, Puzzles: p.config.Puzzles, Demo: isDemo, Version: version,
		Sender: p.config.MailFrom,
	}
	if site.Shipped, err = config.Publication(); err != nil {
		return nil, err
	}
	if site.Typical, err = config.Typical(); err != nil {
		return nil, err
	}
	if isDemo && p.config.Mail.Kind == config.Dir {
		site.Letters = p.config.Mail.Path
	}
	return site, nil
}

// publishQuestionnaire puts the built-in questionnaire into the database, unless it is there already. All versions that were
// ever published are read, so that a program that cannot read one says so before anybody is shown less than was asked.
func (p *program) publishQuestionnaire(s *store.Store) (*intake.Questionnaire, error) {
	publication, err := config.Publication()
	if err != nil {
		return nil, err
	}
	q, err := s.PublishQuestionnaire(p.ctx, clinic.Job("start"), publication)
	if err == nil {
		_, err = s.Questionnaires(p.ctx)
	}
	return q, err
}

// sender is how letters leave.
func (p *program) sender() (mail.Sender, error) {
	m := p.config.Mail
	if m.Kind == config.Dir {
		d := mail.Dir{Path: m.Path}
		return d, wrongMail(d.Check())
	}
	tokens, err := p.tokens()
	if err != nil {
		return nil, err
	}
	s := mail.SMTP{Host: m.Host, Port: m.Port, User: m.User, Password: string(m.Password), Auth: string(m.Auth), TLS: string(m.TLS), Ehlo: m.Ehlo, Tokens: tokens}
	return &mail.Connections{SMTP: s}, wrongMail(s.Check())
}

// tokens are what Madoguchi signs in to the mail server with; nil where that is a password.
func (p *program) tokens() (*mail.Tokens, error) {
	t := p.config.MailToken
	switch {
	case len(t.Command) > 0:
		return mail.TokenCommand(t.Command, p.now), nil
	case t.Endpoint != "":
		tokens, err := mail.TokenEndpoint{URL: t.Endpoint, ClientID: t.Client, Secret: string(t.Secret), Refresh: string(t.Refresh)}.Tokens(p.now)
		if err != nil {
			return nil, fmt.Errorf("the setting mail_token (MADOGUCHI_MAIL_TOKEN) is wrong: %w", err)
		}
		return tokens, nil
	}
	return nil, nil //nolint:nilnil // as mail.SMTP wants it
}

// bounces is the mailbox of what comes back; nil where none is read.
func (p *program) bounces() (*mail.Mailbox, error) {
	if p.config.MailBounces.Path == "" {
		return nil, nil //nolint:nilnil // as Worker.Bounces wants it
	}
	b := &mail.Mailbox{Format: p.config.MailBounces.Format, Path: p.config.MailBounces.Path}
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("the setting mail_bounces (MADOGUCHI_MAIL_BOUNCES) is wrong: %w", err)
	}
	return b, nil
}

func wrongMail(err error) error {
	if err != nil {
		return fmt.Errorf("the setting mail (MADOGUCHI_MAIL) is wrong: %w", err)
	}
	return nil
}
