package store

import (
	"context"
	"slices"
	"time"

	"madoguchi/internal/clinic"
)

// Origin is what is known of where a request came from.
type Origin struct {
	Client  string // the network
	Request string // the request's id
}

type originKey struct{}

// WithOrigin says where the request came from that a context belongs to, so that what is written in its course says it as well.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

func originOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// unnoted are the operations that leave no entry in the audit log, each with its reason. Every other leaves one, whoever causes it.
var unnoted = map[string]string{
	"Hold":                 "a visitor of whom nothing is known looks at a time",
	"HoldInstead":          "as Hold",
	"HoldForMove":          "as Hold; that the booking was moved is written down",
	"Typed":                "as Hold",
	"Release":              "as Hold",
	"SignedIn":             "it is when a session was used last; what was done with it has its own entries",
	"TrySignIn":            "it counts an attempt; what came of it is written down then",
	"PassSignIn":           "as TrySignIn",
	"trySecond":            "as TrySignIn",
	"BeginSignIn":          "a password was right; whether somebody is in is written down once they have shown the rest",
	"ProveSession":         "somebody has shown again who they are; what they did then has its own entries",
	"AskForPasskey":        "a browser is asked for a passkey; what came of it is written down",
	"TakeQuestion":         "as AskForPasskey",
	"BeginApp":             "an app is shown its secret; it is written down once it counts",
	"ReadHandover":         "that the chart was read is written down",
	"HasNoteOpen":          "a screen says by itself that it is still open; that the note was read is written down",
	"PublishQuestionnaire": "the program brings it along; when it was published stands with it",
	"SeedSettings":         "the program begins with them",
	"MarkDemo":             "it is about an invented clinic",
	"Beat":                 "it is about a worker",
	"ClaimLetter":          "what became of a letter stands with the letter",
	"RecoverLeases":        "as ClaimLetter",
	"LetterSent":           "as ClaimLetter",
	"LetterFailed":         "as ClaimLetter",
	"LetterBounced":        "as ClaimLetter",
	"WriteDue":             "as ClaimLetter",
	"TellFailed":           "as ClaimLetter",
	"PurgeLetters":         "as ClaimLetter",
	"Offer":                "what was offered to whom, and what came of it, stands with their place in line",
	"EndOffers":            "as Offer",
	"EndWaits":             "as Offer",
	"LayHours":             "it lays what somebody has drawn; who drew it is written down",
	"FillTerms":            "it is how somebody is found, and nothing about them",
	"KeepSteps":            "it counts visitors of whom nothing is known",
	"KeepForms":            "as KeepSteps",
	"SendCode":             "as Hold; what is booked with it is written down",
	"Reseal":               "what is sealed is sealed anew and says the same; that keys were given up is written down",
	"ForgetOldTerms":       "as Reseal",
	"LeaveKeys":            "it is about a worker",
	"ForgetImports":        "a file that nobody has taken over is thrown away; who had sent it is written down",
	"Purge":                "what has served is thrown away: ended sessions, counts, holds",
	"ChainAudit":           "it is about this log",
}

// Operations are those that leave an entry in the audit log, in the order in which people choose from them.
var Operations = []clinic.AuditAction{
	BookOp, "Move", "MoveOwn", "MoveBack", "AcceptMove", "Cancel", "CancelOwn", "CancelTogether", "Step", "StepBack", "Restore", "KeepBookings",
	"CorrectContact", "CorrectEmail", "CorrectPatient", "SpeakTo", "CloseOnline", "MergePatients", "UndoMerge", "SaveBookingMemo", "SavePatientMemo", "AskErasure", "SettleErasure", "Erase", "EndKept", "PurgeOver", "Prove", "GiveTries", "AskForLink", "AnswerLost",
	"Resend", "SettleLetter",
	"GetInLine", "Leave", "LeaveWith", "TakeOutOfLine", "OfferByHand", "WithdrawOffer", "DeclineOffer",
	"AnswerIntake", "MarkRead", "MarkUnread", "ReleaseHold", "WithdrawRelease", "SaveDraft", "DropNoteDraft", "SignNote", "CorrectNote", "HandOver", "TakeBackHandover", "SavePhrases",
	"AddSlots", "CloseSlot", "CloseSlots", "OpenSlots", "OfferSlots", "HoldAtDesk", "HoldForCaller", "ReleaseSlot", "SaveWeek", "SaveWeeks", "AddException", "RemoveException", "SaveHolidays",
	"BeginDraft", "EditDraft", "DropDraft", "PublishDraft", "ChangeCaution", "SignCautions",
	"ChangeSettings", "SaveBranch", "SetBranchPhoto", "MoveBranch", "StopOnline", "SaveDoctor", "SetDoctorPhoto", "MoveDoctor", "SaveLetterWording", "SendTextTrial", "SendTrial", "KeepImport", "RunImport", "EndImport",
	"EndSession", "EndSessions", "AddStaff", "SaveAccount", "NewStaffLink", "ChoosePassword", "ChangePassword", "SetAccountActive", "UnlockAccount", "ConfirmApp", "RemoveApp", "AddPasskey", "RenamePasskey", "RemovePasskey", "RefusePasskey", "NewRecovery",
	"RemoveSecondFactors", "RetireKeys", "AddAPIKey", "RevokeAPIKey", "PurgeAudit",
}

// seldom are the operations by which a page saves what is being typed again and again. The first of some minutes is written down.
var seldom = map[string]bool{"SaveDraft": true, "SaveBookingMemo": true, "SavePatientMemo": true, "AnswerIntake": true, "EditDraft": true, "SavePhrases": true}

// noted is what a change leaves in the audit log, as far as it differs from entry to entry.
type noted struct {
	action clinic.AuditAction // "" for the operation
	of     clinic.Subject
	result string // "" for clinic.AuditDone
	route  string
	once   bool // also when the action itself is not one that repeats
}

// about says about whom, or what, a change is. A change that does not say it leaves an entry that does not say it either.
func (c *change) about(of ...clinic.Subject) {
	for _, s := range of {
		c.noted = append(c.noted, noted{of: s})
	}
}

// aboutBooking is about the patient of a booking, whoever that is when the change is done.
func (c *change) aboutBooking(ids ...string) {
	for _, id := range ids {
		c.about(clinic.Subject{Booking: id})
	}
}

func (c *change) aboutPatient(ids ...string) {
	for _, id := range ids {
		c.about(clinic.Subject{Patient: id})
	}
}

// aboutStaff is about an account.
func (c *change) aboutStaff(id string) { c.about(clinic.Subject{Staff: id}) }

func (c *change) aboutBranch(id string) { c.about(clinic.Subject{Branch: id}) }

// aboutWaiting is about somebody's place in line, and about the booking with which they wait, if they have one.
func (c *change) aboutWaiting(w clinic.Waiting) {
	c.about(clinic.Subject{Branch: w.BranchID, Booking: w.BookingID})
}

// came says what came of what the change is about, where that is not that it was done.
func (c *change) came(result clinic.Code) {
	if len(c.noted) == 0 {
		c.about(clinic.Subject{})
	}
	for i := range c.noted {
		c.noted[i].result = string(result)
	}
}

// note writes what the change leaves in the audit log, in its transaction. It is the one place in which an entry is made.
func (c *change) note() error {
	if c.nothing || unnoted[c.op] != "" || !audited {
		return nil
	}
	if len(c.noted) == 0 {
		c.about(clinic.Subject{})
	}
	var rows []auditRow
	for _, n := range c.noted {
		e, err := c.entry(n)
		if err != nil {
			return err
		}
		row, err := c.store.auditRow(e)
		if err != nil {
			return err
		}
		if n.once || seldom[c.op] || e.Repeats() {
			row.Once = e.Once()
		}
		rows = append(rows, row)
	}
	return c.insertEntries(rows)
}

// noteRefusal writes into the audit log that somebody of the clinic, or a program of theirs, wanted to change something and was refused, in a
// transaction of its own, because that of the change was undone. It returns the refusal. What was mistyped is none; whoever is not allowed to is denied
// by the page, which writes that down (see Denied).
func (s *Store) noteRefusal(ctx context.Context, c *change, refusal error) error {
	op, about, code := c.op, c.noted, clinic.CodeOf(refusal)
	if len(about) == 0 || c.actor.Kind != clinic.ActorStaff && c.actor.Kind != clinic.ActorAPI {
		return refusal
	}
	switch code {
	case "", clinic.Invalid, clinic.NotFound, clinic.Forbidden, clinic.Unauthorized, clinic.Unavailable, clinic.Busy:
		return refusal
	default:
	}
	err := s.change(ctx, "NoteRefusal", c.actor, func(tx *change) error {
		tx.op, tx.noted = op, slices.Clone(about)
		tx.came(code)
		return nil
	})
	if err != nil {
		return err
	}
	return refusal
}

func (c *change) entry(n noted) (clinic.AuditEntry, error) {
	e := clinic.AuditEntry{
		ID: clinic.NewIDAt(c.now), At: c.now, Kind: c.actor.Kind, Action: n.action, Subject: n.of, Result: n.result, Route: n.route,
		Request: c.origin.Request, From: c.origin.Client,
	}
	switch c.actor.Kind {
	case clinic.ActorStaff:
		e.Who, e.Role = c.actor.Staff.ID, c.actor.Staff.Role
	case clinic.ActorAPI:
		e.Who = c.actor.Key.ID
	case clinic.ActorJob:
		e.Who = c.actor.Name
	case clinic.ActorVisitor, clinic.ActorPatient:
	}
	if e.Action == "" {
		e.Action = clinic.AuditAction(c.op)
	}
	if e.Result == "" {
		e.Result = clinic.AuditDone
	}
	if e.Booking == "" || e.Patient != "" {
		return e, nil
	}
	var of struct {
		BranchID, PatientID, Zone string
		StartsAt                  time.Time
	}
	err := one(c.Raw(`SELECT s.branch_id, b.patient_id, br.zone, s.starts_at FROM bookings b JOIN slots s ON s.id = b.slot_id
		JOIN branches br ON br.id = s.branch_id WHERE b.id = `+aText, e.Booking), &of)
	if clinic.CodeOf(err) == clinic.NotFound {
		return e, nil
	}
	day := clinic.DateOf(of.StartsAt, clinic.Branch{Zone: of.Zone}.Location())
	e.Branch, e.Patient, e.First, e.Last = of.BranchID, of.PatientID, day, day
	return e, err
}
