package clinic

import "slices"

// ActorKind says on whose behalf something is done.
type ActorKind string

// The kinds of actors.
const (
	ActorVisitor ActorKind = "visitor" // a browser on the patients' pages
	ActorPatient ActorKind = "patient" // whoever has the link of a booking
	ActorStaff   ActorKind = "staff"   // a person of the clinic who has signed in
	ActorAPI     ActorKind = "api"     // a program that calls the JSON API
	ActorJob     ActorKind = "job"     // the worker, or a command of whoever runs the server
)

// Actor is who asks for something. Every method of the store that a person causes takes one, so that what is theirs is
// part of the query.
type Actor struct {
	Kind   ActorKind
	Staff  Staff  // of an ActorStaff
	Key    APIKey // of an ActorAPI; zero for one who only reads
	Token  string // the cookie of an ActorVisitor, the link's token of an ActorPatient, or the call of an ActorStaff; "" where there is none
	Client string // the network address that limits are counted by; "" where there is none
	Name   string // of an ActorJob

	Waiting string // the id of their place in line, while they take the slot that was offered to them
}

// Visitor is the browser with a cookie at a network address.
func Visitor(cookie, client string) Actor {
	return Actor{Kind: ActorVisitor, Token: cookie, Client: client}
}

// PatientByLink is whoever has the link with a token. Which booking it opens, if any, the store knows.
func PatientByLink(token string) Actor { return Actor{Kind: ActorPatient, Token: token} }

// PatientAt is PatientByLink at a network address, by which holds are limited.
func PatientAt(token, client string) Actor {
	return Actor{Kind: ActorPatient, Token: token, Client: client}
}

// StaffActor is a member of staff who has signed in.
func StaffActor(s Staff) Actor { return Actor{Kind: ActorStaff, Staff: s} }

// OnCall is a member of staff while they speak with somebody: call tells the forms of their calls apart.
func OnCall(a Actor, call string) Actor {
	a.Token = call
	return a
}

// API is a program that calls the JSON API with a key. What it books is counted by the key, because its network address is
// that of all its people.
func API(key APIKey) Actor {
	a := Actor{Kind: ActorAPI, Key: key}
	if key.ID != "" {
		a.Client = "api:" + key.ID
	}
	return a
}

// Limited reports whether the limits on bookings count for the actor: for everybody but staff and jobs.
func (a Actor) Limited() bool { return a.Kind != ActorStaff && a.Kind != ActorJob }

// Job is the worker or a command, by its name. Whoever can start one has the database and the keys, so it may do anything.
func Job(name string) Actor { return Actor{Kind: ActorJob, Name: name} }

// May reports whether the actor may do something at a branch. A doctor's answers are more than this allows: which charts a
// doctor may read is decided by the doctor of the appointment.
func (a Actor) May(ability Ability, branchID string) bool {
	switch a.Kind {
	case ActorJob:
		return true
	case ActorStaff:
		return a.Staff.Can(ability) && (a.Staff.EveryBranch || slices.Contains(a.Staff.Branches, branchID))
	case ActorVisitor, ActorPatient, ActorAPI:
	}
	return false
}

// MayEverywhere reports whether the actor may do something at every branch, those to come included. What belongs to the
// clinic as a whole is for them.
func (a Actor) MayEverywhere(ability Ability) bool {
	_, every := a.BranchesFor(ability)
	return every
}

// BranchesFor are the ids of the branches at which the actor may do something; every says that it is all of them, those
// to come included.
func (a Actor) BranchesFor(ability Ability) (ids []string, every bool) {
	switch {
	case a.Kind == ActorJob:
		return nil, true
	case a.Kind != ActorStaff || !a.Staff.Can(ability):
		return nil, false
	}
	return a.Staff.Branches, a.Staff.EveryBranch
}

// Holder is how the actor's claim on a slot is known; nil for one who has no hold.
func (a Actor) Holder() []byte {
	switch {
	case a.Token == "":
	case a.Kind == ActorVisitor:
		return TokenHash(a.Token)
	case a.Kind == ActorStaff:
		return TokenHash("staff " + a.Staff.ID + " " + a.Token)
	case a.Kind == ActorPatient: // whatever the visitor holds besides, for another booking
		return TokenHash("link " + a.Token)
	}
	return nil
}

// DeskHolder is how a hold of a slot is known that a member of staff took at the front desk, for a caller who thinks it over; nil for
// anybody else. They hold as many slots as they like, and each of them is theirs to book.
func (a Actor) DeskHolder(slotID string) []byte {
	if a.Kind != ActorStaff || a.Staff.ID == "" {
		return nil
	}
	return TokenHash("desk " + a.Staff.ID + " " + slotID)
}

// OfferHolder is how the claim is known of the slot that is offered to somebody who waits.
func OfferHolder(waitingID string) []byte { return TokenHash("waiting " + waitingID) }

// String names the actor without personal data, for logs and for what is recorded of a change: "visitor", "staff:ID",
// "api:ID", "job:purge".
func (a Actor) String() string {
	switch a.Kind {
	case ActorStaff:
		return string(a.Kind) + ":" + a.Staff.ID
	case ActorAPI:
		return string(a.Kind) + ":" + a.Key.ID
	case ActorJob:
		return string(a.Kind) + ":" + a.Name
	case ActorVisitor, ActorPatient:
	}
	return string(a.Kind)
}
