package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/mail"
	"madoguchi/internal/store"
	view "madoguchi/web/patient"
)

type demo struct{}

// demoJob is who fills a demo.
var demoJob = clinic.Job("demo")

// Run fills an empty database with a clinic that nobody can take for a real one.
func (demo) Run(p *program) (err error) {
	d := &demoClinic{program: p}
	then := *p
	then.now = d.now
	s, err := then.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d.store = s
	branches, err := s.Branches(p.ctx)
	if err != nil {
		return err
	}
	staffed, err := s.HasStaff(p.ctx)
	if err != nil {
		return err
	}
	if len(branches) > 0 || staffed {
		return errors.New("the database is not empty: a demo is only ever put into an empty one")
	}
	if err := s.MarkDemo(p.ctx); err != nil {
		return err
	}
	d.ago = pastDays * 24 * time.Hour
	for _, step := range []func() error{d.nameClinic, d.addBranches, d.addDoctors, d.drawHours, d.addBookings, d.settleLetters, d.addStaffOfDemo, d.addAPIKey} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// demoClinic is the demo while it is being made.
type demoClinic struct {
	*program
	store    *store.Store
	ago      time.Duration // how long ago it is for the demo now
	again    int           // who of its past, as book counts them, has been to the first doctor and comes again; 0 for nobody
	branches []clinic.Branch
	doctors  []clinic.Doctor
}

// now is the time of the demo, which begins in the past.
func (d *demoClinic) now() time.Time { return d.program.now().Add(-d.ago) }

// nameClinic gives the clinic its name, whatever the settings file says. It has no logo.
func (d *demoClinic) nameClinic() error {
	settings, errs := clinic.CheckSettings(demoSettings)
	if err := errs.Err(); err != nil {
		return err
	}
	return d.store.ChangeSettings(d.ctx, demoJob, func(now clinic.Settings) clinic.Settings {
		next := settings
		next.Revision = now.Revision
		return next
	})
}

func (d *demoClinic) addBranches() error {
	for _, b := range demoBranches {
		b, errs := clinic.CheckBranch(b)
		if err := errs.Err(); err != nil {
			return err
		}
		b, err := d.store.SaveBranch(d.ctx, demoJob, b)
		if err != nil {
			return err
		}
		d.branches = append(d.branches, b)
	}
	return nil
}

func (d *demoClinic) addDoctors() error {
	for i, doctor := range demoDoctors {
		doctor, errs := clinic.CheckDoctor(doctor)
		if err := errs.Err(); err != nil {
			return err
		}
		doctor, err := d.store.SaveDoctor(d.ctx, demoJob, doctor, []string{d.branchOf(i).ID})
		if err != nil {
			return err
		}
		d.doctors = append(d.doctors, doctor)
	}
	return nil
}

// branchOf is where the i-th doctor works: two at each branch.
func (d *demoClinic) branchOf(i int) clinic.Branch { return d.branches[i/2] }

// drawHours gives every doctor a week from the demo's beginning on, from which slots are laid. The branches are closed on Sundays and over the New Year, and each
// doctor has a day off.
func (d *demoClinic) drawHours() error {
	for i, doctor := range d.doctors {
		branch := d.branchOf(i)
		today := clinic.DateOf(d.now(), branch.Location())
		typed := clinic.TypedWeek{From: today.String()}
		for day := time.Monday; day <= time.Saturday; day++ {
			if day == time.Weekday(2+i) {
				continue
			}
			for _, span := range [][2]string{{"10:00", "13:00"}, {"14:00", "19:00"}} {
				typed = typed.With(clinic.TypedSpan{Weekday: strconv.Itoa(int(day)), TypedPattern: clinic.TypedPattern{
					From: span[0], Until: span[1], Minutes: "60", Room: "相談室" + strconv.Itoa(1+i%2), Audience: string(clinic.Public),
				}})
			}
		}
		week, errs := typed.Read(branch.ID, doctor.ID, today)
		if err := errs.Err(); err != nil {
			return err
		}
		week.Revision = 1
		if _, err := d.store.SaveWeek(d.ctx, demoJob, week, typed.Keys(), nil, config.IsHoliday); err != nil {
			return err
		}
	}
	return d.closeYearEnd()
}

// closeYearEnd closes the branches over the next New Year.
func (d *demoClinic) closeYearEnd() error {
	for _, branch := range d.branches {
		end := clinic.YearEnd(branch.ID, clinic.DateOf(d.now(), branch.Location()))
		end.Reason = "年末年始"
		if _, err := d.store.AddException(d.ctx, demoJob, end, nil, config.IsHoliday); err != nil {
			return err
		}
	}
	return nil
}

// addBookings lets the clinic have a past, and books about a quarter of the first days' slots and answers most of the
// questionnaires.
func (d *demoClinic) addBookings() error {
	questions, err := d.publishQuestionnaire(d.store)
	if err != nil {
		return err
	}
	personas, err := config.Personas()
	if err != nil {
		return err
	}
	if err := d.livePast(questions, personas); err != nil {
		return err
	}
	if err := d.readPast(); err != nil {
		return err
	}
	if err := d.comeAgain(questions, personas); err != nil {
		return err
	}
	n := 0
	for _, branch := range d.branches {
		tomorrow := clinic.DateOf(d.now(), branch.Location()).AddDays(1)
		slots, err := d.store.Slots(d.ctx, store.SlotQuery{
			BranchID: branch.ID, From: tomorrow.In(branch.Location()), Until: tomorrow.AddDays(7).In(branch.Location()), For: demoJob,
		})
		if err != nil {
			return err
		}
		for i, slot := range slots {
			if i*i%7 != 1 || slot.State != clinic.SlotFree {
				continue
			}
			if _, err := d.book(questions, personas[n%len(personas)], branch, slot.Slot, n); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// book makes the n-th booking of the demo.
func (d *demoClinic) book(questions *intake.Questionnaire, who config.Persona, branch clinic.Branch, slot clinic.Slot, n int) (receipt clinic.Receipt, err error) {
	given := demoGiven[n%len(demoGiven)]
	family := demoFamily[(n/len(demoGiven)+n)%len(demoFamily)]
	patient, errs := clinic.NewPatient(clinic.PatientInput{
		FamilyName: family[0], GivenName: given[0], FamilyKana: family[1], GivenKana: given[1],
		BirthYear: strconv.Itoa(1968 + n*7%38), BirthMonth: strconv.Itoa(1 + n%12), BirthDay: strconv.Itoa(1 + n*3%28),
		Sex: given[2], Phone: fmt.Sprintf("090-0000-%04d", n), Email: fmt.Sprintf("patient%02d@example.jp", n),
	}, clinic.DateOf(d.now(), branch.Location()))
	if err := errs.Err(); err != nil {
		return receipt, err
	}
	on := clinic.DateOf(slot.StartsAt, branch.Location())
	answers, errs := questions.CheckSection(questions.Booking, who.Booking, nil, questions.FactsOf(patient, clinic.Details{Answers: who.Booking, Attribution: who.Attribution}, on))
	if err := errs.Err(); err != nil {
		return receipt, err
	}
	receipt, err = d.store.Book(d.ctx, demoJob, clinic.Request{
		SlotID: slot.ID, Patient: patient, Lang: "ja", QuestionnaireVersion: questions.Version,
		Details: clinic.Details{Answers: answers, Attribution: who.Attribution, Consents: questions.Consents(answers, view.TermsVersion, d.now().UTC())},
	})
	if err != nil || who.Intake == nil {
		return receipt, err
	}
	return receipt, d.answer(questions, receipt.Token, who)
}

// answer sends each section as the patient would, so that the demo holds nothing that the form would refuse. What was
// answered decides which sections follow.
func (d *demoClinic) answer(questions *intake.Questionnaire, token string, who config.Persona) error {
	_, err := d.store.AnswerIntake(d.ctx, clinic.PatientByLink(token), func(c store.Chart) (intake.Record, error) {
		record, facts := c.Intake, questions.FactsFor(c.Appointment)
		for sent := 0; who.Sections == 0 || sent < who.Sections; sent++ {
			remaining := questions.Remaining(record, facts)
			if len(remaining) == 0 {
				break
			}
			var errs clinic.Errors
			if record, errs = questions.Answer(record, remaining[0], who.Intake, facts, d.now().UTC()); len(errs) > 0 {
				return record, errs
			}
		}
		return record, nil
	})
	return err
}

// settleLetters puts the letters of the invented people into the folder where a demo's letters are read. Where letters go
// out by SMTP, nobody is written to who does not exist. Those of the demo's past have long been read.
func (d *demoClinic) settleLetters() error {
	sender, err := d.sender()
	if err != nil {
		return err
	}
	for {
		l, ok, err := d.store.ClaimLetter(d.ctx)
		if err != nil || !ok {
			return err
		}
		if d.config.Mail.Kind == config.Dir && d.ago == 0 {
			m, err := mail.Render(l, mail.Options{BaseURL: d.config.BaseURL, From: d.config.MailFrom})
			if err != nil {
				return err
			}
			if err := sender.Send(d.ctx, m); err != nil {
				return err
			}
		}
		if err := d.store.LetterSent(d.ctx, l); err != nil {
			return err
		}
	}
}
