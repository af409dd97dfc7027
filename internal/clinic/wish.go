package clinic

import (
	"slices"
	"strconv"
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

// wishWord is a word that people say, and what it adds to a wish. Longer words stand before those they begin with.
type wishWord struct {
	words []string
	add   func(w *Wish, today Date)
}

func weekday(day time.Weekday) func(*Wish, Date) {
	return func(w *Wish, _ Date) { w.addWeekdays(day) }
}

func days(first, last int) func(*Wish, Date) {
	return func(w *Wish, today Date) { w.First, w.Last = today.AddDays(first), today.AddDays(last) }
}

func clock(from, until Clock) func(*Wish, Date) {
	return func(w *Wish, _ Date) { w.From, w.Until = from, until }
}

// week is the days of a week after this one, Monday to Sunday; of this week they begin today.
func week(after int) func(*Wish, Date) {
	return func(w *Wish, today Date) {
		monday := today.AddDays(-(int(today.Weekday())+6)%7 + 7*after)
		w.First, w.Last = monday, monday.AddDays(6)
		if w.First.Before(today) {
			w.First = today
		}
	}
}

func month(after int) func(*Wish, Date) {
	return func(w *Wish, today Date) {
		first := Date{today.Year, today.Month, 1}
		for range after {
			first = DateOf(first.utc().AddDate(0, 1, 0), time.UTC)
		}
		w.First, w.Last = first, DateOf(first.utc().AddDate(0, 1, -1), time.UTC)
		if w.First.Before(today) {
			w.First = today
		}
	}
}

// weekEnd is Saturday and Sunday.
func weekEnd(w *Wish, _ Date) { w.addWeekdays(time.Saturday, time.Sunday) }

func workingDays(w *Wish, _ Date) {
	w.addWeekdays(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
}

func (w *Wish) addWeekdays(days ...time.Weekday) {
	for _, d := range days {
		if !slices.Contains(w.Weekdays, d) {
			w.Weekdays = append(w.Weekdays, d)
		}
	}
}

func doctorOfSex(sex Sex) func(*Wish, Date) { return func(w *Wish, _ Date) { w.Sex = sex } }

// midday divides the day.
const midday Clock = 12 * 60

var wishWords = []wishWord{
	{[]string{"再来週", "さ来週", "さらいしゅう", "さらい週"}, week(2)},
	{[]string{"来週", "らいしゅう", "next week"}, week(1)},
	{[]string{"今週", "こんしゅう", "this week"}, week(0)},
	{[]string{"再来月", "さらいげつ"}, month(2)},
	{[]string{"来月", "らいげつ", "next month"}, month(1)},
	{[]string{"今月", "こんげつ", "this month"}, month(0)},
	{[]string{"明々後日", "明明後日", "しあさって"}, days(3, 3)},
	{[]string{"明後日", "あさって"}, days(2, 2)},
	{[]string{"明日", "あした", "あす", "tomorrow"}, days(1, 1)},
	{[]string{"本日", "今日", "きょう", "today"}, days(0, 0)},
	{[]string{"土日", "週末", "weekend"}, weekEnd},
	{[]string{"平日", "weekdays", "weekday"}, workingDays},
	{[]string{"月曜日", "月曜", "げつようび", "げつよう", "monday", "mon", "(月)"}, weekday(time.Monday)},
	{[]string{"火曜日", "火曜", "かようび", "かよう", "tuesday", "tue", "(火)"}, weekday(time.Tuesday)},
	{[]string{"水曜日", "水曜", "すいようび", "すいよう", "wednesday", "wed", "(水)"}, weekday(time.Wednesday)},
	{[]string{"木曜日", "木曜", "もくようび", "もくよう", "thursday", "thu", "(木)"}, weekday(time.Thursday)},
	{[]string{"金曜日", "金曜", "きんようび", "きんよう", "friday", "fri", "(金)"}, weekday(time.Friday)},
	{[]string{"土曜日", "土曜", "どようび", "どよう", "saturday", "sat", "(土)"}, weekday(time.Saturday)},
	{[]string{"日曜日", "日曜", "にちようび", "にちよう", "sunday", "sun", "(日)"}, weekday(time.Sunday)},
	{[]string{"午前中", "午前", "ごぜん", "朝", "morning"}, clock(0, midday)},
	{[]string{"午後", "ごご", "昼過ぎ", "昼すぎ", "afternoon"}, clock(midday, 0)},
	{[]string{"夕方", "夕", "夜", "仕事帰り", "evening"}, clock(EveningHour*60, 0)},
	{[]string{"女性医師", "女性の先生", "女性の医師", "女医さん", "女医", "女の先生", "女性", "woman", "female"}, doctorOfSex(Female)},
	{[]string{"男性医師", "男性の先生", "男性の医師", "男の先生", "男性", "male"}, doctorOfSex(Male)},
	{[]string{"いつでも", "どなたでも", "誰でも", "だれでも", "any"}, func(*Wish, Date) {}},
}

// wishFill are the words between others that say nothing.
var wishFill = []string{"の中で", "ごろ", "頃", "くらい", "ぐらい", "あたり", "がいい", "が良い", "でも", "なら", "さん", "先生", "医師", "希望", "で", "の", "に", "は", "が", "か", "と", "を", "at", "on", "dr", "、", ",", "・", "。", "."}

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

// readDoctor reads a doctor's name, or the family name of several of the same: as it is written, or as it is read.
func (w *Wish) readDoctor(text string, doctors []Doctor) (rest string, ok bool) {
	best := 0
	var ids []string
	consider := func(name string, d Doctor) {
		name = strings.ToLower(hiragana(Narrow(name)))
		if len([]rune(name)) < 2 && !strings.HasPrefix(strings.TrimPrefix(text, name), "先生") && !strings.HasPrefix(strings.TrimPrefix(text, name), "医師") {
			return // one sign may be the beginning of anything
		}
		after, found := strings.CutPrefix(text, name)
		switch {
		case name == "" || !found || isLatinWord(name) && after != "" && startsInWord(after, name):
		case len(name) > best:
			best, ids = len(name), []string{d.ID}
		case len(name) == best && !slices.Contains(ids, d.ID):
			ids = append(ids, d.ID)
		}
	}
	for _, d := range doctors {
		for _, name := range []string{
			d.FamilyName + d.GivenName, d.FamilyName + " " + d.GivenName, d.FamilyName, d.FamilyKana + d.GivenKana, d.FamilyKana + " " + d.GivenKana, d.FamilyKana, d.NameEn,
		} {
			consider(name, d)
		}
	}
	if best == 0 {
		return text, false
	}
	for _, id := range ids {
		if !slices.Contains(w.DoctorIDs, id) {
			w.DoctorIDs = append(w.DoctorIDs, id)
		}
	}
	return text[best:], true
}

// readDate reads 12/3, 12月3日, 2026/12/3, 2026-12-03, 3日, 12月. A day without a year is the next one of its name.
func (w *Wish) readDate(text string, today Date) (rest string, ok bool) {
	first, after, ok := number(text)
	if !ok {
		return text, false
	}
	set := func(day Date, rest string) (string, bool) {
		w.First, w.Last = day, day
		return rest, true
	}
	if sep, tail, found := cutAny(after, "年", "/", "-", "月", "日"); found {
		switch sep {
		case "日":
			for day := today; day.Before(today.AddDays(62)); day = day.AddDays(1) {
				if day.Day == first {
					return set(day, tail)
				}
			}
			return text, false
		case "月":
			if first < 1 || first > 12 {
				return text, false
			}
			if dayOfMonth, tail2, ok := number(tail); ok {
				if day, valid := nextOf(today, first, dayOfMonth); valid {
					return set(day, strings.TrimPrefix(tail2, "日"))
				}
				return text, false
			}
			begin := Date{today.Year, time.Month(first), 1}
			if begin.Month < today.Month {
				begin.Year++
			}
			w.First, w.Last = begin, DateOf(begin.utc().AddDate(0, 1, -1), time.UTC)
			if w.First.Before(today) {
				w.First = today
			}
			return tail, true
		}
		second, tail2, ok := number(tail)
		if !ok {
			return text, false
		}
		if _, tail3, found := cutAny(tail2, "/", "-", "月"); found {
			third, tail4, ok := number(tail3)
			if ok && first >= 1000 {
				if day, valid := exactDate(first, second, third); valid {
					return set(day, strings.TrimPrefix(tail4, "日"))
				}
			}
			return text, false
		}
		if first >= 1000 || sep == "年" {
			return text, false
		}
		if day, valid := nextOf(today, first, second); valid {
			return set(day, tail2)
		}
	}
	return text, false
}

// readClock reads 15時, 15時半, 15:30, 3pm, with what follows: 以降, から, まで, 前.
func (w *Wish) readClock(text string) (rest string, ok bool) {
	hour, after, ok := number(text)
	if !ok || hour > 24 {
		return text, false
	}
	minute := 0
	sep, tail, found := cutAny(after, "時", ":", "pm", "am")
	if !found {
		return text, false
	}
	switch sep {
	case "pm":
		if hour < 12 {
			hour += 12
		}
	case "時":
		if half, found := strings.CutPrefix(tail, "半"); found {
			minute, tail = 30, half
		} else if m, tail2, ok := number(tail); ok {
			if minutes, found := strings.CutPrefix(tail2, "分"); found && m < 60 {
				minute, tail = m, minutes
			}
		}
		tail, _ = strings.CutPrefix(tail, "台")
	case ":":
		m, tail2, ok := number(tail)
		if !ok || m > 59 {
			return text, false
		}
		minute, tail = m, tail2
	}
	at := Clock(hour*60 + minute)
	if at >= dayEnd {
		return text, false
	}
	// 午後3時 is 15:00, and 3時 alone is no hour at which a clinic is open.
	if hour < 8 && sep == "時" || hour < 12 && w.From == midday && w.Until == 0 {
		at += midday
		if at >= dayEnd {
			return text, false
		}
	}
	switch word, tail2, _ := cutAny(tail, "以降", "いこう", "から", "以後", "すぎ", "過ぎ", "~", "〜", "-", "まで", "以前", "前"); word {
	case "以降", "いこう", "から", "以後", "すぎ", "過ぎ", "~", "〜", "-":
		w.From, w.At, w.since, tail = at, -1, true, tail2
		if w.Until != 0 && w.Until <= at {
			w.Until = 0
		}
	case "まで", "以前", "前":
		w.Until, w.At, tail = at, -1, tail2
		if w.From >= at {
			w.From = 0
		}
	default:
		if w.since && at > w.From {
			w.Until, w.since = at, false
			break
		}
		w.At, w.From, w.Until = at, 0, 0
	}
	return tail, true
}

func number(text string) (n int, rest string, ok bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	if end == 0 || end > 4 {
		return 0, text, false
	}
	n, err := strconv.Atoi(text[:end])
	return n, text[end:], err == nil
}

func cutAny(text string, words ...string) (word, rest string, found bool) {
	for _, word := range words {
		if rest, found := strings.CutPrefix(text, word); found {
			return word, rest, true
		}
	}
	return "", text, false
}

func exactDate(year, month, day int) (Date, bool) {
	d := Date{year, time.Month(month), day}
	return d, d == DateOf(d.utc(), time.UTC)
}

// nextOf is the next day of a name, today included.
func nextOf(today Date, month, day int) (Date, bool) {
	for year := today.Year; year < today.Year+9; year++ { // a 29 February may be eight years away
		if d, ok := exactDate(year, month, day); ok && !d.Before(today) {
			return d, true
		}
	}
	return Date{}, false
}

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
