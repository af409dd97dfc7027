package main

import (
	"maps"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
)

// comeAgain lets somebody who has been to the doctor who signs in book again, for the first time that is free, and answer in two sittings: at the
// second, hours later, they think of a medicine.
func (d *demoClinic) comeAgain(questions *intake.Questionnaire, personas []config.Persona) error {
	branch, doctor := d.branches[0], d.doctors[0]
	tomorrow := clinic.DateOf(d.now(), branch.Location()).AddDays(1)
	slots, err := d.store.Slots(d.ctx, store.SlotQuery{
		BranchID: branch.ID, DoctorID: doctor.ID, From: tomorrow.In(branch.Location()), Until: tomorrow.AddDays(7).In(branch.Location()), For: demoJob,
	})
	if err != nil || d.again == 0 {
		return err
	}
	for _, slot := range slots {
		if slot.State != clinic.SlotFree {
			continue
		}
		who := personas[0]
		who.Intake = maps.Clone(who.Intake)
		who.Intake["weight"], who.Intake["meds"], who.Intake["med_names"] = []string{"59.2"}, []string{"none"}, []string{"アムロジピン5mg 朝1錠（見本）"}
		d.ago = 5 * time.Hour
		receipt, err := d.book(questions, who, branch, slot.Slot, d.again)
		if err != nil {
			return err
		}
		d.ago = 2 * time.Hour
		who.Intake["meds"], who.Intake["med_names"] = []string{"warf"}, []string{"ワルファリン見本錠1mg 朝2錠、アムロジピン5mg 朝1錠（見本）"}
		err = d.answerAgain(questions, receipt.Token, who)
		d.ago = 0
		return err
	}
	return nil
}

// answerAgain sends each section anew, as the patient would who goes through their answers once more.
func (d *demoClinic) answerAgain(questions *intake.Questionnaire, token string, who config.Persona) error {
	_, err := d.store.AnswerIntake(d.ctx, clinic.PatientByLink(token), func(c store.Chart) (intake.Record, error) {
		record, facts := c.Intake, questions.FactsFor(c.Appointment)
		for _, section := range questions.Asked(record, facts) {
			var errs clinic.Errors
			if record, errs = questions.Answer(record, section, who.Intake, facts, d.now().UTC()); len(errs) > 0 {
				return record, errs
			}
		}
		return record, nil
	})
	return err
}

// readPast lets the doctor who signs in have read the charts of their past.
func (d *demoClinic) readPast() error {
	doctor := clinic.StaffActor(clinic.Staff{Role: clinic.DoctorRole, DoctorID: d.doctors[0].ID, Active: true})
	charts, err := d.store.Charts(d.ctx, doctor, d.now().AddDate(0, 0, -pastDays), d.now())
	if err != nil {
		return err
	}
	for _, c := range charts {
		if err := d.store.MarkRead(d.ctx, doctor, c.Appointment.Booking.ID, c.Intake.Revision); err != nil {
			return err
		}
	}
	return nil
}
