package main

import "madoguchi/internal/clinic"

// Everything in this file is invented, and says so: 見本 (sample), 試験 (test), 架空 (imaginary), 例示 (illustration).

var demoSettings = clinic.Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"}

var demoBranches = []clinic.Branch{
	{
		Name: "見本クリニック 中央院", NameEn: "Mihon Clinic Chuo",
		Address: "見本県架空市中央1-2-3 例示ビル4階", AddressEn: "4F Reiji Building, 1-2-3 Chuo, Kaku City, Mihon",
		Access: "架空中央駅 東口より徒歩3分", AccessEn: "3 minutes on foot from Kaku-Chuo Station, east exit", Phone: "03-0000-0001",
		Settings: clinic.BranchSettings{PhoneHours: "月〜土 10:00〜19:00", PhoneHoursEn: "Mon–Sat 10:00–19:00"},
	},
	{
		Name: "見本クリニック 港院", NameEn: "Mihon Clinic Minato",
		Address: "見本県架空市港町5-6 試験タワー2階", AddressEn: "2F Shiken Tower, 5-6 Minatomachi, Kaku City, Mihon",
		Access: "架空港駅 改札を出て右、徒歩5分", AccessEn: "5 minutes on foot from Kaku-Minato Station, to the right of the gates", Phone: "03-0000-0002",
		Settings: clinic.BranchSettings{PhoneHours: "月〜土 10:00〜19:00", PhoneHoursEn: "Mon–Sat 10:00–19:00"},
	},
}

var demoDoctors = []clinic.Doctor{
	{
		FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", NameEn: "Hana Mihon", Sex: clinic.Female,
		Career:    "2008年 架空医科大学 卒業\n2010年 架空医科大学附属病院 形成外科\n2019年 見本クリニック 中央院 院長",
		CareerEn:  "2008 Graduated from Kaku Medical University\n2010 Plastic surgery, Kaku Medical University Hospital\n2019 Director, Mihon Clinic Chuo",
		Societies: "架空形成外科学会 専門医\n例示抗加齢医学会 会員", SocietiesEn: "Board-certified, Kaku Society of Plastic Surgery\nMember, Reiji Society of Anti-Aging Medicine",
	},
	{
		FamilyName: "試験", GivenName: "守", FamilyKana: "シケン", GivenKana: "マモル", NameEn: "Mamoru Shiken", Sex: clinic.Male,
		Career:    "2011年 例示大学医学部 卒業\n2013年 例示市民病院 内科\n2021年 見本クリニック 中央院",
		CareerEn:  "2011 Graduated from Reiji University, School of Medicine\n2013 Internal medicine, Reiji City Hospital\n2021 Mihon Clinic Chuo",
		Societies: "架空内科学会 認定医\n例示肥満学会 会員", SocietiesEn: "Certified, Kaku Society of Internal Medicine\nMember, Reiji Society for the Study of Obesity",
	},
	{
		FamilyName: "架空", GivenName: "翠", FamilyKana: "カクウ", GivenKana: "ミドリ", NameEn: "Midori Kaku", Sex: clinic.Female,
		Career:    "2005年 見本大学医学部 卒業\n2009年 見本中央病院 皮膚科\n2020年 見本クリニック 港院 院長",
		CareerEn:  "2005 Graduated from Mihon University, School of Medicine\n2009 Dermatology, Mihon Central Hospital\n2020 Director, Mihon Clinic Minato",
		Societies: "架空皮膚科学会 専門医", SocietiesEn: "Board-certified, Kaku Dermatological Society",
	},
	{
		FamilyName: "例示", GivenName: "葵", FamilyKana: "レイジ", GivenKana: "アオイ", NameEn: "Aoi Reiji", Sex: clinic.Female,
		Career:    "2014年 架空医科大学 卒業\n2016年 架空総合病院 リハビリテーション科\n2023年 見本クリニック 港院",
		CareerEn:  "2014 Graduated from Kaku Medical University\n2016 Rehabilitation medicine, Kaku General Hospital\n2023 Mihon Clinic Minato",
		Societies: "例示リハビリテーション医学会 会員", SocietiesEn: "Member, Reiji Association of Rehabilitation Medicine",
	},
}

// demoFamily and demoGiven are names with their kana; a given name comes with the sex on the form.
var (
	demoFamily = [][2]string{{"試験", "シケン"}, {"見本", "ミホン"}, {"架空", "カクウ"}, {"例示", "レイジ"}, {"仮名", "カメイ"}}
	demoGiven  = [][3]string{
		{"花子", "ハナコ", "f"}, {"澪", "ミオ", "f"}, {"太郎", "タロウ", "m"}, {"桜", "サクラ", "f"}, {"純", "ジュン", "na"}, {"岬", "ミサキ", "f"}, {"薫", "カオル", "f"},
	}
)

// persona is one invented way of answering. intake is nil for somebody who has not begun, and sections says after how
// many sections somebody stopped (0: went through to the end).
type persona struct {
	attribution clinic.Attribution
	booking     map[string][]string
	intake      map[string][]string
	sections    int
}

func one(v string) []string { return []string{v} }

var demoPersonas = []persona{
	{
		attribution: clinic.Attribution{Area: "back", Article: "back-fat", Campaign: "autumn"},
		booking: map[string][]string{
			"contact": {"email"}, "visited": one("first"), "areas": {"back", "thigh_b"}, "found": {"article"}, "guardian": one("form"),
			"request": one("駐車場があるか、当日教えてください。"), "c_privacy": one("yes"), "c_cancel": one("yes"),
		},
		intake: map[string][]string{
			"area_main": one("back"), "look": {"fat", "line"}, "height": one("158"), "weight": one("60.4"), "goal_w": one("55"), "w_max": one("66"),
			"w_change": one("gain"), "by_when": one("m3"), "sit_h": one("h9p"), "phone_h": one("h3p"), "posture": {"hunch", "roundsh"},
			"scapula": one("hard"), "cold": {"stiff", "chill"}, "flex": one("pain"), "thigh": {"back_stiff"}, "pain": {"back"},
			"pain_lv": one("4"), "pain_care": one("no"), "ex30": one("w1"), "level": one("beginner"), "place": {"home"}, "trained": {"core"},
			"trouble": {"pain"}, "stretch": one("bounce"), "rest": one("no"), "barrier": {"time", "no_result"}, "meals": one("m3"), "late": one("yes"),
			"carb_fat": {"carb", "sweet"}, "protein": one("daily"), "fast": one("fast"), "binge": {"stress"}, "sleep": one("h6"), "alcohol": one("w1"),
			"alc_amt": one("g1"), "smoke": one("no"), "tried": {"diet", "train", "este"}, "result": one("part"),
			"bad_tx": one("昨年の夏にエステへ4回通いました。副作用はありませんでした。"), "preg": {"no"}, "hx_cold": {"cad"}, "hx": {"none"},
			"fam": {"dm"}, "meds": {"warf"}, "med_names": one("ワルファリン錠"), "allergy": {"none"}, "implant": {"none"}, "site": {"none"},
			"surgery": one("no"), "neck": {"none"}, "interest": {"cool", "life"}, "budget": one("na"),
			"worry": one("鏡に映った後ろ姿が気になります。運動しても背中だけ変わりません。"), "c_true": one("yes"),
		},
	},
	{
		attribution: clinic.Attribution{Area: "thigh_b", Article: "hamstring"},
		booking:     map[string][]string{"contact": {"email", "tel"}, "visited": one("first"), "areas": {"thigh_b", "hip"}, "found": {"article", "search"}, "guardian": one("form"), "c_privacy": one("yes"), "c_cancel": one("yes")},
		intake: map[string][]string{
			"area_main": one("thigh_b"), "look": {"sag", "firm"}, "height": one("163.5"), "weight": one("54"), "w_change": one("same"), "by_when": one("m6"),
			"sit_h": one("h6"), "phone_h": one("h1"), "posture": {"sway"}, "scapula": one("ok"), "cold": {"swell"}, "flex": one("knee"),
			"thigh": {"front", "back_stiff"}, "pain": {"none"}, "ex30": one("w2"), "level": one("mid"), "place": {"gym"}, "trained": {"quad", "glute"},
			"trouble": {"cramp", "form"}, "stretch": one("slow"), "rest": one("yes"), "barrier": {"none"}, "meals": one("m3"), "late": one("no"),
			"carb_fat": {"none"}, "protein": one("every"), "fast": one("avg"), "binge": {"none"}, "sleep": one("h7"), "alcohol": one("rare"),
			"smoke": one("no"), "tried": {"train", "aero"}, "result": one("part"), "preg": {"no"}, "hx_cold": {"none"}, "hx": {"none"},
			"fam": {"none"}, "meds": {"none"}, "allergy": {"none"}, "implant": {"none"}, "site": {"none"}, "surgery": one("no"), "neck": {"none"},
			"interest": {"life"}, "budget": one("b10"), "c_true": one("yes"),
		},
	},
	{
		booking: map[string][]string{"contact": {"tel"}, "visited": one("again"), "areas": {"belly", "flank"}, "found": {"friend"}, "guardian": one("form"), "c_privacy": one("yes"), "c_cancel": one("yes"), "c_ads": one("yes")},
	},
	{
		attribution: clinic.Attribution{Area: "chin", Campaign: "autumn"},
		booking:     map[string][]string{"contact": {"sms"}, "visited": one("first"), "areas": {"chin", "face", "arm"}, "found": {"sns"}, "guardian": one("form"), "c_privacy": one("yes"), "c_cancel": one("yes")},
		intake: map[string][]string{
			"area_main": one("chin"), "look": {"sag"}, "height": one("170"), "weight": one("92"), "goal_w": one("75"), "by_when": one("none"),
			"sit_h": one("h9"), "phone_h": one("h3"), "posture": {"unknown"}, "scapula": one("pain"), "cold": {"none"}, "flex": one("shin"),
			"pain": {"neck", "knee"}, "pain_lv": one("7"), "pain_care": one("yes"), "ex30": one("w0"), "level": one("none"), "stretch": one("never"),
			"barrier": {"time", "pain"}, "meals": one("irr"), "late": one("yes"), "carb_fat": {"carb", "fat", "out"}, "protein": one("low"), "fast": one("fast"),
			"binge": {"none"}, "sleep": one("lt5"), "alcohol": one("daily"), "alc_amt": one("g3"), "smoke": one("past"), "tried": {"drug"}, "result": one("rebound"),
			"bad_tx": one("2年前に3か月。胃のむかつきがあり、やめました。"), "preg": {"no"}, "hx_cold": {"none"}, "hx": {"t2", "bp", "sas"}, "fam": {"dm"},
			"meds": {"ins", "other"}, "med_names": one("インスリン、血圧の薬（名前は手帳で確認します）"), "allergy": {"soy"}, "allergy_txt": one("豆乳で口がかゆくなります。"),
			"implant": {"none"}, "site": {"none"}, "surgery": one("old"), "neck": {"none"}, "interest": {"drug", "inj"}, "budget": one("b30"),
			"worry": one("薬と持病の相性が心配です。"), "c_true": one("yes"),
		},
	},
	{
		attribution: clinic.Attribution{Area: "arm"},
		booking:     map[string][]string{"contact": {"email"}, "visited": one("first"), "areas": {"arm", "undecided"}, "guardian": one("form"), "c_privacy": one("yes"), "c_cancel": one("yes")},
		sections:    2,
		intake: map[string][]string{
			"area_main": one("arm"), "height": one("155"), "weight": one("49"), "sit_h": one("h3"), "posture": {"none"}, "scapula": one("ok"), "flex": one("floor"), "pain": {"none"},
		},
	},
}
