package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
)

// What a doctor's pages are measured with.
const (
	chartAnswers  = 55
	chartVisits   = 5 // before
	chartVersions = 3 // of the note
	chartDay      = 20
	chartRound    = 200
)

// doctorsDesk is a doctor who has signed in, with a chart that is as full as one gets, a day of many counselings and a day of one.
type doctorsDesk struct {
	store             *store.Store
	session, chart    string
	full, single      clinic.Date
	questions         *intake.Questionnaire
	branch            clinic.Branch
	doctor            clinic.Doctor
	path              string
	people            int
	everything, usual intake.Answers
}

// measureChart asks for a chart and compares it with a constant page of its size, and for a day of many counselings and compares it with one of
// a single counseling, each over loopback on one connection.
func measureChart(ctx context.Context, dir string) (out []figure, err error) {
	d, err := newDoctorsDesk(ctx, filepath.Join(dir, "chart.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.store.Close()) }()
	address, stop, err := serveSite(ctx, d.store)
	if err != nil {
		return nil, err
	}
	defer stop()
	chart := address + "/office/charts/" + d.chart
	content, err := d.get(ctx, chart)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(content, []byte(`<div id="q-`)); n < chartAnswers || bytes.Count(content, []byte(`<li class="card"`)) != chartVisits {
		return nil, fmt.Errorf("the chart shows %d answers and %d visits: the figure would mean nothing", n, bytes.Count(content, []byte(`<li class="card"`)))
	}
	constant, stopConstant, err := serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(content) // the client notices when it gets less
	}))
	if err != nil {
		return nil, err
	}
	defer stopConstant()
	day := func(date clinic.Date) string { return address + "/office/doctor?date=" + date.String() }
	of, millis, err := d.compare(ctx, constant, chart)
	if err != nil {
		return nil, err
	}
	many, dayMillis, err := d.compare(ctx, day(d.single), day(d.full))
	if err != nil {
		return nil, err
	}
	return []figure{
		{fmt.Sprintf("chart of %d answers, %d visits before", chartAnswers, chartVisits), of, "of a constant page", "≥ 0.05"},
		{"chart, time", millis, "ms", ""},
		{"chart, size", float64(len(content)), "bytes", ""},
		{fmt.Sprintf("doctor's day of %d", chartDay), 1 / many, "of a day of one", "≤ 3"},
		{"doctor's day, time", dayMillis, "ms", ""},
	}, nil
}

// compare is how fast a page is, as a share of another's speed and in milliseconds.
func (d *doctorsDesk) compare(ctx context.Context, one, other string) (ratio, millis float64, err error) {
	var ratios, times []float64
	for range rounds {
		var speed [2]float64
		for i, address := range []string{one, other} {
			if speed[i], err = perSecond(1, chartRound, func(int) error {
				_, err := d.get(ctx, address)
				return err
			}); err != nil {
				return 0, 0, err
			}
		}
		ratios, times = append(ratios, speed[1]/speed[0]), append(times, 1000/speed[1])
	}
	return median(ratios), median(times), nil
}

func (d *doctorsDesk) get(ctx context.Context, address string) ([]byte, error) {
	return get(ctx, address, &http.Cookie{Name: page.SessionCookie, Value: d.session}) //nolint:gosec // what a browser sends back
}

func newDoctorsDesk(ctx context.Context, path string) (d *doctorsDesk, err error) {
	d = &doctorsDesk{path: path}
	if d.store, err = newStore(ctx, path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.store.Close())
		}
	}()
	if d.questions, err = d.store.CurrentQuestionnaire(ctx); err != nil {
		return nil, err
	}
	if d.branch, err = d.store.SaveBranch(ctx, bench, clinic.Branch{Name: "見本クリニック", Address: "見本県架空市", Access: "架空駅", Phone: "03-0000-0001", Zone: clinic.DefaultZone}); err != nil {
		return nil, err
	}
	if d.doctor, err = d.store.SaveDoctor(ctx, bench, clinic.Doctor{FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", Sex: clinic.Female}, []string{d.branch.ID}); err != nil {
		return nil, err
	}
	account, err := d.store.AddStaff(ctx, bench, clinic.Staff{Role: clinic.DoctorRole, DoctorID: d.doctor.ID, EveryBranch: true, Name: "見本 花", Email: "doctor@example.jp", PasswordHash: "$argon2id$bench", Active: true})
	if err != nil {
		return nil, err
	}
	if d.session, err = d.store.StartSession(ctx, account, clinic.Browser{}, false, ""); err != nil {
		return nil, err
	}
	d.everything, d.usual = everyAnswer(d.questions, 0), everyAnswer(d.questions, 12)
	return d, errors.Join(d.fillChart(ctx), d.fillDays(ctx))
}

// everyAnswer answers each question of the intake with all options that go together, but for the last n questions.
func everyAnswer(q *intake.Questionnaire, without int) intake.Answers {
	out := intake.Answers{}
	var all []intake.Question
	for _, s := range q.Intake {
		all = append(all, s.Questions...)
	}
	for _, question := range all[:len(all)-without] {
		switch question.Kind {
		case intake.One, intake.Agree:
			out[question.ID] = []string{question.Options[len(question.Options)-1].Code}
		case intake.Many:
			for _, o := range question.Options {
				if !question.Exclusive(o.Code) && len(out[question.ID]) < 3 {
					out[question.ID] = append(out[question.ID], o.Code)
				}
			}
		case intake.Number, intake.Scale:
			out[question.ID] = []string{fmt.Sprint(question.Max / 2)}
		case intake.LongText:
			out[question.ID] = []string{"鏡に映った後ろ姿が気になります。運動しても背中だけ変わりません。"}
		}
	}
	return out
}

// fillChart lets a patient come again and again, and answer a last time, in two sittings.
func (d *doctorsDesk) fillChart(ctx context.Context) error {
	first := clinic.DateOf(time.Now(), d.branch.Location()).AddDays(50)
	for i := range chartVisits + 1 {
		slot, err := d.openDay(ctx, first.AddDays(7*i), 1)
		if err != nil {
			return err
		}
		r := request(slot[0], 0)
		r.Details.Answers = map[string][]string{"areas": {"back", "chin"}}
		receipt, err := d.store.Book(ctx, bench, r)
		if err != nil {
			return err
		}
		d.chart = receipt.BookingID
		for _, answers := range []intake.Answers{d.usual, d.everything} {
			if err := d.answer(ctx, receipt.Token, answers); err != nil {
				return err
			}
		}
		if i == chartVisits {
			break
		}
		if err := write(ctx, d.path, 1, []string{"UPDATE bookings SET status = 'fulfilled' WHERE ? > 0 AND id = '" + receipt.BookingID + "'"}); err != nil {
			return err
		}
	}
	notes := fmt.Sprintf(`WITH RECURSIVE v (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM v WHERE n < ?)
		INSERT INTO note_versions (booking_id, version, doctor_id, signed_at, sealed) SELECT '%s', n, '%s', datetime('now') || '+00:00', x'00' FROM v`, d.chart, d.doctor.ID)
	return write(ctx, d.path, chartVersions, []string{notes})
}

// fillDays makes a day of many counselings and, so far from it that neither is on the other's page, one of a single counseling.
func (d *doctorsDesk) fillDays(ctx context.Context) error {
	today := clinic.DateOf(time.Now(), d.branch.Location())
	d.full, d.single = today.AddDays(20), today.AddDays(40)
	for date, n := range map[clinic.Date]int{d.full: chartDay, d.single: 1} {
		slots, err := d.openDay(ctx, date, n)
		if err != nil {
			return err
		}
		for _, id := range slots {
			d.people++
			receipt, err := d.store.Book(ctx, bench, request(id, d.people))
			if err != nil {
				return err
			}
			if err := d.answer(ctx, receipt.Token, d.usual); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *doctorsDesk) answer(ctx context.Context, token string, answers intake.Answers) error {
	_, err := d.store.AnswerIntake(ctx, clinic.PatientByLink(token), func(c store.Chart) (intake.Record, error) {
		r, now := c.Intake, time.Now()
		r.Answers, r.UpdatedAt, r.CompletedAt = answers, now, &now
		return r, nil
	})
	return err
}

func (d *doctorsDesk) openDay(ctx context.Context, day clinic.Date, n int) ([]string, error) {
	return (&desk{store: d.store}).openDay(ctx, d.branch, d.doctor, day, n)
}
