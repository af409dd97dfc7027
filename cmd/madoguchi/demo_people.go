package main

import "madoguchi/internal/clinic"

// Everything in this file is invented, and says so: 見本 (sample), 試験 (test), 架空 (imaginary), 例示 (illustration).

var demoSettings = clinic.Settings{
	Name: "見本クリニック", NameEn: "Mihon Clinic",
	Operator: "医療法人社団 見本会（架空）", OperatorEn: "Mihon-kai Medical Corporation (fictional)",
	Address: "見本県架空市例示町1-2-3", AddressEn: "1-2-3 Reiji-cho, Kaku-shi, Mihon-ken",
	Contact: "個人情報相談係 03-0000-0001（平日10:00–18:00）", ContactEn: "Privacy desk, 03-0000-0001 (weekdays 10:00–18:00)",
	Processors: "見本サーバー株式会社（予約システムの運用）\n見本メール株式会社（メールの送信）", ProcessorsEn: "Mihon Servers (runs the booking system)\nMihon Mail (sends our mail)",
}

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
