package clinic

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAdvertising_MarksWhatTheRulesForbid has for each rule what it forbids, in the spellings that people use, with the word that is shown.
func TestAdvertising_MarksWhatTheRulesForbid(t *testing.T) {
	for _, c := range []struct {
		text string
		rule AdRule
		word string
	}{
		{"当院は日本一の実績です。", AdSuperior, "日本一"},
		{"地域Ｎｏ．１のクリニックです。", AdSuperior, "Ｎｏ．１の"},
		{"ﾅﾝﾊﾞｰﾜﾝの医師", AdSuperior, "ﾅﾝﾊﾞｰﾜﾝ"},
		{"最 高 の医療をお届けします。", AdSuperior, "最 高 の"},
		{"どこよりも丁寧です。", AdSuperior, "どこよりも"},
		{"芸能人も通うクリニックです。", AdSuperior, "芸能人"},
		{"最新の治療機器をそろえました。", AdSuperior, "最新の治療"},
		{"We are the best clinic in Tokyo.", AdSuperior, "the best"},
		{"A world-class team", AdSuperior, "world-class"},
		{"必ず痩せる方法をご紹介します。", AdFalse, "必ず痩せ"},
		{"必ず、3か月でやせます。", AdFalse, "必ず、3か月でやせ"},
		{"絶対に安全です。", AdFalse, "絶対に安全"},
		{"１００％ご満足いただけます。", AdFalse, "１００％"},
		{"確実に効果が出ます。", AdFalse, "確実に効果が"},
		{"副作用は一切ありません。", AdFalse, "副作用は一切ありません"},
		{"リバウンドしません。", AdFalse, "リバウンドしません"},
		{"効果を保証します。", AdFalse, "効果を保証"},
		{"Results are guaranteed.", AdFalse, "guaranteed"},
		{"Lose 5 kg in a month", AdFalse, "Lose 5 kg"},
		{"It is painless and completely safe.", AdFalse, "painless"},
		{"患者さんの喜びの声をご覧ください。", AdExperience, "患者さんの喜びの声"},
		{"体験談を掲載中です。", AdExperience, "体験談"},
		{"口コミをご覧ください。", AdExperience, "口コミ"},
		{"Read our testimonials.", AdExperience, "testimonials"},
		{"ビフォー・アフターをお見せします。", AdBefore, "ビフォー・アフター"},
		{"施術前後の写真があります。", AdBefore, "施術前後の写真"},
		{"See before/after photos.", AdBefore, "before/after"},
		{"今だけの特別なご案内です。", AdPrice, "今だけ"},
		{"秋のｷｬﾝﾍﾟｰﾝを実施中です。", AdPrice, "ｷｬﾝﾍﾟｰﾝ"},
		{"初回は20％ＯＦＦです。", AdPrice, "％ＯＦＦ"},
		{"3割引でお受けいただけます。", AdPrice, "3割引"},
		{"無料プレゼントをご用意しました。", AdPrice, "プレゼント"},
		{"モニター募集中です。", AdPrice, "モニター募集"},
		{"A 20% discount for you", AdPrice, "discount"},
		{"Get 20% off today.", AdPrice, "20% off"},
		{"1回 9,800円から受けられます。", AdPromotion, "9,800円"},
		{"脂肪吸引もご相談ください。", AdPromotion, "脂肪吸引"},
		{"医療ハイフを始めました。", AdPromotion, "ハイフを"},
		{"新しい施術のご案内です。", AdPromotion, "新しい施術"},
		{"From 9,800 yen per session", AdPromotion, "9,800 yen"},
		{"Ask about liposuction.", AdPromotion, "liposuction"},
	} {
		found := Advertising(c.text)
		if !containsAd(found, AdWord{c.rule, c.word}) {
			t.Errorf("%q: found %q, want %s %q", c.text, found, c.rule, c.word)
		}
	}
}

func containsAd(all []AdWord, want AdWord) bool {
	for _, w := range all {
		if w == want {
			return true
		}
	}
	return false
}

// TestAdvertising_LeavesAloneWhatIsMeantOtherwise has sentences that letters about a booking need.
func TestAdvertising_LeavesAloneWhatIsMeantOtherwise(t *testing.T) {
	for _, text := range []string{
		"このたびは無料カウンセリングをご予約いただき、ありがとうございます。",
		"保険証は必ずお持ちください。",
		"必ず健診の結果をお持ちください。",
		"お薬手帳を必ずご持参ください。",
		"治療中のご病気がある方は、必ず事前にお知らせください。",
		"当日は絶対安静と言われている方は、お電話ください。",
		"ご連絡は確実につながるお電話番号へお願いします。",
		"駐車場は30分200円です。提携の駐車場はございません。",
		"駅からタクシーで1,000円ほどです。",
		"費用はかかりません。",
		"無理な勧誘は一切ありません。",
		"待合室のモニターで、お名前ではなく番号でお呼びします。",
		"受付は先着順ではありません。",
		"当日の最高気温は35度の予報です。水分をお持ちください。",
		"最高血圧を測ってからお越しください。",
		"東口を出て、No.1ビルの4階です。",
		"資料を窓口で配布しています。電話番号はハイフンなしでお書きください。",
		"最新のご案内は、お電話でお尋ねください。",
		"ご予約の1時間前までにお越しください。",
		"Please be sure to bring your ID.",
		"Best regards, the front desk",
		"We cannot guarantee a parking space.",
		"Parking costs 200 yen for 30 minutes.",
		"Please answer the questions before and after your visit.",
		"Please review your answers. The counseling is free of charge.",
		"Our clinic is in building No. 1.",
	} {
		if found := Advertising(text); len(found) > 0 {
			t.Errorf("%q: %q", text, found)
		}
	}
}

// TestAdvertising_IsFoundHoweverItIsSpread: spaces and signs between its letters, another width, or the other kana hide no word, and what is
// shown stands in the text.
func TestAdvertising_IsFoundHoweverItIsSpread(t *testing.T) {
	words := []string{"日本一", "キャンペーン", "体験談", "半額", "ビフォーアフター", "脂肪吸引", "クーポン", "ナンバーワン"}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words).Draw(t, "word")
		var b strings.Builder
		for _, r := range word {
			if 'ァ' <= r && r <= 'ヶ' && rapid.Bool().Draw(t, "hiragana") {
				r -= 'ァ' - 'ぁ'
			}
			b.WriteRune(r)
			b.WriteString(rapid.SampledFrom([]string{"", "", " ", "　", "・", "\u200b", "「", "★"}).Draw(t, "between"))
		}
		text := rapid.SampledFrom([]string{"", "本日は、", "ご案内。"}).Draw(t, "before") + b.String() + "のご案内です。"
		found := Advertising(text)
		if len(found) == 0 {
			t.Fatalf("%q is not found in %q", word, text)
		}
		for _, f := range found {
			if f.Word == "" || !strings.Contains(text, f.Word) {
				t.Fatalf("%q is shown of %q", f.Word, text)
			}
		}
	})
}

func FuzzAdvertising(f *testing.F) {
	for _, text := range []string{"必ず痩せる", "ｶﾞﾞ", "％ＯＦＦ", "\xff\u3099", "before/after"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range Advertising(text) {
			if !strings.Contains(string([]rune(text)), found.Word) {
				t.Errorf("%q is shown of %q", found.Word, text)
			}
		}
	})
}
