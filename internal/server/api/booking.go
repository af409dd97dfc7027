package api

import (
	"context"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
	view "madoguchi/web/patient"
)

type bookingCall struct {
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"A key of the caller's choice for this booking, such as a UUID; the same key never books twice"`
	Body struct {
		SlotID  string `json:"slot_id" maxLength:"64" doc:"The id of a free slot"`
		Patient struct {
			FamilyName string `json:"family_name,omitempty" doc:"姓; with Accept-Language en, and for a name without Japanese letters, one of the two names is enough"`
			GivenName  string `json:"given_name,omitempty" doc:"名"`
			FamilyKana string `json:"family_kana,omitempty" doc:"セイ, in katakana or hiragana; may be left out where one name is enough"`
			GivenKana  string `json:"given_kana,omitempty" doc:"メイ"`
			BirthDate  string `json:"birth_date" doc:"YYYY-MM-DD"`
			Sex        string `json:"sex" doc:"f, m or na (no answer)"`
			Phone      string `json:"phone" doc:"Of Japan: 10 or 11 digits, with or without hyphens; of any other country: with + and its code"`
			Email      string `json:"email"`
		} `json:"patient"`
		Areas    []string `json:"areas" doc:"Codes of the questionnaire's areas"`
		Consents struct {
			Privacy      bool `json:"privacy" doc:"The handling of personal and health data was agreed to"`
			Cancellation bool `json:"cancellation" doc:"The rules for changes and cancellations were read"`
		} `json:"consents"`
		Source struct {
			Article  string `json:"article,omitempty"`
			Campaign string `json:"campaign,omitempty"`
		} `json:"source,omitempty"`
	}
}

// Booking is what the one who booked is told.
type Booking struct {
	Reference string    `json:"reference" example:"M7K-4Q2P"`
	Status    string    `json:"status" example:"booked"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	Branch    Named     `json:"branch"`
	Doctor    Named     `json:"doctor"`
}

type bookingAnswer struct{ Body Booking }

func (a *API) createBooking(ctx context.Context, call *bookingCall) (*bookingAnswer, error) {
	// The branch's zone decides which day it is, and how old the patient is then. A slot that is unknown is refused by
	// Book like every other wrong field.
	slot, err := a.Store.Slot(ctx, call.Body.SlotID)
	if clinic.CodeOf(err) == clinic.NotFound {
		return nil, a.refuse(ctx, clinic.Errors{{Code: clinic.Invalid, Field: "slot_id", Message: "error.slot.unknown"}})
	}
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	branch, err := a.Store.Branch(ctx, slot.BranchID)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	q, err := a.Store.CurrentQuestionnaire(ctx)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	request, errs := a.check(call, web.LocaleOf(ctx).Lang(), q, slot, branch)
	if request.Key != "" {
		request.Key = "api:" + keyOf(ctx).ID + ":" + request.Key // two programs may choose the same
	}
	if err := errs.Err(); err != nil {
		return nil, a.refuse(ctx, err)
	}
	request.Lang = web.LocaleOf(ctx).Lang()
	receipt, err := a.Store.Book(ctx, clinic.API(keyOf(ctx)), request)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	loc := branch.Location()
	return &bookingAnswer{Body: Booking{
		Reference: receipt.Reference, Status: string(receipt.Status), StartsAt: receipt.StartsAt.In(loc), EndsAt: receipt.EndsAt.In(loc),
		Branch: Named{receipt.BranchID, receipt.Branch}, Doctor: Named{receipt.DoctorID, receipt.Doctor},
	}}, nil
}

// check turns a call into a request, or names every wrong field. Of the booking's questions, a call answers the areas and
// the consents; the others are the form's. A patient who needs a guardian cannot be booked here, because the call has no
// way to say how the guardian agrees.
func (a *API) check(call *bookingCall, lang string, q *intake.Questionnaire, slot clinic.Slot, branch clinic.Branch) (clinic.Request, clinic.Errors) {
	loc := branch.Location()
	body := call.Body
	input := clinic.PatientInput{
		FamilyName: body.Patient.FamilyName, GivenName: body.Patient.GivenName,
		FamilyKana: body.Patient.FamilyKana, GivenKana: body.Patient.GivenKana,
		Sex: body.Patient.Sex, Phone: body.Patient.Phone, Email: body.Patient.Email, Lang: lang,
	}
	input.BirthYear, input.BirthMonth, input.BirthDay = splitDate(body.Patient.BirthDate)
	patient, errs := clinic.NewPatient(input, clinic.DateOf(a.Now(), loc))
	for _, e := range errs {
		if e.Message == "error.birth.number" { // which speaks of eras and fields, for people who type
			e.Message = "error.date"
		}
	}

	raw := intake.Answers{q.Uses.Areas: body.Areas}
	for id, agreed := range map[string]bool{q.Uses.Privacy: body.Consents.Privacy, q.Uses.Cancellation: body.Consents.Cancellation} {
		if agreed {
			raw[id] = []string{intake.Agreed}
		}
	}
	answers, more := q.CheckSection(q.Booking, raw, nil, q.FactsOf(patient, clinic.Details{Answers: raw}, clinic.DateOf(slot.StartsAt, loc)))
	for _, e := range more {
		switch e.Field {
		case q.Uses.Areas:
			e.Field = "areas"
		case q.Uses.Privacy:
			e.Field = "consents.privacy"
		case q.Uses.Cancellation:
			e.Field = "consents.cancellation"
		case q.Uses.Guardian:
			e.Field, e.Message = "birth_date", "error.guardian.online"
		default:
			continue
		}
		errs = append(errs, e)
	}
	details := clinic.Details{
		Answers: answers, Attribution: clinic.CleanAttribution(clinic.Attribution{Article: body.Source.Article, Campaign: body.Source.Campaign}, nil),
		Consents: q.Consents(answers, view.TermsVersion, a.Now().UTC()),
	}
	return clinic.Request{SlotID: slot.ID, Patient: patient, Details: details, QuestionnaireVersion: q.Version, Key: call.Key}, errs
}

// splitDate hands an ISO day to the rule that reads birth dates. Anything else goes on in pieces that the rule refuses.
func splitDate(s string) (year, month, day string) {
	if s == "" {
		return "", "", ""
	}
	if len(s) == len(time.DateOnly) && s[4] == '-' && s[7] == '-' && strings.Trim(s[:4], "0123456789") == "" {
		return s[:4], s[5:7], s[8:]
	}
	return s, "-", "-"
}
