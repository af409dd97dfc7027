package main_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
)

// TestWalk_LostLink: whoever has lost the letter gets another, by what they know of the booking: its number and the birth date, or the
// address. The link in it opens the booking. A stranger who guesses reads the same and gets nothing. The same way goes without scripts.
func TestWalk_LostLink(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	for n, scripts := range []bool{true, false} {
		name := map[bool]string{true: "lost", false: "lost-plain"}[scripts]
		email := name + "@example.jp"
		form := goodForm(d.freeLater(t, n))
		form.Set("email", email)
		form.Set("phone", []string{"090-0000-7201", "090-0000-7202"}[n])
		form.Set("birth_day", []string{"21", "22"}[n])
		newVisitor(t, d.process).post("/book", form).expect(t, http.StatusOK, "/booking/")
		first := d.letterTo(t, email, 1)
		token := strings.TrimPrefix(regexp.MustCompile(`/booking/[a-z0-9]{26}`).FindString(first.Text), "/booking/")
		booked := d.chart(t, token).Appointment

		v := browsertest.Visit(t, d.URL, browsertest.Phone)
		if !scripts {
			v.TurnScriptsOff()
		}
		v.OpenTo(http.StatusNotFound, "/booking/"+clinic.NewToken())
		v.LookAt(name+"-dead", browsertest.Phone)
		v.Follow("リンクをもう一度送ってもらう")
		v.LookAt(name+"-form", 320, browsertest.Phone, browsertest.Tablet)
		v.Type("booking-reference", "なし")
		v.FollowAtTo(http.StatusUnprocessableEntity, "button[value=reference]")
		v.LookAt(name+"-wrong", 320, browsertest.Phone, browsertest.Tablet)
		ask := func(day string) string {
			t.Helper()
			v.Type("booking-reference", strings.ToLower(booked.Booking.Reference))
			for field, typed := range map[string]string{"birth_year": "1987", "birth_month": "3", "birth_day": day} {
				v.Type(field, typed)
			}
			v.FollowAt("button[value=reference]")
			return v.Text("main")
		}
		guessed := ask("1") // by a stranger
		v.Follow("入力し直す")
		said := ask([]string{"21", "22"}[n])
		v.LookAt(name+"-sent", 320, browsertest.Phone, browsertest.Tablet)
		if said != guessed || !strings.Contains(said, booked.Branch.Phone) {
			t.Errorf("it says %q, and after a guess %q", said, guessed)
		}
		opens := func(number int) {
			t.Helper()
			l := d.letterTo(t, email, number)
			if !strings.Contains(l.Subject, "ご予約ページのリンク") || l.Entry.File != nil {
				t.Errorf("letter %d is headed %q", number, l.Subject)
			}
			link := regexp.MustCompile(`/booking/[a-z0-9]{26}`).FindString(l.Text)
			if link == "/booking/"+token {
				t.Error("it is the link from before")
			}
			v.Open(link)
			if !strings.Contains(v.Text("main"), booked.Booking.Reference) {
				t.Error("the link opens another booking")
			}
		}
		opens(2)
		asksForDeletion(t, v, name, []string{"21", "22"}[n])
		v.Open("/")
		v.Follow("ご予約ページのリンクをなくしたとき")
		v.Type("email", email)
		v.FollowAt("button[value=email]")
		opens(3)
	}
}

// asksForDeletion: from the page of the booking, once it is known who asks.
func asksForDeletion(t *testing.T, v *browsertest.Visitor, name, day string) {
	t.Helper()
	v.Follow("データの削除を求める")
	v.LookAt(name+"-erase-proof", 320, browsertest.Phone, browsertest.Tablet)
	for field, typed := range map[string]string{"birth_year": "1987", "birth_month": "3", "birth_day": day} {
		v.Type(field, typed)
	}
	v.Follow("確かめて、続きを開く")
	v.LookAt(name+"-erase", 320, browsertest.Phone, browsertest.Tablet)
	v.Follow("削除を求める")
	v.LookAt(name+"-erase-asked", 320, browsertest.Phone, browsertest.Tablet)
	v.Reload()
	if h1 := v.Text("h1"); h1 != "削除のお申し出を受け付けました" {
		t.Errorf("the page says %q", h1)
	}
	v.Follow("予約の内容を見る")
}
