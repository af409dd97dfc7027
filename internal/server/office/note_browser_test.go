package office_test

import (
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// TestNotePages_InBrowser looks at the pages of the doctor's note, also with errors, with two texts and without answers, at every width.
func TestNotePages_InBrowser(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	ctx := t.Context()
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, answers)
	signed, silent := s.Book(t, s.SlotOf(t, 0, 1), 2), s.Book(t, s.SlotOf(t, 0, 2), 3)
	s.Clock.Advance(28 * time.Hour)
	actor := clinic.StaffActor(s.Staff[servertest.Doctor])
	note := clinic.Note{
		Findings: []clinic.Finding{{Area: "back", Fat: "middle", Muscle: "weak", Sagging: "light", Thickness: "24", Skin: "clear", Pain: "0"}, {Area: "thigh_b", Fat: "little", Muscle: "even", Sagging: "none", Thickness: "16", Skin: "clear", Pain: "2"}},
		Other:    "肩甲骨の動きが小さい。前屈で腰が痛む。", Explained: []clinic.Explained{{ID: "content"}, {ID: "cost"}, {ID: "anticoagulant", Text: "抗凝固薬と内出血"}},
		Wish: "手術や注射はこわい。まず自分でできることから始めたい。3か月で様子を見たい。", Proposal: "肩甲骨まわりの運動と座り方を3か月。主治医に抗凝固薬の方針を照会。", Next: "month3", Ask: []string{"booking", "physician"},
	}
	servertest.Must(t, s.Store.SavePhrases(ctx, actor, clinic.Phrases{List: []clinic.Phrase{{Shortcut: "うんどう", Text: "肩甲骨まわりの運動を週2回、1回10分。"}, {Shortcut: "うんせ", Text: "運動の説明書をお渡しした。"}}}))
	_, err := s.Store.SaveDraft(ctx, actor, receipt.BookingID, clinic.Screen{}, note, "")
	servertest.Must(t, err)
	_, err = s.Store.SignNote(ctx, actor, signed.BookingID, clinic.Screen{}, note, "", clinic.Signing{})
	servertest.Must(t, err)
	servertest.Must(t, s.Store.CorrectNote(ctx, actor, signed.BookingID, 1, "厚みの書きまちがい"))
	better := note
	better.Proposal, better.Findings = "肩甲骨まわりの運動を3か月。主治医に抗凝固薬の方針を照会。水分をとる。", note.Findings[:1]
	_, err = s.Store.SignNote(ctx, actor, signed.BookingID, clinic.Screen{Revision: 2, Base: 1}, better, "厚みの書きまちがい", clinic.Signing{})
	servertest.Must(t, err)
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	path := "/office/charts/" + receipt.BookingID + "/note"
	for _, seen := range []sight{
		{"note", "", path, func(v *browsertest.Visitor) {
			v.WaitFor("[data-note-others]:not(:empty)")
		}},
		{"note-hold", "", path, func(v *browsertest.Visitor) {
			v.Click(".held details summary")
		}},
		{"note-phrases", "", path, func(v *browsertest.Visitor) {
			v.Click("#proposal")
			v.Write("；うん")
			v.WaitFor("#proposal-phrases [aria-selected=true]")
		}},
		{"note-empty", "", "/office/charts/" + silent.BookingID + "/note", nil},
		{"note-wrong", "", "/office/charts/" + silent.BookingID + "/note", func(v *browsertest.Visitor) {
			v.Type("thickness-back", "たくさん")
			v.Type("wish", "細くなりたい")
			v.FollowAtTo(422, "[data-main]")
		}},
		{"note-sure", "", "/office/charts/" + silent.BookingID + "/note", func(v *browsertest.Visitor) {
			v.Type("thickness-back", "12")
			v.FollowAtTo(422, "[data-main]")
		}},
		{"note-signed", "", "/office/charts/" + signed.BookingID + "/note", nil},
		{"note-versions", "", "/office/charts/" + signed.BookingID + "/note/versions", nil},
		{"handover", "", "/office/charts/" + receipt.BookingID + "/handover", nil},
		{"unsigned", "", "/office/unsigned", nil},
		{"phrases", "", "/office/phrases", nil},
		{"phrases-wrong", "", "/office/phrases", func(v *browsertest.Visitor) { v.FollowAtTo(422, "form.card [data-main]") }},
	} {
		for lang, widths := range map[string][]int64{"ja": {browsertest.Phone, browsertest.Tablet, browsertest.Desktop}, "en": {browsertest.Phone}} {
			v.SetCookie("lang", lang)
			v.Open(seen.path)
			if seen.step != nil {
				seen.step(v)
			}
			v.LookAt(seen.name+"-"+lang, widths...)
		}
	}
}
