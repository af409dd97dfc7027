package main

import (
	"errors"
	"fmt"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
	"madoguchi/internal/store"
)

type keysRotate struct {
	Now bool `help:"Give the keys of before up as soon as everything is sealed anew, as after a leak, and not some days later."`
}

// settle is how long a rotation waits at each step once all servers have the keys, so that what they had begun with others is written, and
// one that was just starting has said which it has. It is a text, so that a program for tests can be built with another.
var settle = "5s"

// look is how often a rotation looks whether all servers have the new keys.
const look = 200 * time.Millisecond

// Run replaces the keys step by step, each of which begins where the one before has ended, in whichever process: new keys are added and
// made known to all servers; they take over; what the keys of before have sealed is sealed anew; the keys of before are given up.
func (r keysRotate) Run(p *program) (err error) {
	since := p.serversSince() // before the database is opened, see store.ServeAlone
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	turn := rotation{program: p, store: s, since: since, now: r.Now}
	if turn.wait, err = time.ParseDuration(settle); err != nil {
		return err
	}
	if seal.IsFile(p.config.Keys) {
		if turn.held, err = seal.Hold(p.config.Keys); err != nil {
			return fmt.Errorf("rotate %s: %w", seal.Name(p.config.Keys), err)
		}
		defer func() { err = errors.Join(err, turn.held.Close()) }()
	}
	err = turn.run()
	if p.ctx.Err() != nil {
		return errors.New("the rotation was stopped before its end, and nothing is lost: madoguchi keys rotate goes on with it")
	}
	return err
}

// serversSince is from when on servers must have been seen to be waited for. On SQLite there is one or none, and its lock says which.
func (p *program) serversSince() time.Time {
	if p.config.Database.Engine == config.SQLite {
		if release, err := store.ServeAlone(string(p.config.Database.DSN)); err == nil {
			release()
			return p.now()
		}
	}
	return p.now().Add(-clinic.KeySilence)
}

// rotation is one call of keysRotate.
type rotation struct {
	*program
	store *store.Store
	held  *seal.Held // nil where the keys are in no file
	since time.Time
	wait  time.Duration
	now   bool // keysRotate.Now
}

func (r *rotation) run() error {
	file, err := seal.Load(r.ctx, r.config.Keys)
	if err != nil {
		return err
	}
	for {
		if err := r.store.UseKeys(r.ctx, file); err != nil {
			return err
		}
		if file.Phase() != seal.Resting {
			if err := r.settled(); err != nil {
				return err
			}
		}
		var next seal.File
		switch file.Phase() {
		case seal.Resting:
			next, err = file.Announce(r.program.now())
		case seal.Announced:
			next, err = file.Switch(r.program.now())
		case seal.Switched:
			var given bool
			if given, err = r.giveUp(file); err != nil || !given {
				return err
			}
			next, err = file.Retire()
		}
		if err != nil {
			return err
		}
		goesOn, err := r.replace(next)
		if err != nil || !goesOn || next.Phase() == seal.Resting {
			return err
		}
		file = next
	}
}

// said is what each step comes to.
var said = map[seal.Phase]string{
	seal.Announced: "New keys were made. They seal nothing yet; every server learns of them first.",
	seal.Switched:  "The new keys seal from now on.",
	seal.Resting:   "The keys of before are given up. There is one key of each kind, and everything is sealed with it.",
}

// replace puts the next keys where the keys come from. Where that is no file, it is for a person to do, and the rotation ends here for now.
func (r *rotation) replace(next seal.File) (goesOn bool, err error) {
	if r.held == nil {
		if err := printKeys(r.stdout, next); err != nil {
			return false, err
		}
		after := "Then start all servers anew with it, one after the other, and call madoguchi keys rotate once more."
		if next.Phase() == seal.Resting {
			after = "Then start all servers anew with it. Keep what was there before in a safe place: backups made until now need it."
		}
		return false, r.say("%s\nPut the keys that were just printed where %s has them from. %s", said[next.Phase()], seal.Name(r.config.Keys), after)
	}
	if next.Phase() == seal.Resting {
		kept := fmt.Sprintf("%s.before-%d", r.config.Keys, next.Primary(string(seal.Contact)))
		if err := r.held.Keep(kept); err != nil {
			return false, err
		}
		if err := r.say("The keys of before are kept in %s: backups made until now need them. Bring that file to a safe place, apart from the backups.", kept); err != nil {
			return false, err
		}
	}
	if err := r.held.Replace(next); err != nil {
		return false, err
	}
	return true, r.say("%s", said[next.Phase()])
}

// giveUp seals everything anew and sees to it that nothing needs the keys of before any more. It reports false where it is too early.
func (r *rotation) giveUp(file seal.File) (given bool, err error) {
	before := r.program.now() // what is written from here on is under the new keys
	if err := r.reseal(file); err != nil {
		return false, err
	}
	now, since := r.program.now(), file.SwitchedAt()
	if over := since.Add(clinic.KeyRest); !r.now && !since.IsZero() && now.Before(over) {
		return false, r.say("Everything is sealed with the new keys. Those of before are needed for some days more, to recognise requests that are repeated.\n"+
			"Call madoguchi keys rotate once more after %s, which gives them up, or with --now to do that today.", over.Format(time.DateOnly))
	}
	if err := r.waitForServers(); err != nil {
		return false, err
	}
	if err := r.store.RetireKeys(r.ctx, file); err != nil {
		return false, err
	}
	// What came in between. From now on the database takes nothing from them.
	if err := r.reseal(file); err != nil {
		return false, err
	}
	if written := since.Add(time.Hour); !since.IsZero() && written.Before(before) {
		before = written
	}
	show := progress{program: r.program, verb: "forgotten"}
	return true, r.store.ForgetOldTerms(r.ctx, file, before, show.add)
}

func (r *rotation) reseal(file seal.File) error {
	rows, err := r.store.KeyRows(r.ctx)
	if err != nil {
		return err
	}
	show := progress{program: r.program, verb: "sealed anew"}
	for _, k := range file.Keys() {
		if !k.Primary && k.Keyset != seal.Terms {
			show.all += rows[k.Keyset][k.ID]
		}
	}
	if err := r.store.Reseal(r.ctx, file, show.add); err != nil {
		return err
	}
	return show.end()
}

// settled waits until every server has the keys that the store has, and what they had begun with others is written.
func (r *rotation) settled() error {
	if err := r.waitForServers(); err != nil {
		return err
	}
	select {
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-time.After(r.wait):
	}
	return r.waitForServers()
}

// waitForServers waits until every server that runs has the keys that the store has.
func (r *rotation) waitForServers() error {
	told := 0
	for {
		n, silent, err := r.store.ServersWithout(r.ctx, r.since)
		if err != nil || n == 0 {
			return err
		}
		if gone := r.program.now().Add(-clinic.KeySilence); r.since.Before(gone) {
			r.since = gone
		}
		if n != told {
			told = n
			if err := r.say("Waiting until %d servers have these keys. One was last seen at %s; one that ended without saying so is waited for until %s.",
				n, silent.Format(time.TimeOnly), silent.Add(clinic.KeySilence).Format(time.TimeOnly)); err != nil {
				return err
			}
		}
		select {
		case <-r.ctx.Done():
			return r.ctx.Err()
		case <-time.After(look):
		}
	}
}

func (p *program) say(format string, args ...any) error {
	_, err := fmt.Fprintf(p.stderr, format+"\n", args...)
	return err
}

// progress shows how far long work is, at most once a second.
type progress struct {
	*program
	verb string
	done int
	all  int // 0 where nobody knows
	last time.Time
}

func (s *progress) add(what string, rows int) {
	s.done += rows
	now := s.now()
	if now.Sub(s.last) < time.Second {
		return
	}
	s.last = now
	of := ""
	if s.all > 0 {
		of = fmt.Sprintf(" of %d", max(s.all, s.done))
	}
	_ = s.say("  %d%s %s (%s)", s.done, of, s.verb, what) // where nobody looks, the work goes on
}

func (s *progress) end() error {
	if s.done == 0 {
		return nil
	}
	return s.say("  %d %s", s.done, s.verb)
}
