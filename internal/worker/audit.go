package worker

import (
	"context"
	"log/slog"
	"time"
)

// logAuditHead chains whatever is not chained yet and writes the head of the chain into the log, signed. Kept apart from the database, as logs are, it
// tells later whether the chain was cut or written anew.
func (w *Worker) logAuditHead(ctx context.Context) error {
	if err := w.Store.ChainAllAudit(ctx); err != nil {
		return err
	}
	head, err := w.Store.AuditHead(ctx)
	if err != nil || head.Seq == 0 {
		return err
	}
	now := w.Now().UTC().Truncate(time.Second)
	signature, err := w.Store.SignAuditHead(head, now)
	if err == nil {
		w.Log.LogAttrs(ctx, slog.LevelInfo, "audit head", slog.String("head", head.String()), slog.Time("at", now), slog.String("signature", signature))
	}
	return err
}
