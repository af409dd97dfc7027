package worker

import (
	"context"
	"errors"
	"log/slog"
)

// readBounces marks the letters that came back, so that staff see them. One that cannot be marked now is read again.
func (w *Worker) readBounces(ctx context.Context) error {
	if w.Bounces == nil {
		return nil
	}
	found, done, err := w.Bounces.Bounces()
	if err != nil {
		return err
	}
	var failed error
	for _, b := range found {
		marked, err := w.Store.LetterBounced(ctx, b.LetterID, b.Resends, b.Failure)
		failed = errors.Join(failed, err)
		if marked {
			w.Log.LogAttrs(ctx, slog.LevelWarn, "letter came back", slog.String("letter", b.LetterID), slog.String("failure", b.Failure))
		}
	}
	if failed == nil {
		done()
	}
	return failed
}
