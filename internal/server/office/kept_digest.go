package office

import (
	"sync"

	"madoguchi/internal/intake"
	"madoguchi/internal/store"
)

// digests keeps what the cautions say of the charts that were looked at last: a doctor's list asks it of everybody whenever it is drawn, and
// hardly any of them has changed.
type digests struct {
	mu  sync.Mutex
	all map[string]keptDigest // by the ids of the bookings
}

// keptDigest is what was worked out, and of what. A set of cautions that was changed makes another questionnaire, so that its address says
// which rules they were.
type keptDigest struct {
	questions        *intake.Questionnaire
	booking, answers int // their revisions
	age              int
	digest           intake.Digest
}

// mostDigests is how many are kept at most. They are all given up together when there are more.
const mostDigests = 1024

// digest is what the cautions say of a chart as it is stored, with its releases. It is shared but for the releases, so nobody changes it.
func (p *Pages) digest(q *intake.Questionnaire, chart store.Chart, facts intake.Facts) intake.Digest {
	now := keptDigest{questions: q, booking: chart.Appointment.Booking.Revision, answers: chart.Intake.Revision, age: facts.Age}
	id := chart.Appointment.Booking.ID
	p.digests.mu.Lock()
	have, ok := p.digests.all[id]
	p.digests.mu.Unlock()
	if !ok || have.questions != q || have.booking != now.booking || have.answers != now.answers || have.age != now.age {
		now.digest = q.Digest(chart.Said(), facts)
		p.digests.keep(id, now)
		have = now
	}
	return have.digest.WithReleases(chart.Releases)
}

func (d *digests) keep(id string, made keptDigest) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil || len(d.all) >= mostDigests {
		d.all = map[string]keptDigest{}
	}
	d.all[id] = made
}
