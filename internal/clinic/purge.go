package clinic

import "time"

// LetterKept is how long the content of a letter is kept after the counseling that it is about has ended, or after it was due where that is
// later: long enough for questions about it. That it was sent, when and of what kind stays.
const LetterKept = 30 * 24 * time.Hour

// LettersOver is the instant at or before which a counseling has ended, and a letter about it was due, whose content is erased now.
func LettersOver(now time.Time) time.Time { return now.Add(-LetterKept) }

// Over reports whether a letter's content is erased now. ends is when the counseling ends, cancelled or not; zero for a letter that is about none.
// One that is to be sent is kept.
func (l Letter) Over(ends, now time.Time) bool {
	last := LettersOver(now)
	return l.Status != LetterWaiting && l.Status != LetterSending && !ends.After(last) && !l.DueAt.After(last)
}
