package office

import (
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web/ui"
)

// What the codes of the rules look like. What is not named here is plain.

var statusTag = map[clinic.Status]ui.TagKind{
	clinic.Pending:    ui.TagCheck,
	clinic.Booked:     ui.TagInfo,
	clinic.Arrived:    ui.TagDone,
	clinic.InProgress: ui.TagDone,
	clinic.NoShow:     ui.TagStop,
}

var letterTag = map[clinic.LetterStatus]ui.TagKind{
	clinic.LetterWaiting: ui.TagInfo,
	clinic.LetterSending: ui.TagInfo,
	clinic.LetterSent:    ui.TagDone,
	clinic.LetterFailed:  ui.TagStop,
	clinic.LetterHeld:    ui.TagCheck,
	clinic.LetterBounced: ui.TagStop,
}

var severityTag = map[intake.Severity]ui.TagKind{
	intake.Block:  ui.TagStop,
	intake.Doctor: ui.TagCheck,
	intake.Note:   ui.TagInfo,
}

// severityClass is the class that colours what has a severity.
var severityClass = map[intake.Severity]string{
	intake.Block:  "hold",
	intake.Doctor: "check",
	intake.Note:   "note",
}
