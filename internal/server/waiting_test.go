package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// joinForm is the form by which somebody gets in line.
func joinForm(b *servertest.Booked, key string) url.Values {
	return url.Values{
		"branch": {b.Branch.ID}, "key": {key}, "wait-parts": {"morning", "afternoon"}, "family_name": {"順番"}, "given_name": {"待子"}, "family_kana": {"ジュンバン"},
		"given_kana": {"マチコ"}, "phone": {"090-0000-7401"}, "email": {"waits@example.jp"},
	}
}

// TestWaiting_OpenedTwentyTimes: nothing is written by opening what a letter to somebody who waits leads to, and the answers are given by POST alone.
func TestWaiting_OpenedTwentyTimes(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			v, key := b.Visitor(t), clinic.NewToken()
			wrong := joinForm(b, key)
			wrong.Set("email", "waits@")
			a := v.PostForm("/waiting", wrong).Want(http.StatusUnprocessableEntity)
			a.WantField("email", "waits@")
			if typed := a.Find("[name=family_name]").AttrOr("value", ""); typed != "順番" {
				t.Errorf("the name that was typed is %q", typed)
			}
			for range 2 { // sent twice, it is one place
				if to := v.PostForm("/waiting", joinForm(b, key)).Want(http.StatusSeeOther).Location(); to != "/waiting/"+key+"?done=joined" {
					t.Fatalf("it leads to %s", to)
				}
			}
			in, err := b.Store.InLine(t.Context(), storetest.Owner, b.Branch.ID)
			servertest.Must(t, err)
			if len(in) != 1 {
				t.Fatalf("%d are in line", len(in))
			}
			servertest.Must(t, b.Store.Offer(t.Context()))
			open := func(how string) {
				t.Helper()
				before := b.Facts(t)
				for _, r := range server.Routes() {
					if !strings.HasPrefix(r.Path, "/waiting") || r.Method != http.MethodGet {
						continue
					}
					for range 20 {
						for _, method := range []string{http.MethodGet, http.MethodHead} {
							if a := v.Send(method, strings.ReplaceAll(r.Path, ":token", key), nil, nil); a.Status >= http.StatusBadRequest {
								t.Errorf("%s, %s answered %d", how, a.Asked, a.Status)
							}
						}
					}
				}
				b.WantUnchanged(t, before)
			}
			open("offered")
			page := v.Get("/waiting/" + key).Want(http.StatusOK)
			offer := page.Find("[name=wait-offer]").AttrOr("value", "")
			form := v.Get("/waiting/" + key + "/book").Want(http.StatusOK)
			if name := form.Find("[name=family_name]").AttrOr("value", ""); name != "順番" {
				t.Errorf("the name is %q", name)
			}
			if body := form.Body; strings.Contains(body, "7401") || strings.Contains(body, "waits@") {
				t.Error("whoever has the letter sees the number or the address")
			}
			v.Post("/waiting/"+key+"/decline", "wait-offer", offer).Want(http.StatusSeeOther)
			open("declined")
			// What was declined can no longer be taken: the page is kind about it, and they are still in line.
			late := servertest.BookingForm(form.Find("[name=slot]").AttrOr("value", ""))
			a = v.PostForm("/waiting/"+key+"/book", late).Want(http.StatusConflict)
			if text := a.Text("main"); !strings.Contains(text, "順番待ちは続いています") || !strings.Contains(text, "このご案内は終わりました") {
				t.Errorf("the page says %q", text)
			}
			v.Post("/waiting/"+key+"/accept", "wait-offer", offer).Want(http.StatusConflict)
			v.Post("/waiting/" + key + "/leave").Want(http.StatusSeeOther)
			open("left")
			v.Post("/waiting/" + key + "/leave").Want(http.StatusSeeOther)
			v.Get("/waiting/" + clinic.NewToken()).Want(http.StatusNotFound)
		})
	}
}

// TestWaiting_AtABranchThatHasTurnedItOff: whoever is in line there already is promised nothing any more, and may leave.
func TestWaiting_AtABranchThatHasTurnedItOff(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	v, key := b.Visitor(t), clinic.NewToken()
	v.PostForm("/waiting", joinForm(b, key)).Want(http.StatusSeeOther)
	branch := b.Branch
	branch.Settings.Waiting.Off = true
	_, err := b.Store.SaveBranch(t.Context(), storetest.Owner, branch)
	servertest.Must(t, err)
	if text := v.Get("/waiting/" + key).Want(http.StatusOK).Text("main"); !strings.Contains(text, "お休みしています") || strings.Contains(text, "空きが出ましたら、メールで") {
		t.Errorf("the page says %q", text)
	}
	v.Post("/waiting/" + key + "/leave").Want(http.StatusSeeOther)
}

// TestWaiting_OfStaff: who may see the line, and who may change it.
func TestWaiting_OfStaff(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	key := clinic.NewToken()
	b.Visitor(t).PostForm("/waiting", joinForm(b, key)).Want(http.StatusSeeOther)
	in, err := b.Store.InLine(t.Context(), storetest.Owner, b.Branch.ID)
	servertest.Must(t, err)
	path := "/office/waiting/" + in[0].ID
	if text := b.FrontDesk.Get("/office/waiting?branch=" + b.Branch.ID).Want(http.StatusOK).Text("main"); !strings.Contains(text, "順番 待子") || !strings.Contains(text, "090-0000-7401") {
		t.Errorf("the line is %q", text)
	}
	if todo := b.FrontDesk.Get("/office/day?branch=" + b.Branch.ID + "&date=2026-11-25").Want(http.StatusOK).Text(".todo"); !strings.Contains(todo, "順番待ち") || !strings.Contains(todo, "この日の空きに合う方 1名") {
		t.Errorf("to be done is %q", todo)
	}
	slot := b.FrontDesk.Get(path).Want(http.StatusOK).Find("[name=slot]").First().AttrOr("value", "")
	b.FrontDesk.Post(path, "do", "offer").Want(http.StatusUnprocessableEntity)
	b.FrontDesk.Post(path, "do", "offer", "slot", slot).Want(http.StatusSeeOther)
	b.FrontDesk.Post(path, "do", "offer", "slot", slot).Want(http.StatusConflict)
	b.FrontDesk.Post(path, "do", "withdraw").Want(http.StatusSeeOther)
	b.FrontDesk.Post(path, "do", "withdraw").Want(http.StatusConflict)
	b.FrontDesk.Post(path, "do", "leave").Want(http.StatusSeeOther)
	b.FrontDesk.Post(path, "do", "nothing").Want(http.StatusUnprocessableEntity)
	for _, v := range []*servertest.Visitor{b.FrontDesk, b.Admin} {
		v.Get("/office/waiting/" + clinic.NewID()).Want(http.StatusNotFound)
	}
	call := url.Values{"call": {clinic.NewToken()}, "branch": {b.Branch.ID}, "do": {"wait"}, "wish": {"土曜の午後"}, "kana": {"デンワ タロウ"}, "phone": {"090-0000-7402"}}
	b.FrontDesk.PostForm("/office/phone", call).Want(http.StatusSeeOther)
	if in, err = b.Store.InLine(t.Context(), storetest.Owner, b.Branch.ID); err != nil || len(in) != 1 || in[0].ByMail || in[0].Wish.From != 12*60 {
		t.Errorf("in line are %+v (%v)", in, err)
	}
}
