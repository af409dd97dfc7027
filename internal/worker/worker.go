// Package worker is the clock: it takes due work from the store, does it, and records what came of it. Any number of
// workers, in one process or in several instances, may run on one database; each piece of work is claimed with a lease, so
// that a dead worker's comes back by itself.
package worker

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail"
	"madoguchi/internal/store"
)

const (
	// Interval is how often cmd has the worker look for what nobody wakes it for: retries that have fallen due, and the
	// letters of other instances.
	Interval = 5 * time.Second

	// Grace is how long letters on their way may take to finish when the program ends. Container platforms kill after
	// thirty seconds.
	Grace = 20 * time.Second

	// senders is how many letters are sent at once: enough that one slow mail server's reply does not hold up everybody,
	// few enough not to be taken for a flood.
	senders = 4

	// purgeEvery is how often what has served is removed. Nothing depends on it having been done.
	purgeEvery = time.Hour

	// keysEvery is how soon a server has other keys when they are rotated.
	keysEvery = time.Second

	leaveWithin = 3 * time.Second

	// termsEvery is how soon after a booking its patient is found by all that callers are found by.
	termsEvery = time.Second

	// bouncesEvery is how often the mailbox of what came back is looked into.
	bouncesEvery = time.Minute

	// hoursEvery is how often slots are laid for the days that have come into the horizon. Once a day would do for them; more often,
	// because a hold that stood in the way of changed hours is over within minutes, and midnight comes at another hour in each zone.
	hoursEvery = time.Hour

	// stepsEvery is how often what visitors did before they booked is written down.
	stepsEvery = time.Minute

	// formsEvery is how often what was noticed about visitors' forms is written down, by which other instances see a flood.
	formsEvery = 10 * time.Second

	// offersEvery is how often what is free is offered to those who wait. It is looked for as well whenever a letter was written, such as that
	// of a cancellation.
	offersEvery = 5 * time.Second

	// dueEvery is how often the letters of the future are put among those that wait. It is well below clinic.DueAhead.
	dueEvery = time.Minute

	// lostEvery is how soon whoever has lost a link gets another. Nothing wakes the worker for it, so that what is done for a request does
	// not follow close upon the answer, where it could be felt by whoever asks again at once.
	lostEvery = 3 * time.Second

	// importsEvery is how often files are thrown away that nobody has taken over.
	importsEvery = 5 * time.Minute

	// auditEvery is how soon the entries of the audit log are chained.
	auditEvery = 3 * time.Second

	// auditHeadEvery is how often the head of the chain is written into the log, where whoever has only the database cannot change it.
	auditHeadEvery = 24 * time.Hour

	// silence is how long the worker may go without looking for work before it counts as dead.
	silence = time.Minute
)

// Worker sends the letters of one store, lays the slots of its opening hours, and writes down what visitors did.
type Worker struct {
	Store   *store.Store
	Sender  mail.Sender
	Options mail.Options
	Now     func() time.Time
	Ticks   <-chan time.Time // look at each; a ticker of Interval
	Grace   time.Duration
	Log     *slog.Logger  // gets ids and codes, never names or addresses
	Bounces *mail.Mailbox // where letters come back to; nil where that is not read
	Holiday store.HolidayOf

	AuditYears int // for how many years the audit log is kept; 0 for clinic.AuditYears

	Channels map[clinic.LetterChannel]Channel // beside mail, which goes by Sender

	looked atomic.Pointer[time.Time]
}

// duty is what the worker does again and again. A failure is logged, and the next time tries again.
type duty struct {
	what  string
	every time.Duration
	do    func(ctx context.Context) error
	last  time.Time
}

func (w *Worker) duties(id string) []*duty {
	return []*duty{
		{what: "beat", every: clinic.WorkerBeats, do: func(ctx context.Context) error { return w.Store.Beat(ctx, id) }},
		{what: "keys", every: keysEvery, do: func(ctx context.Context) error { return w.refreshKeys(ctx, id) }},
		{what: "bounces", every: bouncesEvery, do: w.readBounces},
		{what: "hours", every: hoursEvery, do: func(ctx context.Context) error { return w.Store.LayHours(ctx, w.Holiday) }},
		{what: "terms", every: termsEvery, do: w.Store.FillTerms},
		{what: "lost links", every: lostEvery, do: w.Store.AnswerLost},
		{what: "steps", every: stepsEvery, do: w.Store.KeepSteps},
		{what: "forms", every: formsEvery, do: w.Store.KeepForms},
		{what: "offers", every: offersEvery, do: w.Store.Offer},
		{what: "imports", every: importsEvery, do: w.Store.ForgetImports},
		{what: "due", every: dueEvery, do: w.Store.WriteDue},
		{what: "failed", every: dueEvery, do: w.Store.TellFailed},
		{what: "audit", every: auditEvery, do: w.Store.ChainAudit},
		{what: "audit head", every: auditHeadEvery, do: w.logAuditHead},
		{what: "audit purge", every: purgeEvery, do: func(ctx context.Context) error {
			return w.Store.PurgeAudit(ctx, cmp.Or(w.AuditYears, clinic.AuditYears))
		}},
		{what: "purge", every: purgeEvery, do: w.Store.Purge},
		{what: "letters", every: purgeEvery, do: w.Store.PurgeLetters},
		{what: "what is over", every: purgeEvery, do: w.Store.PurgeOver},
		{what: "kept records", every: purgeEvery, do: w.Store.EndKept},
	}
}

// refreshKeys has the store use other keys where they are being rotated, and says at once that it does: whoever rotates them waits for it.
func (w *Worker) refreshKeys(ctx context.Context, id string) error {
	changed, err := w.Store.RefreshKeys(ctx)
	if err != nil || !changed {
		return err
	}
	w.Log.Info("the keys of personal data have changed", "keys", w.Store.KeyState())
	return w.Store.Beat(ctx, id)
}

// leave says that this worker's server ends, so that nobody waits for it to have other keys.
func (w *Worker) leave(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	if err := w.Store.LeaveKeys(ctx, id); err != nil {
		w.Log.LogAttrs(ctx, slog.LevelError, "leaving failed", slog.String("cause", err.Error()))
	}
}

// Alive reports whether Run has looked for work within the last minute. It looks even while every sender is busy with a
// slow mail server.
func (w *Worker) Alive() bool {
	last := w.looked.Load()
	return last != nil && w.Now().Sub(*last) < silence
}

// Run does due work until ctx ends. Then it claims nothing more, lets what is on its way finish within Grace, interrupts
// the rest, records all outcomes, and returns.
func (w *Worker) Run(ctx context.Context) {
	work, interrupt := context.WithCancel(context.WithoutCancel(ctx))
	defer interrupt()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.Grace, interrupt) })()

	id := clinic.NewID()
	defer w.leave(context.WithoutCancel(ctx), id)
	var busy sync.WaitGroup
	defer busy.Wait()
	free := make(chan struct{}, senders)
	duties := w.duties(id)
	for ctx.Err() == nil {
		now := w.Now()
		w.looked.Store(&now)
		for _, d := range duties {
			if now.Sub(d.last) < d.every {
				continue
			}
			d.last = now
			if err := d.do(work); err != nil {
				w.Log.LogAttrs(work, slog.LevelError, d.what+" failed", slog.String("cause", err.Error()))
			}
		}
		select {
		case free <- struct{}{}:
		case <-w.Ticks: // every sender is busy
			continue
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // select takes any case that is ready, so ask once more
			return
		}
		// Claimed under work, not ctx: a claim that is cut off may have been made, and would wait for its lease.
		l, ok := w.claim(work)
		if ok {
			busy.Go(func() {
				defer func() { <-free }()
				w.deliver(work, l)
			})
			continue
		}
		<-free
		select {
		case <-w.Store.LettersWritten():
		case <-w.Ticks:
		case <-ctx.Done():
		}
	}
}
