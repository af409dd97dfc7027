package clinic

import "time"

// MaxMemo is the longest memo, in characters.
const MaxMemo = 1000

// Memo (メモ) is what the front desk wrote down about a booking or about a patient: for the desk only, never in a letter. It is
// sealed where it is stored.
type Memo struct {
	Text      string
	Revision  int // how often it was saved; 0 where nobody has written one
	UpdatedAt time.Time
	UpdatedBy string // the id of a member of staff; "" for none
}

// CheckMemo tidies a memo as it was typed. An empty one is no memo.
func CheckMemo(typed string) (string, Errors) {
	text := TidyText(typed)
	return text, checkText(nil, "memo", text, MaxMemo)
}
