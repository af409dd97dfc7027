package office_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// savedByItself is what a page is told that saves by itself.
type savedByItself struct {
	Revision int
	Words    string
	Away     bool
}

func saveByItself(t *testing.T, b *servertest.Visitor, path string, page *servertest.Answer, status int, pairs ...string) (out savedByItself) {
	t.Helper()
	form := typed(page, pairs...)
	form.Set("do", "auto")
	servertest.Must(t, json.Unmarshal([]byte(b.PostForm(path, form).Want(status).Body), &out))
	return out
}

// TestNote_IsTakenAwayWhileWritten: whatever happens to the counseling while its note is open and nothing is stored yet, the doctor is told what
// it was; what they typed stands on the page, also without a script, and nothing of a chart that they do not read any more.
func TestNote_IsTakenAwayWhileWritten(t *testing.T) {
	type happening struct {
		do     func(t *testing.T, s *servertest.Site, a clinic.Appointment)
		status int
		words  string
		reads  bool // the chart is theirs all the same
	}
	handOver := func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
		t.Helper()
		servertest.Must(t, s.Store.HandOver(t.Context(), clinic.StaffActor(s.Staff[servertest.Doctor]), a.Booking.ID, s.Doctors[1].ID, ""))
	}
	for what, h := range map[string]happening{
		"handed over": {handOver, http.StatusNotFound, "2026/11/25 11:00に見本 守 医師へ引き継がれました", false},
		"moved": {func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
			t.Helper()
			_, err := s.Store.Move(t.Context(), storetest.Owner, a.Booking.ID, s.SlotOf(t, 1, 4).ID, false)
			servertest.Must(t, err)
		}, http.StatusNotFound, "2026/11/25 11:00にほかの枠へ変わり", false},
		"cancelled": {func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
			t.Helper()
			servertest.Must(t, s.Store.Cancel(t.Context(), storetest.Owner, a.Booking.ID))
		}, http.StatusConflict, "キャンセルされた、または来院のなかった予約", true},
		"nobody came": {func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
			t.Helper()
			servertest.Must(t, s.Store.Step(t.Context(), storetest.Owner, a.Booking.ID, clinic.Booked, clinic.NoShow))
		}, http.StatusConflict, "来院のなかった予約", true},
	} {
		t.Run(what, func(t *testing.T) {
			servertest.Each(t, func(t *testing.T, s *servertest.Site) {
				receipt, path := openNoted(t, s)
				b := s.SignedIn(t, servertest.Doctor)
				page := b.Get(path).Want(http.StatusOK)
				b.Post(path+"/open", "screen", "a").Want(http.StatusOK) // as every page does that has a script
				a, err := s.Store.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
				servertest.Must(t, err)
				h.do(t, s, a)
				pairs := []string{"proposal", "運動を週2回。", "wish", "手術はこわい。", "fat-back", "much", "explained", "cost", "other", "腰が痛む。"}
				if out := saveByItself(t, b, path, page, h.status, pairs...); !strings.Contains(out.Words, h.words) || out.Away == h.reads {
					t.Errorf("saving by itself is told %+v", out)
				}
				for _, do := range []string{"save", "sign", "sure", "compare"} {
					answer := b.PostForm(path, typed(page, append(pairs, "do", do)...)).Want(h.status)
					if !strings.Contains(answer.Text("main"), h.words) {
						t.Errorf("%s: the page says %s", do, answer.Text("main"))
					}
					for _, text := range []string{"運動を週2回。", "手術はこわい。", "腰が痛む。"} {
						if !strings.Contains(answer.Text("main textarea"), text) && !strings.Contains(strings.Join(answer.Texts("main textarea"), " "), text) {
							t.Errorf("%s: %q is lost", do, text)
						}
					}
					if h.reads {
						continue
					}
					answer.WantText("#typed", "背中：脂肪 多")
					answer.WantText("#typed", "説明したこと：費用")
					for _, secret := range []string{"ワルファリン", "試験", "花子", marker, receipt.Reference} {
						if strings.Contains(answer.Body, secret) {
							t.Errorf("%s: the page says %q", do, secret)
						}
					}
				}
				b.PostForm(path+"/correct", typed(page, append(pairs, "do", "drop")...)).Want(h.status)
			})
		})
	}
}

// TestNote_AwayTellsNobodyElse: who never had a chart learns neither that there is one nor what became of it, and keeps what they typed.
func TestNote_AwayTellsNobodyElse(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		_, err := s.Store.Move(t.Context(), storetest.Owner, receipt.BookingID, s.SlotOf(t, 0, 4).ID, false)
		servertest.Must(t, err)
		b := s.SignedIn(t, servertest.Colleague)
		there := b.Post(path, "do", "save", "proposal", "運動", "fat-unheard-of", "much").Want(http.StatusNotFound)
		nowhere := b.Post("/office/charts/"+clinic.NewID()+"/note", "do", "save", "proposal", "運動", "fat-unheard-of", "much").Want(http.StatusNotFound)
		if there.Text("main") != nowhere.Text("main") {
			t.Errorf("%q, and of none there is %q", there.Text("main"), nowhere.Text("main"))
		}
		there.WantText("#typed", "提案：運動 fat-unheard-of much")
	})
}

// TestNote_GoesOnWhatHappened: a note that was begun is saved whatever happens, and whoever writes is told.
func TestNote_GoesOnWhatHappened(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		ctx := t.Context()
		a, err := s.Store.Appointment(ctx, storetest.Owner, receipt.BookingID)
		servertest.Must(t, err)
		b := s.SignedIn(t, servertest.Doctor)
		revision := 0
		save := func(what, words string, away bool) {
			t.Helper()
			page := b.Get(path).Want(http.StatusOK)
			out := saveByItself(t, b, path, page, http.StatusOK, "proposal", what)
			if revision++; out.Revision != revision || !strings.Contains(out.Words, words) || out.Away != away || (words == "") != (out.Words == "") {
				t.Errorf("%s: %+v, want revision %d", what, out, revision)
			}
			if words != "" {
				b.Get(path).WantText("main .notice", words)
			}
		}
		save("begun", "", false)
		other := s.Book(t, s.SlotOf(t, 1, 3), 5)
		into, err := s.Store.Appointment(ctx, storetest.Owner, other.BookingID)
		servertest.Must(t, err)
		_, err = s.Store.MergePatients(ctx, storetest.Owner, into.Booking.PatientID, a.Booking.PatientID)
		servertest.Must(t, err)
		save("merged", "", false)
		servertest.Must(t, s.Store.AskErasure(ctx, clinic.PatientByLink(receipt.Token)))
		servertest.Must(t, s.Store.SettleErasure(ctx, storetest.Owner, into.Booking.PatientID, openErasure(t, s, into.Booking.PatientID), clinic.ErasureDone, ""))
		save("erased", "", false)
		servertest.Must(t, s.Store.HandOver(ctx, clinic.StaffActor(s.Staff[servertest.Doctor]), receipt.BookingID, s.Doctors[1].ID, ""))
		save("handed over", "いまは見本 守 医師のものです", true)
		_, err = s.Store.Move(ctx, storetest.Owner, receipt.BookingID, s.SlotOf(t, 1, 4).ID, false)
		servertest.Must(t, err)
		save("moved", "いまは見本 守 医師のものです", true)

		later := s.Book(t, s.SlotOf(t, 0, 3), 6).BookingID
		path, revision = "/office/charts/"+later+"/note", 0
		save("begun", "", false)
		servertest.Must(t, s.Store.Step(ctx, storetest.Owner, later, clinic.Booked, clinic.Arrived))
		save("arrived", "", false)
		servertest.Must(t, s.Store.StepBack(ctx, storetest.Owner, later, clinic.Booked, s.Clock.Now()))
		servertest.Must(t, s.Store.Cancel(ctx, storetest.Owner, later))
		save("cancelled", "この予約はキャンセルされています", false)
		cancelled, err := s.Store.Appointment(ctx, storetest.Owner, later)
		servertest.Must(t, err)
		servertest.Must(t, s.Store.Restore(ctx, storetest.Owner, later, clinic.Booked, *cancelled.Booking.CancelledAt))
		save("restored", "", false)
	})
}

// TestNote_IsGivenUp: a draft that a colleague's signed version has passed can be given up or read beside it, and so can one that nobody waits for.
func TestNote_IsGivenUp(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		chart := "/office/charts/" + receipt.BookingID
		first, second := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Colleague)
		a := first.Get(path)
		first.PostForm(path, typed(a, "do", "save", "proposal", "前の医師の提案。")).Want(http.StatusSeeOther)
		a = first.Get(path)
		if a.Find("form#note [value=drop]").Length() > 0 {
			t.Error("a first note of one's own patient can be given up")
		}
		first.PostForm(path+"/correct", typed(a, "do", "drop")).Want(http.StatusConflict).WantText("[role=alert]", "はじめての記録は、やめられません")
		first.Post(chart+"/handover", "to", s.Doctors[1].ID).Want(http.StatusSeeOther)
		first.Get(path).WantText("[data-outrun]", "確定しなくてもかまいません")
		b := second.Get(path)
		second.PostForm(path, typed(b, "do", "sure", "proposal", "後の医師の提案。")).Want(http.StatusSeeOther)

		a = first.Get(path).Want(http.StatusOK)
		a.WantText("[data-outrun]", "見本 守 医師が第1版を確定する（2026/11/25 11:00）前")
		both := first.PostForm(path, typed(a, "do", "compare", "proposal", "前の医師の提案。続き。")).Want(http.StatusConflict)
		both.WantText("del", "後の医師の提案。")
		both.WantText("ins", "前の医師の提案。続き。")
		a = first.Get(path)
		if got := a.Find("#proposal").Text(); got != "前の医師の提案。続き。" {
			t.Errorf("to look has stored %q", got)
		}
		to := first.PostForm(path+"/correct", typed(a, "do", "drop")).Want(http.StatusSeeOther).Location()
		told := first.Get(to).Want(http.StatusOK)
		told.WantText("main", "下書きをやめました")
		told.WantText(".empty", "未署名の記録はありません")
		first.Get(path).Want(http.StatusNotFound)
		second.Get(path).WantText(".note-signed", "後の医師の提案。")
	})
}

// TestNote_ReleasesAHold beside the note: the note comes along, the reason is asked for at its field, and who released stands there.
func TestNote_ReleasesAHold(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, path := openNoted(t, s)
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get(path).Want(http.StatusOK)
		held := a.Find(".note-holds .held:not(.free)").Length()
		if held == 0 || a.Text("#holds .badge") == "" {
			t.Fatalf("of these answers %d are held: this test would notice nothing", held)
		}
		button := a.Find(".note-holds button[name=do]").First()
		do, field := button.AttrOr("value", ""), a.Find(".note-holds textarea").First().AttrOr("name", "")
		wrong := b.PostForm(path, typed(a, "do", do, "proposal", "運動を週2回。")).Want(http.StatusUnprocessableEntity)
		if wrong.Text("#proposal") != "運動を週2回。" || wrong.Find(".note-holds details[open] .error").Length() != 1 {
			t.Errorf("without a reason: %s", wrong.Text(".note-holds"))
		}
		done := b.PostForm(path, typed(wrong, "do", do, field, "紹介状で確かめた。", "proposal", "運動を週2回。水分も。")).Want(http.StatusSeeOther)
		a = b.Get(done.Location()).Want(http.StatusOK)
		a.WantText(".note-holds .held.free", "解除済み 11/25 11:00 見本 花")
		a.WantText(".note-holds .held.free q", "紹介状で確かめた。")
		if got := a.Find(".note-holds .held:not(.free)").Length(); got != held-1 || a.Text("#proposal") != "運動を週2回。水分も。" {
			t.Errorf("%d are held, and the note says %q", got, a.Text("#proposal"))
		}
		// Whoever was shown other answers is told, and keeps what they typed.
		if held > 1 {
			form := typed(a, "do", a.Find(".note-holds button[name=do]").First().AttrOr("value", ""), "proposal", "また。")
			form.Set(a.Find(".note-holds textarea").First().AttrOr("name", ""), "見直した。")
			form.Set("release-revision", "0")
			late := b.PostForm(path, form).Want(http.StatusConflict)
			if late.Text("#proposal") != "また。" || !strings.Contains(strings.Join(late.Texts(".note-holds textarea"), ""), "見直した。") {
				t.Error("what was typed is lost")
			}
		}
		// Who only releases has not begun to write.
		if n := s.SignedIn(t, servertest.Colleague).Get(path); n.Status != http.StatusNotFound {
			t.Errorf("a colleague gets %d", n.Status)
		}
	})
}

// TestNote_ReleaseBeginsNoNote: whoever has written nothing and releases a hold owes no draft.
func TestNote_ReleaseBeginsNoNote(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get(path)
		form := typed(a, "do", a.Find(".note-holds button[name=do]").First().AttrOr("value", ""))
		form.Set(a.Find(".note-holds textarea").First().AttrOr("name", ""), "確かめた。")
		b.PostForm(path, form).Want(http.StatusSeeOther)
		n, err := s.Store.NoteFor(t.Context(), clinic.StaffActor(s.Staff[servertest.Doctor]), receipt.BookingID)
		servertest.Must(t, err)
		chart, err := s.Store.ChartFor(t.Context(), clinic.StaffActor(s.Staff[servertest.Doctor]), receipt.BookingID)
		servertest.Must(t, err)
		if n.Draft.Revision != 0 || len(chart.Releases) != 1 {
			t.Errorf("the draft is %+v, released are %d", n.Draft, len(chart.Releases))
		}
	})
}
