package store

import "context"

// Progress hears how far long work is: what is being done, and how much of it is.
type Progress func(what string, done, total int64)

// progress is one piece of long work. It tells of every hundredth, so that nobody is told a million times.
type progress struct {
	ctx   context.Context //nolint:containedctx // it ends with the work
	tell  Progress
	what  string
	total int64
	done  int64
	told  int64
}

func newProgress(ctx context.Context, tell Progress, what string, total int64) *progress {
	p := &progress{ctx: ctx, tell: tell, what: what, total: total, told: -1}
	if total == 0 {
		p.done, p.total = 1, 1
	}
	return p
}

// add notes that so much more was done, and fails once nobody wants the rest any more.
func (p *progress) add(more int64) error {
	p.done = min(p.done+more, p.total)
	if part := p.done * 100 / p.total; part > p.told && p.tell != nil {
		p.told = part
		p.tell(p.what, p.done, p.total)
	}
	return p.ctx.Err()
}
