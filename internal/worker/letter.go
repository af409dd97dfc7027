package worker

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

const (
	// codeInside is the failure code of what is amiss in our own program, in the line of mail.Failure's codes.
	codeInside = "inside"

	// recordTimeout bounds one try to record an outcome, recordPause is the time between two.
	recordTimeout = 5 * time.Second
	recordPause   = time.Second
)

// claim takes a due letter. A letter that is claimed but cannot be read, for want of its key perhaps, is a failed attempt
// like any other; it must not be tried again at once, before all the others.
func (w *Worker) claim(ctx context.Context) (l clinic.Letter, ok bool) {
	l, ok, err := w.Store.ClaimLetter(ctx)
	if err == nil {
		return l, ok
	}
	w.Log.ErrorContext(ctx, "letter not claimed", "letter", l.ID, "err", err)
	if l.ID != "" {
		w.record(ctx, l, codeInside, false)
	}
	return clinic.Letter{}, false
}

// deliver sends one letter and records what came of it.
func (w *Worker) deliver(ctx context.Context, l clinic.Letter) {
	log := w.Log.With("letter", l.ID, "kind", l.Kind, "attempt", l.Attempts)
	code, permanent, err := w.send(ctx, l)
	if code != "" {
		log.WarnContext(ctx, "letter not sent", "failure", code, "permanent", permanent, "err", err)
	} else {
		log.InfoContext(ctx, "letter sent")
	}
	w.record(ctx, l, code, permanent)
}

// record writes the outcome down; no failure code means sent. While the database does not answer it tries again, because
// a letter whose sending is forgotten goes out twice. When ctx ends first, one last try has been made.
func (w *Worker) record(ctx context.Context, l clinic.Letter, failure string, permanent bool) {
	for {
		err := w.recordOnce(context.WithoutCancel(ctx), l, failure, permanent)
		if err == nil {
			return
		}
		w.Log.ErrorContext(ctx, "outcome of a letter not recorded", "letter", l.ID, "failure", failure, "err", err)
		select {
		case <-time.After(recordPause):
		case <-ctx.Done():
			return
		}
	}
}

func (w *Worker) recordOnce(ctx context.Context, l clinic.Letter, failure string, permanent bool) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	if failure == "" {
		return w.Store.LetterSent(ctx, l)
	}
	return w.Store.LetterFailed(ctx, l, failure, permanent)
}
