package office

import (
	"sync"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
)

// keptDays keeps what was read of the days that were looked at last. Most changes are of one day, while whoever looks at a week or a
// month would have all of its days read again. What is kept is shared, so nobody changes it.
type keptDays[V any] struct {
	mu  sync.Mutex
	all map[dayOf]keptDay[V]
}

// dayOf is a day of a branch, as it is for those who look at it with one filter.
type dayOf struct {
	branchID, filter string
	day              clinic.Date
}

type keptDay[V any] struct {
	of    drawnOf
	value V
}

// mostKeptDays is how many days are kept at most. They are all given up together when there are more, which costs one reading each.
const mostKeptDays = 256

// dayEntries is what store.Day answers.
type dayEntries struct {
	entries   []store.SlotEntry
	cancelled []clinic.Appointment
}

// days is store.Day for the days from the first to the last, one after the other.
func (p *Pages) days(c *gin.Context, branch clinic.Branch, first, last clinic.Date) (entries []store.SlotEntry, cancelled []clinic.Appointment, err error) {
	all, err := ofDays(p, c, &p.entries, branch, "", first, last, func(first, last clinic.Date) (out []dayEntries, err error) {
		for day := first; !last.Before(day) && err == nil; day = day.AddDays(1) {
			var d dayEntries
			d.entries, d.cancelled, err = p.Store.Day(c.Request.Context(), page.Actor(c), branch, day)
			out = append(out, d)
		}
		return out, err
	})
	for _, d := range all {
		entries, cancelled = append(entries, d.entries...), append(cancelled, d.cancelled...)
	}
	return entries, cancelled, err
}

// ofDays is what read answers for the days from the first to the last, one value for each. It is asked only for those of which something
// has changed since it was asked last. It is for whoever may see the calendar of the branch, and says the same to all of them.
func ofDays[V any](p *Pages, c *gin.Context, k *keptDays[V], branch clinic.Branch, filter string, first, last clinic.Date,
	read func(first, last clinic.Date) ([]V, error),
) ([]V, error) {
	ctx := c.Request.Context()
	if !page.Actor(c).May(clinic.SeeCalendar, branch.ID) {
		return nil, store.NotFound()
	}
	settings, err := p.Store.SettingsVersion(ctx)
	if err != nil {
		return nil, err
	}
	var out []V
	var of []drawnOf
	stale := 0 // how many days before this one are to be read
	refresh := func(day clinic.Date) error {
		if stale == 0 {
			return nil
		}
		values, err := read(day.AddDays(-stale), day.AddDays(-1))
		if err != nil {
			return err
		}
		for i, value := range values {
			k.keep(dayOf{branch.ID, filter, day.AddDays(i - stale)}, keptDay[V]{of[len(of)-stale+i], value})
		}
		out, stale = append(out, values...), 0
		return nil
	}
	for day := first; !last.Before(day); day = day.AddDays(1) {
		version, known := p.Store.DayVersion(ctx, branch.ID, day) // before the day is read, which may then be newer, but never older
		if !known {
			return read(first, last)
		}
		now := drawnOf{version, settings, p.Now().Unix() / 60}
		have, ok := k.get(dayOf{branch.ID, filter, day}, now)
		if ok {
			if err := refresh(day); err != nil {
				return nil, err
			}
			out = append(out, have)
		} else {
			stale++
		}
		of = append(of, now)
	}
	return out, refresh(last.AddDays(1))
}

func (k *keptDays[V]) get(day dayOf, of drawnOf) (value V, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	have := k.all[day]
	return have.value, have.of == of
}

func (k *keptDays[V]) keep(day dayOf, have keptDay[V]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.all[day]; k.all == nil || !known && len(k.all) >= mostKeptDays {
		k.all = map[dayOf]keptDay[V]{}
	}
	k.all[day] = have
}
