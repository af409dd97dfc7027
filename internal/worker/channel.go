package worker

import (
	"context"
	"fmt"
	"runtime/debug"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail"
)

// A Channel hands one letter over. What it answers is the outcome: an empty failure when the letter was taken, and otherwise the code by
// which web/letter/failure.go has a sentence for staff, and whether another try would only fail again. err is for the log, and so is the
// failure: neither holds an address, a name, or what a stranger's server said.
type Channel func(ctx context.Context, l clinic.Letter) (failure string, permanent bool, err error)

// channel is the way by which a letter goes; nil where this program has none of that name.
func (w *Worker) channel(name clinic.LetterChannel) Channel {
	if name == clinic.ByMail {
		return w.byMail
	}
	return w.Channels[name]
}

// byMail is the Channel of mail.
func (w *Worker) byMail(ctx context.Context, l clinic.Letter) (failure string, permanent bool, err error) {
	m, err := mail.Render(l, w.Options)
	if err == nil {
		err = w.Sender.Send(ctx, m)
	}
	if err != nil {
		failure, permanent = mail.Failure(err)
	}
	return failure, permanent, err
}

// send hands a letter to its channel. A panic is a failure of this letter and not the end of the worker; its value may quote the
// letter, so only its type and the place are told.
func (w *Worker) send(ctx context.Context, l clinic.Letter) (failure string, permanent bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			failure, permanent, err = codeInside, false, fmt.Errorf("panic of %T: %s", r, debug.Stack())
		}
	}()
	by := w.channel(l.Channel)
	if by == nil {
		return codeInside, false, fmt.Errorf("there is no channel %q", l.Channel)
	}
	if failure, permanent, err = by(ctx, l); err != nil && failure == "" {
		failure = codeInside // an error without a code is none of a letter that was taken
	}
	return failure, permanent, err
}
