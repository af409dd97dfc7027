package web

// Word is what people call a code of the rules: a booking's status "booked" is 確定. Its key is word.KIND.CODE; a test goes
// over every constant of clinic and intake that is shown, so that none is without a word.
func (l Locale) Word(kind, code string) string { return l.T("word." + kind + "." + code) }
