package intake

// Lost is something of an imported file that could not be taken over into the draft.
type Lost struct {
	What     LostKind `json:"what"`
	Item     string   `json:"item"`               // as the file calls it
	Label    string   `json:"label,omitempty"`    // what it asks or says there
	Question string   `json:"question,omitempty"` // what it became in the draft; empty where it is not there
	Detail   string   `json:"detail,omitempty"`   // of it: the name of an extension
}

// LostKind says what of it.
type LostKind string

// What can be lost.
const (
	LostText      LostKind = "text"      // a text between questions
	LostItem      LostKind = "item"      // a question of a kind that cannot be asked here, such as one for a file
	LostAnswer    LostKind = "answer"    // a date, a time or an address is answered as free text
	LostOther     LostKind = "other"     // the free answer beside the options
	LostOption    LostKind = "option"    // an option that is no text, such as a date
	LostOptions   LostKind = "options"   // options that stand in a list elsewhere
	LostCondition LostKind = "condition" // when it is asked
	LostGroup     LostKind = "group"     // a group within a group, whose questions are asked on the same page
	LostInitial   LostKind = "initial"   // what is filled in already
	LostLength    LostKind = "length"    // how long the answer may be
	LostExtension LostKind = "extension" // Detail: an extension that is not known here
)

// MaxLost is how much that was lost is told.
const MaxLost = 300
