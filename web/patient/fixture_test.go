package patient_test

import (
	"context"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web/patient"
	"madoguchi/web/ui"
)

// The clinic of these pages is obviously fictional: its people are called 見本, 試験, 架空 and 例示.

var tokyo = func() *time.Location {
	loc, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		panic(err)
	}
	return loc
}()

var mihon = clinic.Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"}

var (
	now  = time.Date(2026, time.November, 23, 21, 40, 0, 0, tokyo)
	main = clinic.Branch{
		ID: "chuo", Name: "見本クリニック 中央院", NameEn: "Mihon Clinic Chuo", Address: "東京都架空区中央1-2-3 見本ビル4階", AddressEn: "4F Mihon Building, 1-2-3 Chuo, Kakuu-ku, Tokyo",
		Access: "中央駅 東口より徒歩3分", AccessEn: "Three minutes on foot from the east exit of Chuo Station", Phone: "03-0000-0000", Zone: "Asia/Tokyo",
		Settings: clinic.BranchSettings{PhoneHours: "平日 10:00–18:00", PhoneHoursEn: "Weekdays 10:00–18:00"},
	}
	bay = clinic.Branch{
		ID: "minato", Name: "見本クリニック みなと院", NameEn: "Mihon Clinic Minato", Address: "神奈川県架空市みなと5-6 例示タワー2階", AddressEn: "2F Reiji Tower, 5-6 Minato, Kakuu, Kanagawa",
		Access: "みなと駅 2番出口すぐ", AccessEn: "Next to exit 2 of Minato Station", Phone: "045-000-0000", Zone: "Asia/Tokyo",
		Settings: clinic.BranchSettings{PhoneHours: "月・火・木・金・土 9:30–12:30、14:00–18:30（祝日を除く）"},
	}
	hana = clinic.Doctor{
		ID: "hana", FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", NameEn: "Hana Mihon", Sex: clinic.Female,
		Career: "2008年 架空医科大学 卒業\n2010年 架空医科大学病院 皮膚科\n2019年 見本クリニック", CareerEn: "2008 Kakuu Medical University\n2010 Dermatology, Kakuu University Hospital\n2019 Mihon Clinic",
		Societies: "架空皮膚科学会 専門医\n例示抗加齢医学会", SocietiesEn: "Kakuu Society of Dermatology, board certified",
	}
	mamoru = clinic.Doctor{
		ID: "mamoru", FamilyName: "試験", GivenName: "守", FamilyKana: "シケン", GivenKana: "マモル", NameEn: "Mamoru Shiken", Sex: clinic.Male,
		Career: "2003年 試験大学医学部 卒業\n2005年 試験大学病院 形成外科", CareerEn: "2003 Shiken University, School of Medicine", Societies: "試験形成外科学会 専門医", SocietiesEn: "Shiken Society of Plastic Surgery",
	}
	midori = clinic.Doctor{ID: "midori", FamilyName: "架空", GivenName: "翠", FamilyKana: "カクウ", GivenKana: "ミドリ", NameEn: "Midori Kakuu", Sex: clinic.Female, Career: "2012年 例示大学医学部 卒業\n2014年 例示総合病院 内科", Societies: "例示内科学会 認定医"}
	aoi    = clinic.Doctor{ID: "aoi", FamilyName: "例示", GivenName: "葵", FamilyKana: "レイジ", GivenKana: "アオイ", NameEn: "Aoi Reiji", Sex: clinic.Male, Career: "2010年 見本大学医学部 卒業", Societies: "見本肥満学会"}

	fromArticle = patient.Attribution{
		Attribution: clinic.Attribution{Area: "back", Article: "000", Campaign: "opening"},
		Area:        intake.Text{JA: "背中", EN: "Back"},
	}
)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, tokyo)
}

func freeTime(id string, start time.Time, d clinic.Doctor, few bool) patient.Time {
	return patient.Time{SlotID: id, StartsAt: start, EndsAt: start.Add(time.Hour), Zone: tokyo, Doctor: d, Few: few}
}

func nextTimes() []patient.Time {
	times := []patient.Time{
		freeTime("s-2414", at(24, 14, 0), hana, true),
		freeTime("s-2417", at(24, 17, 30), mamoru, false),
		freeTime("s-2812", at(28, 12, 0), hana, false),
	}
	times[0].Earliest, times[1].Evening, times[2].Saturday = true, true, true
	return times
}

// week is a grid of three doctors, busy in a pattern that shows every mark.
func week() clinic.Week {
	var available []clinic.Availability
	for day := 23; day <= 29; day++ {
		if day == 23 || day == 29 {
			continue // closed: a holiday and a Sunday
		}
		for i, minute := range []int{600, 660, 720, 840, 900, 960, 1050} {
			if minute == 720 && day != 28 || minute == 1050 && day == 28 {
				continue
			}
			start := at(day, minute/60, minute%60).UTC()
			o := clinic.Availability{StartsAt: start, Slots: 3}
			for d := range 3 {
				if (day*7+i*3+d*5)%4 < 2 || day == 24 && d > 0 || day == 28 && minute != 720 {
					continue // taken
				}
				o.Free++
				if o.SlotID == "" {
					o.SlotID = start.Format("s-0215") + string(rune('a'+d))
				}
			}
			available = append(available, o)
		}
	}
	return clinic.NewWeek(available, clinic.Date{Year: 2026, Month: time.November, Day: 23}, 7, tokyo, now)
}

func slots() patient.Slots {
	return patient.Slots{
		Attribution: fromArticle, Branches: []clinic.Branch{main, bay}, Branch: main, Doctors: []clinic.Doctor{hana, mamoru, midori},
		Next: nextTimes(), Week: week(), Holidays: map[clinic.Date]string{{Year: 2026, Month: time.November, Day: 23}: "勤労感謝の日"},
		After: "2026-11-30",
	}
}

func option(code, ja, en string) intake.Option {
	return intake.Option{Code: code, Text: intake.Text{JA: ja, EN: en}}
}

func ask(id string, kind intake.Kind, required bool, ja, en string, options ...intake.Option) patient.Question {
	return patient.Question{Question: intake.Question{
		ID: id, Kind: kind, Required: required, Label: intake.Text{JA: ja, EN: en}, Options: options, Excludes: []string{intake.NoneCode},
	}}
}

func (b builder) help(ja, en string) builder { b.q.Help = intake.Text{JA: ja, EN: en}; return b }

func (b builder) values(v ...string) builder { b.q.Values = v; return b }

// builder gives a question what only some have.
type builder struct{ q patient.Question }

func bookingQuestions() []patient.Question {
	guardian := builder{ask("guardian", intake.One, true, "当日、保護者の方はどうされますか", "Will a parent or guardian take part?",
		option("accompany", "いっしょに来院する", "They will come with me"), option("form", "同意書を持って行く", "I will bring their written consent"), option("no", "まだ決まっていない", "Not settled yet"))}.
		help("18歳未満の方にうかがっています。まだ決まっていなくても、このままご予約いただけます。", "We ask this of everyone under 18.").q
	guardian.ShowIf, guardian.Hidden = `[["age","<","18"]]`, true
	all := []patient.Question{
		guardian,
		builder{ask("contact", intake.Many, true, "院からのご連絡は、どの方法がよろしいですか", "How should the clinic contact you?",
			option("email", "メール", "Email"), option("tel", "電話", "Phone"))}.
			help("いくつでもお選びいただけます。予約の確認は、メールでお送りします。", "Choose as many as you like.").q,
		ask("visited", intake.One, true, "当院のご利用は初めてですか", "Is this your first visit to us?", option("first", "初めて", "Yes"), option("again", "来院したことがある", "No")),
		builder{ask("areas", intake.Many, true, "気になる部位はどこですか", "Which areas would you like to talk about?",
			option("back", "背中", "Back"), option("bra", "ブラの上のはみ出し", "Bra line"), option("arm", "二の腕", "Upper arms"), option("belly", "お腹", "Belly"),
			option("flank", "腰・脇腹", "Flanks"), option("hip", "お尻", "Buttocks"), option("thigh_f", "前もも", "Front of the thighs"), option("thigh_b", "裏もも", "Back of the thighs"),
			option("thigh_in", "内もも", "Inner thighs"), option("calf", "ふくらはぎ", "Calves"), option("chin", "あごの下", "Under the chin"), option("face", "頬", "Cheeks"),
			option("whole", "全身", "Whole body"), option("undecided", "相談して決めたい", "I would like to decide together"))}.
			help("いくつでもお選びいただけます。迷われたら「相談して決めたい」をお選びください。", "Choose as many as you like.").values("back").q,
		builder{ask("request", intake.LongText, false, "ご質問・ご要望", "Questions or requests")}.
			help("受付も拝見します。お体のことは、のちほど問診でお聞きします。", "Our reception reads this as well.").q,
		builder{ask("c_privacy", intake.Agree, true, "個人情報・健康情報の取り扱い", "Your personal and health information", option("yes", "個人情報・健康情報の取り扱いに同意します", "I agree to this use"))}.
			help("お預かりした情報は、カウンセリングの準備とご予約のご連絡のために使います。問診の回答は医師だけが拝見し、受付には表示されません。", "We use it to prepare your counseling.").q,
		builder{ask("c_cancel", intake.Agree, true, "変更・キャンセルについて", "Changing or cancelling", option("yes", "変更・キャンセルについて確認しました", "I have read it"))}.
			help("ご都合が変わったときは、お早めに院までご連絡ください。空いた時間は、ほかの方にご案内します。", "Please let the clinic know early.").q,
		builder{ask("c_ads", intake.Agree, false, "お知らせメール", "News by email", option("yes", "お知らせメールを受け取る", "I would like news"))}.
			help("コラムやご案内をお送りします。ご予約には影響しません。", "It makes no difference to your booking.").q,
	}
	for n, q := range all {
		for i, o := range q.Options {
			if z := intake.Zone(o.Code); q.ID == "areas" && slices.Contains(intake.Zones, z) {
				all[n].Options[i].Zone = z
			}
		}
	}
	return all
}

func booking() patient.Booking {
	return patient.Booking{
		Attribution: fromArticle, Branch: main, Time: freeTime("s-2414", at(24, 14, 0), hana, false), Left: 9*time.Minute + 20*time.Second, Until: at(20, 10, 9),
		Fresh: true, Questions: bookingQuestions(), Key: "k-1",
	}
}

// wrongBook is the form as it comes back with errors and everything that was typed.
func wrongBooking() patient.Booking {
	b := booking()
	b.Fresh = false
	b.Input = clinic.PatientInput{
		FamilyName: "試験", GivenName: "花子", FamilyKana: "試験", GivenKana: "はなこ", BirthYear: "平成21", BirthMonth: "2", BirthDay: "30",
		Sex: "f", Phone: "090-0000", Email: "hanako@例示.jp",
	}
	b.Questions[3].Values = []string{"back", "thigh_b"}
	b.Errors = clinic.Errors{
		{Code: clinic.Invalid, Field: "family_kana", Message: "error.kana.letters"},
		{Code: clinic.Invalid, Field: "birth_date", Message: "error.birth.impossible"},
		{Code: clinic.Invalid, Field: "phone", Message: "error.phone.length"},
		{Code: clinic.Invalid, Field: "email", Message: "error.email.form"},
		{Code: clinic.Invalid, Field: "contact", Message: "error.choose"},
		{Code: clinic.Invalid, Field: "c_privacy", Message: "error.agree"},
	}
	return b
}

// likelyBooking is the form as it comes back with the question whether the address is meant.
func likelyBooking() patient.Booking {
	b := wrongBooking()
	b.Input.BirthEra, b.Input.BirthYear, b.Input.Email, b.EmailAsked = "平成", "2", "hanako@gmial.com", "hanako@gmial.com"
	b.Errors = clinic.Errors{clinic.AskEmail(b.Input.Email, "")}
	return b
}

func expiredBooking() patient.Booking {
	b := wrongBooking()
	b.Errors, b.Left = nil, 0
	return b
}

// askedBooking asks whoever has a booking whether they want another, beside a time that is not the one they first chose.
func askedBooking() patient.Booking {
	b := wrongBooking()
	before := freeTime("s-2515", at(25, 15, 0), mamoru, false)
	b.Errors, b.Ask, b.Before = nil, true, &before
	return b
}

func posture() patient.IntakeSection {
	painLevel := ask("pain_lv", intake.Scale, true, "痛みの強さはどのくらいですか", "How strong is the pain?")
	painLevel.Help = intake.Text{JA: "0は「痛みなし」、10は「考えられるいちばん強い痛み」です。", EN: "0 is no pain, 10 is the worst pain you can imagine."}
	painLevel.Min, painLevel.Max = 0, 10
	painLevel.ShowIf = `[["pain","!","none"]]`
	care := ask("pain_care", intake.One, true, "痛みで受診していますか", "Are you seeing a doctor for it?", option("yes", "受診している", "Yes"), option("past", "以前していた", "I used to"), option("no", "していない", "No"))
	care.ShowIf = painLevel.ShowIf
	return patient.IntakeSection{
		Token: "tokentokentokentokentoken",
		Section: intake.Section{
			Code: "P", ID: "posture", Title: intake.Text{JA: "姿勢・からだ", EN: "Posture and body"},
			Intro: intake.Text{JA: "ふだんの姿勢やからだの動きについてうかがいます。", EN: "About how you usually hold and move your body."},
		},
		Number: 2, Total: 8, Progress: patient.IntakeProgress{Answered: 4, Asked: 32, Left: patient.Minutes{Least: 3, Most: 5}}, Back: "goal", Fresh: true,
		Questions: []patient.Question{
			builder{ask("sit_h", intake.One, true, "1日にどのくらい座っていますか", "How long do you sit each day?", option("h3", "3時間未満", "Less than 3 hours"), option("h6", "3〜6時間", "3 to 6 hours"), option("h9", "6〜9時間", "6 to 9 hours"), option("h9p", "9時間以上", "9 hours or more"))}.values("h9p").q,
			builder{ask("posture", intake.Many, true, "姿勢で当てはまるものはありますか", "Which of these describe your posture?", option("hunch", "猫背", "Hunched"), option("roundsh", "巻き肩", "Rounded shoulders"), option("sway", "反り腰", "Swayback"), option("none", "なし", "None"), option("unknown", "わからない", "Not sure"))}.
				help("いくつでもお選びいただけます。", "Choose as many as apply.").values("hunch", "roundsh").q,
			builder{ask("pain", intake.Many, true, "痛みのあるところはありますか", "Do you have pain anywhere?", option("back", "腰", "Lower back"), option("knee", "膝", "Knee"), option("hip", "股関節", "Hip"), option("neck", "首・肩", "Neck and shoulders"), option("none", "なし", "None"))}.
				help("いくつでもお選びいただけます。", "Choose as many as apply.").values("back").q,
			builder{painLevel}.values("4").q,
			care,
		},
	}
}

func medical() patient.IntakeSection {
	names := ask("med_names", intake.LongText, true, "お薬やサプリメントの名前を教えてください", "What are they called?")
	names.Help = intake.Text{JA: "お薬手帳のとおりでかまいません。わからないときは「わからない」とお書きください。", EN: "As written in your medicine notebook."}
	names.ShowIf, names.Hidden = `[["meds","!","none"]]`, true
	return patient.IntakeSection{
		Token: "tokentokentokentokentoken",
		Section: intake.Section{
			Code: "M", ID: "medical", Title: intake.Text{JA: "健康状態", EN: "Your health"}, DoctorOnly: true,
			Intro: intake.Text{JA: "安全を考えるためにうかがいます。お答えの内容によって、ご予約が取り消されることはありません。", EN: "To keep you safe. Your booking stands whatever you answer."},
		},
		Number: 7, Total: 8, Progress: patient.IntakeProgress{Answered: 24, Asked: 32, Left: patient.Minutes{Least: 3, Most: 5}}, Back: "selfcare", More: true,
		Questions: []patient.Question{
			ask("hx", intake.Many, true, "現在の病気や、これまでにかかった病気はありますか", "Do you have, or have you had, any of these?",
				option("t1", "1型糖尿病", "Type 1 diabetes"), option("t2", "2型糖尿病", "Type 2 diabetes"), option("dka", "ケトアシドーシス", "Ketoacidosis"), option("retina", "糖尿病網膜症", "Diabetic retinopathy"),
				option("mtc", "甲状腺髄様癌・MEN2", "Medullary thyroid cancer, MEN 2"), option("heart", "心臓の病気・脳卒中", "Heart disease, stroke"), option("hernia", "腹部・そけいヘルニア", "Hernia"), option("mind", "うつなどの心の病気", "Depression"), option("none", "なし", "None")),
			builder{ask("meds", intake.Many, true, "使っているお薬やサプリメントはありますか", "Do you take any medicines or supplements?", option("thin", "血液サラサラの薬", "Blood thinners"), option("warf", "ワルファリン", "Warfarin"), option("supp", "サプリメント", "Supplements"), option("none", "なし", "None"))}.
				help("市販のお薬、注射や貼り薬も含めてお答えください。", "Include over-the-counter medicines.").q,
			names,
		},
		Errors: clinic.Errors{{Code: clinic.Invalid, Field: "hx", Message: "error.choose"}},
	}
}

// mainArea is a page that asks which area troubles the patient most.
func mainArea() patient.IntakeSection {
	page := goal()
	page.Errors = nil
	for _, q := range bookingQuestions() {
		if q.ID == "areas" {
			q.ID, q.Kind, q.Values = "main_area", intake.One, nil
			page.Questions = []patient.Question{q}
		}
	}
	return page
}

func goal() patient.IntakeSection {
	height := ask("height", intake.Number, true, "身長", "Height")
	height.Unit, height.Help = "cm", intake.Text{JA: "cmの単位でご記入ください。例：158.5", EN: "In centimetres, for example 158.5."}
	weight := ask("weight", intake.Number, true, "体重", "Weight")
	weight.Unit = "kg"
	return patient.IntakeSection{
		Token:   "tokentokentokentokentoken",
		Section: intake.Section{Code: "G", ID: "goal", Title: intake.Text{JA: "目標", EN: "Your goals"}},
		Number:  1, Total: 8, Progress: patient.IntakeProgress{Answered: 0, Asked: 32, Left: patient.Minutes{Least: 3, Most: 5}},
		Questions: []patient.Question{builder{height}.values("9999").q, weight, ask("worry", intake.LongText, false, "不安なことはありますか", "Is there anything that worries you?")},
		Errors:    clinic.Errors{{Code: clinic.Invalid, Field: "height", Message: "error.range", Args: map[string]string{"Min": "100", "Max": "250", "Unit": "cm"}}},
	}
}

func mybooking() patient.MyBooking {
	free := freeTime("s-2414", at(24, 14, 0), hana, false)
	return patient.MyBooking{
		Token: "tokentokentokentokentoken", Reference: "M7K-4Q2P", Name: "試験 花子", Time: free, Branch: main, Lang: "ja",
		Changes: true, Until: free.StartsAt.Add(-3 * time.Hour), Day: patient.Tomorrow, Sections: 8, Remaining: patient.Minutes{Least: 3, Most: 6}, Progress: patient.IntakeProgress{Answered: 12, Asked: 32},
		Google: "https://calendar.google.com/calendar/render?action=TEMPLATE", Proof: patient.Proof{Kind: clinic.ProofBirth, Branch: main},
		Letter: patient.MyLetter{Known: true, Email: "hanako@example.jp", Phone: "090-0000-0001", Sender: "yoyaku@example.jp", Next: "nextnextnextnextnextnextne"},
	}
}

// change is the choice of another time on the week of slots.
func change() patient.Change {
	own := mybooking().Time
	week := slots()
	week.DoctorID, week.Own = hana.ID, own
	week.WeekAt = func(day string) string { return "/booking/tokentokentokentokentoken/change?week=" + day }
	return patient.Change{
		Token: "tokentokentokentokentoken", Old: own, Which: patient.SameDoctor, Choices: []patient.WhichDoctor{patient.SameDoctor, patient.WomanDoctor, patient.EveryDoctor},
		Near: nextTimes(), Slots: week,
	}
}

func confirm() patient.Confirm {
	return patient.Confirm{
		Token: "tokentokentokentokentoken", Reference: "M7K-4Q2P", Old: mybooking().Time, New: nextTimes()[0], Branch: main, Which: patient.SameDoctor, Letter: true,
		Left: 9 * time.Minute, Until: at(23, 10, 9),
	}
}

func review(done int) patient.IntakeReview {
	r := patient.IntakeReview{Token: "tokentokentokentokentoken", Progress: patient.IntakeProgress{Answered: 4 * done, Asked: 32, Left: patient.Minutes{Least: (8 - done + 1) / 2, Most: (8 - done + 1) / 2}}}
	for i, title := range []string{"目標", "姿勢・からだ", "運動", "食事", "睡眠・お酒・たばこ", "これまでに試したこと", "健康状態", "ご希望"} {
		s := patient.ReviewSection{Section: intake.Section{ID: string(rune('a' + i)), Title: intake.Text{JA: title, EN: "Section " + string(rune('A'+i))}}, Done: i < done}
		if s.Done {
			s.Answers = []patient.Shown{
				{Label: "1日にどのくらい座っていますか", Values: []string{"9時間以上"}},
				{Label: "姿勢で当てはまるものはありますか", Values: []string{"猫背", "巻き肩"}},
				{Label: "不安なことはありますか"},
			}
		}
		r.Sections = append(r.Sections, s)
	}
	return r
}

// intakeConflict is a section that came too late, sent once without a choice.
func intakeConflict() patient.IntakeConflict {
	return patient.IntakeConflict{Token: "tokentokentokentokentoken", Section: "medical", Choosing: ui.Choosing{
		Seen: clinic.Seen{Revision: 2}, Shown: 4, Carried: url.Values{"asked": {"meds", "height"}, "meds": {"none"}, "height": {"171"}},
		Differences: []ui.Difference{
			{Name: "height", Label: "身長", Stored: []string{"160 cm"}, Typed: []string{"171 cm"}, Error: "選択してください。"},
			{Name: "meds", Label: "使っているお薬やサプリメントはありますか", Stored: []string{"血液サラサラの薬", "ワルファリン"}, Typed: []string{"なし"}},
			{Name: "worry", Label: "不安なことはありますか", Stored: []string{"一行目です。\n二行目は少し長めで、相談したいことや気になっていることを書いています。"}},
			{Name: "med_names", Label: "お薬やサプリメントの名前を教えてください", Stored: []string{"ワルファリン"}, Follows: true},
		},
	}}
}

// pages are all pages in all their states, by the name that a picture of them gets.
func pages() map[string]templ.Component {
	taken := clinic.TakenError().(*clinic.Error) //nolint:errcheck,errorlint // it is one
	takenSlots, noSlots, emptyWeek := slots(), slots(), slots()
	takenSlots.Problem = taken
	noSlots.Next, noSlots.Week.Rows = nil, nil
	emptyWeek.Attribution, emptyWeek.Week.Rows, emptyWeek.Before, emptyWeek.Female = patient.Attribution{}, nil, "2026-11-16", true
	noWoman, notAWoman, today := slots(), slots(), slots()
	noWoman.Female, noWoman.Misfit = true, clinic.NoWoman
	notAWoman.Female, notAWoman.Misfit, notAWoman.DoctorID = true, clinic.NotAWoman, mamoru.ID
	today.Today = today.Week.Days[0]
	lateBooking := booking()
	lateBooking.Left = time.Millisecond
	travelling := booking()
	travelling.Travelling, travelling.Wish = "token-that-travels", patient.Wish{DoctorID: hana.ID, Female: true}
	lostBooking := expiredBooking()
	lostBooking.Problem, lostBooking.Offers = taken, nextTimes()
	cancelled, answered, minor, again := mybooking(), mybooking(), mybooking(), mybooking()
	cancelled.Cancelled, again.Again = true, true
	answered.Answered = 8
	minor.Minor, minor.Answered, minor.Remaining = true, 3, patient.Minutes{Least: 2, Most: 2}
	pending := mybooking()
	pending.Pending = true
	fresh, moved, late, locked := mybooking(), mybooking(), mybooking(), mybooking()
	fresh.Fresh, moved.Moved, late.Changes = true, true, false
	locked.Locked, locked.Answered, locked.Letter.Known, locked.Letter.Email, locked.Letter.Phone = true, 5, false, "ha***@example.jp", "*********01"
	guessed, spent, caller := locked, locked, locked
	guessed.Proof.Problem = &clinic.Error{Code: clinic.Invalid, Field: "birth_date", Message: "error.pass.wrong", Args: map[string]string{"N": "4"}}
	spent.Proof.Spent, caller.Proof.Kind, caller.Locked, caller.Answered = true, clinic.ProofPhone, false, 0
	cancelled.CancelledAt, cancelled.Told = cancelled.Time.StartsAt.Add(-20*time.Hour), true
	over := mybooking()
	over.Over = true
	later, incomplete := review(2), review(3)
	later.Later = true
	incomplete.Later, incomplete.Sections[2].Done = true, false
	incomplete.Sections[2].Answers[0] = patient.Shown{Label: "身長", Values: []string{"158 cm"}, Typed: []string{"158センチ"}, Problem: "数字で入力してください。"}
	posturePutOff := posture()
	posturePutOff.Revision = 3
	posturePutOff.Errors = clinic.Errors{{Code: clinic.Invalid, Field: "posture", Message: "error.exclusive"}}
	return map[string]templ.Component{
		"home": patient.HomePage(patient.Home{
			Attribution: fromArticle, Branches: []clinic.Branch{main, bay}, Intake: patient.Minutes{Least: 3, Most: 6},
			Doctors: []patient.HomeDoctor{{Doctor: hana, Branches: []clinic.Branch{main}}, {Doctor: mamoru, Branches: []clinic.Branch{main}}, {Doctor: midori, Branches: []clinic.Branch{main, bay}}, {Doctor: aoi, Branches: []clinic.Branch{bay}}},
		}),
		"slots":                 patient.SlotsPage(slots()),
		"slots-taken":           patient.SlotsPage(takenSlots),
		"slots-none":            patient.SlotsPage(noSlots),
		"slots-emptyweek":       patient.SlotsPage(emptyWeek),
		"slots-nowoman":         patient.SlotsPage(noWoman),
		"slots-notawoman":       patient.SlotsPage(notAWoman),
		"slots-today":           patient.SlotsPage(today),
		"slots-branch":          patient.SlotsPage(patient.Slots{Branches: []clinic.Branch{main, bay}}),
		"booking":               patient.BookingPage(booking()),
		"booking-wrong":         patient.BookingPage(wrongBooking()),
		"booking-likely":        patient.BookingPage(likelyBooking()),
		"booking-expired":       patient.BookingPage(expiredBooking()),
		"booking-late":          patient.BookingPage(lateBooking),
		"booking-lost":          patient.BookingPage(lostBooking),
		"booking-travelling":    patient.BookingPage(travelling),
		"booking-asked":         patient.BookingPage(askedBooking()),
		"mybooking-again":       patient.MyBookingPage(again),
		"mybooking":             patient.MyBookingPage(mybooking()),
		"mybooking-pending":     patient.MyBookingPage(pending),
		"mybooking-fresh":       patient.MyBookingPage(fresh),
		"mybooking-moved":       patient.MyBookingPage(moved),
		"mybooking-late":        patient.MyBookingPage(late),
		"mybooking-locked":      patient.MyBookingPage(locked),
		"mybooking-guessed":     patient.MyBookingPage(guessed),
		"mybooking-spent":       patient.MyBookingPage(spent),
		"mybooking-caller":      patient.MyBookingPage(caller),
		"mybooking-pass":        patient.PassPageOf(patient.PassPage{Token: "tokentokentokentokentoken", To: "/intake/tokentokentokentokentoken/review", Proof: locked.Proof}),
		"mybooking-change":      patient.ChangePage(change()),
		"mybooking-confirm":     patient.ConfirmPage(confirm()),
		"mybooking-cancel":      patient.CancelPage(patient.Cancel{Token: "tokentokentokentokentoken", Time: mybooking().Time, Branch: main}),
		"mybooking-minor":       patient.MyBookingPage(minor),
		"mybooking-answered":    patient.MyBookingPage(answered),
		"mybooking-cancelled":   patient.MyBookingPage(cancelled),
		"intake-goal":           patient.IntakeSectionPage(goal()),
		"intake-area":           patient.IntakeSectionPage(mainArea()),
		"intake-posture":        patient.IntakeSectionPage(posture()),
		"intake-medical":        patient.IntakeSectionPage(medical()),
		"intake-review":         patient.IntakeReviewPage(review(8)),
		"intake-review-later":   patient.IntakeReviewPage(later),
		"intake-review-putoff":  patient.IntakeReviewPage(incomplete),
		"intake-posture-putoff": patient.IntakeSectionPage(posturePutOff),
		"intake-conflict":       patient.IntakeConflictPage(intakeConflict()),
		"intake-over":           patient.IntakeClosedPage(patient.IntakeClosed{Token: "tokentokentokentokentoken", Time: mybooking().Time, Branch: main}),
		"intake-cancelled":      patient.IntakeClosedPage(patient.IntakeClosed{Token: "tokentokentokentokentoken", Cancelled: true, Time: mybooking().Time, Branch: main}),
		"mybooking-over":        patient.MyBookingPage(over),
		"office-shell":          officeShell(),
		"intake-done":           patient.IntakeDonePage(patient.IntakeDone{Token: "tokentokentokentokentoken", Reference: "M7K-4Q2P", Time: mybooking().Time, Branch: main}),
		"privacy":               patient.PrivacyPage([]clinic.Branch{main, bay}),
		"problem-403":           patient.ProblemPage(patient.Problem{Status: 403}),
		"problem-404":           patient.ProblemPage(patient.Problem{Status: 404, Attribution: fromArticle}),
		"problem-409":           patient.ProblemPage(patient.Problem{Status: 409, Error: taken, Attribution: fromArticle, Next: nextTimes(), Branch: main}),
		"problem-410":           patient.ProblemPage(patient.Problem{Status: 410, Branches: []clinic.Branch{main, bay}}),
		"problem-link":          patient.ProblemPage(patient.Problem{Status: 404, Link: clinic.LinkUnknown, Branches: []clinic.Branch{main, bay}}),
		"problem-revoked":       patient.ProblemPage(patient.Problem{Status: 410, Link: clinic.LinkRevoked, Branches: []clinic.Branch{main, bay}}),
		"problem-413":           patient.ProblemPage(patient.Problem{Status: 413}),
		"problem-429":           patient.ProblemPage(patient.Problem{Status: 429}),
		"problem-500":           patient.ProblemPage(patient.Problem{Status: 500, RequestID: "5kq2vhz3", Branches: []clinic.Branch{main}}),
		"problem-503":           patient.ProblemPage(patient.Problem{Status: 503, RequestID: "5kq2vhz3"}),
	}
}

// officeShell is the frame of the staff's pages with what they are built from.
func officeShell() templ.Component {
	inside := templ.Join(
		ui.Notice(ui.NoticeCheck), ui.Tag(ui.TagDone, "来院"), ui.Tag(ui.TagStop, "届いていません"),
		ui.Text(ui.Field{Name: "name", Label: "院の名前", Required: true, Error: "入力してください。"}, ui.Input{}),
		ui.Select(ui.Field{Name: "zone", Label: "タイムゾーン", Help: "例：Asia/Tokyo"}, []ui.Option{{Value: "Asia/Tokyo", Label: "Asia/Tokyo"}}, ""),
		ui.Empty("予約はありません"),
	)
	head := ui.OfficeHead{
		Title: "予約表", Branch: "中央院", Person: "見本 受付",
		Nav: []ui.NavItem{{Label: "予約表", URL: "/office", Current: true}, {Label: "予約一覧", URL: "/office/bookings"}, {Label: "院・医師", URL: "/office/clinic"}},
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		h1 := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "<h1>予約表</h1>")
			return err
		})
		return ui.Office(head).Render(templ.WithChildren(ctx, templ.Join(h1, inside)), w)
	})
}
