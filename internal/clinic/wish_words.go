package clinic

import (
	"slices"
	"time"
)

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
