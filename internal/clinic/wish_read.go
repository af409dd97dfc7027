package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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
