package clinic

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Wish is when somebody on the telephone would like to come, and to whom. The zero Wish is any time and any doctor.
type Wish struct {
	First, Last Date           // the days, both included; zero where any
	Weekdays    []time.Weekday // none for any
	From, Until Clock          // the begin of the counseling is not before From, and before Until; 0 for any
	At          Clock          // the begin itself, or else what is nearest; -1 for any
	Sex         Sex            // of the doctor; "" for any
	DoctorIDs   []string       // of doctors who were named; none for any
	Unread      []string       // what was typed and not understood, word by word

	since bool // From was typed as the begin of a span, which a time may end
}

// ParseWish reads a wish as people say it: 土曜の午後, 来週 女性, 12/3 15時, 明日 午前, 14時以降, or a doctor's name. today is the day at the branch.
// What it cannot read is in Unread, and does not count.
func ParseWish(typed string, today Date, doctors []Doctor) Wish {
	w := Wish{At: -1}
	text := strings.ToLower(hiragana(Narrow(typed)))
	var unread strings.Builder
	flush := func() {
		word := strings.TrimSpace(unread.String())
		if stem := strings.TrimRight(word, "のにはをで"); stem != "" {
			word = stem
		}
		if word != "" {
			w.Unread = append(w.Unread, word)
		}
		unread.Reset()
	}
	for text != "" {
		if rest, ok := strings.CutPrefix(text, " "); ok {
			flush()
			text = rest
			continue
		}
		if unread.Len() == 0 || !startsInWord(text, unread.String()) {
			if rest, ok := w.readOne(text, today, doctors, unread.Len() == 0); ok {
				flush()
				text = rest
				continue
			}
		}
		r := []rune(text)[0]
		unread.WriteRune(r)
		text = text[len(string(r)):]
	}
	flush()
	w.Unread = slices.DeleteFunc(w.Unread, func(word string) bool { return slices.Contains(wishFill, word) })
	w.since = false
	return w
}

// startsInWord reports whether a text goes on with the Latin letters or digits of what stands before it: no word begins there.
func startsInWord(text, before string) bool {
	last, next := []rune(before), []rune(text)
	a, b := last[len(last)-1], next[0]
	isLatin := func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }
	return isLatin(a) && isLatin(b) || unicode.IsDigit(a) && unicode.IsDigit(b)
}

// hiragana writes katakana as hiragana, so that both are read alike; half-width ones as well.
func hiragana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, Katakana(s))
}

// readOne reads one thing at the beginning of a text. begins says that no word that was not understood goes on there.
func (w *Wish) readOne(text string, today Date, doctors []Doctor, begins bool) (rest string, ok bool) {
	if rest, ok := w.readDoctor(text, doctors); ok {
		return rest, true
	}
	if rest, ok := w.readDate(text, today); ok {
		return rest, true
	}
	if rest, ok := w.readClock(text); ok {
		return rest, true
	}
	for _, word := range wishWords {
		for _, spelled := range word.words {
			if rest, found := strings.CutPrefix(text, spelled); found && !(isLatinWord(spelled) && rest != "" && startsInWord(rest, spelled)) {
				word.add(w, today)
				return rest, true
			}
		}
	}
	for _, filler := range wishFill {
		rest, found := strings.CutPrefix(text, filler)
		if !found || isLatinWord(filler) && rest != "" && startsInWord(rest, filler) {
			continue
		}
		if len([]rune(filler)) == 1 && !begins {
			continue
		}
		if len([]rune(filler)) == 1 && rest != "" && rest[0] != ' ' { // one sign may be the beginning of a name
			ahead := Wish{}
			if _, ok := ahead.readOne(rest, today, doctors, true); !ok {
				continue
			}
		}
		return rest, true
	}
	// A weekday alone: 土, but not where it begins another word.
	for i, sign := range []rune("日月火水木金土") {
		if rest, found := strings.CutPrefix(text, string(sign)); found && (rest == "" || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "の") || strings.ContainsRune("日月火水木金土・,、か", []rune(rest)[0])) {
			w.addWeekdays(time.Weekday(i))
			return rest, true
		}
	}
	return text, false
}

func isLatinWord(s string) bool { return s != "" && s[0] < 0x80 && unicode.IsLetter(rune(s[0])) }

// Fits reports whether a slot, whose doctor is known, is what was wished for. One that begins at another time of the day than w.At
// fits as well, if less than an hour away.
func (w Wish) Fits(s Slot, doctor Doctor, loc *time.Location) bool {
	day := DateOf(s.StartsAt, loc)
	at := Clock(minuteOfDay(s.StartsAt, loc))
	switch {
	case !w.First.IsZero() && day.Before(w.First), !w.Last.IsZero() && w.Last.Before(day):
	case len(w.Weekdays) > 0 && !slices.Contains(w.Weekdays, day.Weekday()):
	case at < w.From, w.Until != 0 && at >= w.Until:
	case w.At >= 0 && (at <= w.At-60 || at >= w.At+60):
	case w.Sex != "" && doctor.Sex != w.Sex:
	case len(w.DoctorIDs) > 0 && !slices.Contains(w.DoctorIDs, doctor.ID):
	default:
		return true
	}
	return false
}

// Any reports whether nothing is wished for.
func (w Wish) Any() bool {
	return w.First.IsZero() && len(w.Weekdays) == 0 && w.From == 0 && w.Until == 0 && w.At < 0 && w.Sex == "" && len(w.DoctorIDs) == 0
}
