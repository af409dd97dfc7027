package clinic

// NoteField is a field of a note, or of a finding, as a form names it.
type NoteField string

// The fields. The first six are those of a Finding.
const (
	FieldFat       NoteField = "fat"
	FieldMuscle    NoteField = "muscle"
	FieldSagging   NoteField = "sagging"
	FieldThickness NoteField = "thickness"
	FieldSkin      NoteField = "skin"
	FieldPain      NoteField = "pain"
	FieldOther     NoteField = "other"
	FieldExplained NoteField = "explained"
	FieldWish      NoteField = "wish"
	FieldProposal  NoteField = "proposal"
	FieldNext      NoteField = "next"
	FieldAsk       NoteField = "ask"
	FieldReason    NoteField = "reason"
)

// FatFound is how much fat was found.
type FatFound string

// The amounts of fat.
const (
	FatLittle FatFound = "little"
	FatMiddle FatFound = "middle"
	FatMuch   FatFound = "much"
)

// MuscleFound is how strong the muscle is.
type MuscleFound string

// The strengths.
const (
	MuscleWeak   MuscleFound = "weak"
	MuscleEven   MuscleFound = "even"
	MuscleStrong MuscleFound = "strong"
)

// SaggingFound is how far the skin sags, as the doctor finds.
type SaggingFound string

// The degrees of sagging.
const (
	SaggingNone   SaggingFound = "none"
	SaggingLight  SaggingFound = "light"
	SaggingMiddle SaggingFound = "middle"
	SaggingStrong SaggingFound = "strong"
)

// SkinFound is how the skin looks.
type SkinFound string

// What is found on the skin.
const (
	SkinClear   SkinFound = "clear"
	SkinDry     SkinFound = "dry"
	SkinRed     SkinFound = "red"
	SkinRash    SkinFound = "rash"
	SkinWound   SkinFound = "wound"
	SkinScar    SkinFound = "scar"
	SkinPigment SkinFound = "pigment"
	SkinOther   SkinFound = "other"
)

// FindingWords are the words for what was found, by the field of a Finding, in their order.
var FindingWords = map[NoteField][]string{
	FieldFat:     wordsOf(FatLittle, FatMiddle, FatMuch),
	FieldMuscle:  wordsOf(MuscleWeak, MuscleEven, MuscleStrong),
	FieldSagging: wordsOf(SaggingNone, SaggingLight, SaggingMiddle, SaggingStrong),
	FieldSkin:    wordsOf(SkinClear, SkinDry, SkinRed, SkinRash, SkinWound, SkinScar, SkinPigment, SkinOther),
}

// FindingFields are the fields of a Finding, in their order.
var FindingFields = []NoteField{FieldFat, FieldMuscle, FieldSagging, FieldThickness, FieldSkin, FieldPain}

// AlwaysToExplain is what every note has a box for. Whoever ticks none is asked once more, and refused nothing.
type AlwaysToExplain string

// What is always to be explained.
const (
	ExplainContent AlwaysToExplain = "content"
	ExplainCost    AlwaysToExplain = "cost"
	ExplainRisk    AlwaysToExplain = "risk"
	ExplainOthers  AlwaysToExplain = "other_ways"
	ExplainNothing AlwaysToExplain = "doing_nothing"
)

// AlwaysExplained are those boxes in their order.
var AlwaysExplained = wordsOf(ExplainContent, ExplainCost, ExplainRisk, ExplainOthers, ExplainNothing)

// NoteNext is how it goes on.
type NoteNext string

// The ways in which it may go on.
const (
	NextNone    NoteNext = "none"
	NextMonth   NoteNext = "month1"
	NextQuarter NoteNext = "month3"
	NextDay     NoteNext = "day"
)

// NoteNexts are they in their order.
var NoteNexts = wordsOf(NextNone, NextMonth, NextQuarter, NextDay)

// NoteAsk is what somebody else is asked for.
type NoteAsk string

// What is asked of the front desk, and of the patient's own physician.
const (
	AskBooking   NoteAsk = "booking"
	AskPhysician NoteAsk = "physician"
)

// NoteAsks are they in their order.
var NoteAsks = wordsOf(AskBooking, AskPhysician)

func wordsOf[W ~string](words ...W) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
