package office

import (
	"sync"
	"time"

	"madoguchi/internal/intake"
	"madoguchi/internal/store"
)

// digests keeps what the cautions say of the charts that were looked at last: a doctor's list asks it of everybody whenever it is drawn, and
// hardly any of them has changed.
type digests struct {
	mu    sync.Mutex
	since time.Time
	all   map[string]keptDigest // by the ids of the bookings
}

// keptDigest is what was worked out, and of what. A set of cautions that was changed makes another questionnaire, so that its address says
// which rules they were.
type keptDigest struct {
	questions        *intake.Questionnaire
	booking, answers int // their revisions
	age              int
	digest           intake.Digest
	reading          *reading // nil until the chart itself was looked at
}

// reading is what the answers of a chart come to on its page, besides what the cautions say of them.
type reading struct {
	complaint intake.Complaint
	strip     []intake.StripCell
	wanted    []intake.Treatment
	causes    []intake.CauseLevel
	asks      []intake.Ask
	unjudged  []intake.Section
	visible   map[string]bool
}

// mostDigests is how many are kept at most. They are all given up together when there are more, and after store.KeepAnswers: they have the patient's words.
const mostDigests = 1024

// digest is what the cautions say of a chart as it is stored, with its releases. It is shared but for the releases, so nobody changes it.
func (p *Pages) digest(q *intake.Questionnaire, chart store.Chart, facts intake.Facts) intake.Digest {
	return p.kept(q, chart, facts).digest.WithReleases(chart.Releases)
}

// reading is what the answers of a chart as it is stored come to. It is shared, so nobody changes it.
func (p *Pages) reading(q *intake.Questionnaire, chart store.Chart, facts intake.Facts) *reading {
	have := p.kept(q, chart, facts)
	if have.reading == nil {
		answers := chart.Said()
		have.reading = &reading{
			complaint: q.Complaint(answers, facts), strip: q.Strip(answers, facts, have.digest), wanted: q.Wanted(answers, facts), causes: q.CauseLevels(answers, facts),
			asks: q.Asks(answers, facts), unjudged: q.Unjudged(chart.Intake, facts), visible: q.Visible(answers, facts),
		}
		p.digests.keep(chart.Appointment.Booking.ID, have, p.Now())
	}
	return have.reading
}

// kept is what was worked out of a chart as it is stored, worked out now where it has changed.
func (p *Pages) kept(q *intake.Questionnaire, chart store.Chart, facts intake.Facts) keptDigest {
	now := keptDigest{questions: q, booking: chart.Appointment.Booking.Revision, answers: chart.Intake.Revision, age: facts.Age}
	id := chart.Appointment.Booking.ID
	have, ok := p.digests.get(id, p.Now())
	if ok && have.questions == q && have.booking == now.booking && have.answers == now.answers && have.age == now.age {
		return have
	}
	now.digest = q.Digest(chart.Said(), facts)
	p.digests.keep(id, now, p.Now())
	return now
}

func (d *digests) get(id string, now time.Time) (keptDigest, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.Sub(d.since) >= store.KeepAnswers {
		d.all = nil
	}
	have, ok := d.all[id]
	return have, ok
}

func (d *digests) keep(id string, made keptDigest, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil || len(d.all) >= mostDigests {
		d.all, d.since = map[string]keptDigest{}, now
	}
	d.all[id] = made
}
