package main

import (
	"fmt"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

type showAbilities struct{}

// Run prints who may do what.
func (showAbilities) Run(p *program) error {
	_, err := fmt.Fprint(p.stdout, abilityTable())
	return err
}

// abilitySays is what an ability is, for people. A new one without a sentence fails the test of the table.
var abilitySays = map[clinic.Ability]string{
	clinic.SeeCalendar:   "see the calendar, bookings and how patients are reached",
	clinic.ChangeBooking: "book, move and cancel, take steps of a visit, send letters, close and open slots",
	clinic.ReadAnswers:   "read the medical answers and cautions of the appointments that are their own, and write notes",
	clinic.SignCautions:  "change the cautions and sign them",
	clinic.ManageClinic:  "manage branches, doctors, hours and slots; what is the whole clinic's only where they belong to every branch",
	clinic.SeeAudit:      "see who saw and changed what",
}

// abilityTable is the table of abilities and roles as Markdown, from the one list that the program asks.
func abilityTable() string {
	var b strings.Builder
	l := web.Find("ja")
	b.WriteString("| ability |")
	for _, role := range clinic.Roles {
		fmt.Fprintf(&b, " %s (%s) |", role, l.Word("role", string(role)))
	}
	b.WriteString(" what it allows |\n| --- |" + strings.Repeat(" --- |", len(clinic.Roles)) + " --- |\n")
	for _, ability := range clinic.Abilities {
		fmt.Fprintf(&b, "| `%s` |", ability)
		for _, role := range clinic.Roles {
			word := "–"
			switch {
			case role.Has(ability) && ability == clinic.SeeAudit: // an entry need not be of a branch
				word = "who has every branch"
			case role.Has(ability):
				word = "own branches"
			}
			fmt.Fprintf(&b, " %s |", word)
		}
		b.WriteString(" " + abilitySays[ability] + " |\n")
	}
	return b.String()
}
