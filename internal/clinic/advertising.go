package clinic

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// AdRule is a rule about what a letter of a clinic must not say.
type AdRule string

// The rules. But for the last they are those of the Ministry of Health's guideline on medical advertising (医療広告ガイドライン). The last is
// our own: whoever has booked gets letters about their booking, and advertising would need their consent.
const (
	AdSuperior   AdRule = "superior"   // 比較優良広告: better than others, known through famous people
	AdFalse      AdRule = "false"      // 虚偽広告・誇大広告: certain, safe, without side effects
	AdExperience AdRule = "experience" // 体験談
	AdBefore     AdRule = "before"     // 治療の前後の写真
	AdPrice      AdRule = "price"      // 費用を強調した広告、提供する医療と関係のない誘引: 品位を損ねる内容
	AdPromotion  AdRule = "promotion"  // a treatment or its price, in a letter about a booking
)

// AdRules are all rules, in the order in which they are asked.
var AdRules = []AdRule{AdSuperior, AdFalse, AdExperience, AdBefore, AdPrice, AdPromotion}

// AdWord is a word of a text that a rule forbids, as it stands in the text.
type AdWord struct {
	Rule AdRule
	Word string
}

// adPattern is what a rule forbids: words in Japanese, which are looked for in a text without spaces and signs, in one width and in
// hiragana, and words in English. A sentence in which unless is found means something else by them.
type adPattern struct {
	rule           AdRule
	ja, en         string
	jaRead, enRead *regexp.Regexp
	unless         string
	unlessRead     *regexp.Regexp
}

// adEffect is what a treatment is said to do. 治療 itself, 落ち着く and 結果をお持ちください are not meant.
const adEffect = `(?:痩せ?|やせ|治[りるっせし]|効[くきい]|効果が|効果を実感|効果あり|成功|満足|細く|細身|安全|大丈夫|きれいにな|綺麗にな|引き締ま|減り|減る|減ら|落ちま|落ちる|落とせ|改善し|改善す|結果が出|結果を出|後悔|失敗し|リバウンド|痛くな)`

var adPatterns = readAdPatterns([]adPattern{
	{
		rule: AdSuperior,
		ja: `日本一|世界一|業界一|地域一|県内一|都内一|日本初|世界初|業界初|最高(?:[^気血裁]|$)|最良の|最上級|最先端|業界最|no1(?:[^0-9]|$)|ナンバーワン|ナンバー1|第?[1一]位|トップクラス|トップレベル|` +
			`どこよりも|他院(?:より|と比べ|では|には)|比類|最新の?(?:治療|機器|医療|マシン|技術|設備|施術)|芸能人|有名人|著名人|セレブ|モデルも`,
		en:     `the best|best (?:clinic|doctors?|results?|treatments?|in)|number one|leading (?:clinic|doctors?|experts?)|world[- ]class|top[- ]rated|unrivall?ed|celebrit(?:y|ies)|cutting[- ]edge|state[- ]of[- ]the[- ]art|award[- ]winning|better than other`,
		unless: `ビル|出口|階|番線|building|exit|gate|platform|the best way to (?:get|reach|come)`,
	},
	{
		rule: AdFalse,
		ja: `絶対(?:に|的に|の)?` + adEffect + `|必ず[^。]{0,8}?` + adEffect + `|確実に[^。]{0,8}?` + adEffect + `|(?:100|百)(?:%|パーセント)|(?:満足度|成功率)[^。]{0,4}[0-9]+(?:%|パーセント)|` +
			`永久(?:に|的|脱毛|保証)|(?:効果|結果|安全|満足|返金|全額)[をは]?保証|(?:副作用|リスク|痛み|ダウンタイム)[はがも]?(?:一切|全く|まったく|ほとんど)?(?:ありません|ない|なし|無し|ゼロ)|無痛|` +
			`リバウンド(?:しな|しません|なし|ゼロ)|奇跡|魔法の|劇的|驚異|画期的|(?:楽に|楽して|簡単に|すぐに|短期間で|飲むだけで|寝ている間に)(?:痩|やせ)|(?:痩|やせ)(?:られま|られる|ます|ました)|` +
			`[0-9]+(?:kg|キロ|cm|センチ)(?:減|痩|やせ|落)|部分(?:痩|やせ)`,
		en: `guarantee[ds]?|100 ?(?:%|percent)|permanent(?:ly)?|painless|pain[- ]free|risk[- ]free|no (?:risks?|side effects?|pain|downtime)|without (?:risks?|side effects?)|miracles?|instant results?|` +
			`always works|(?:completely|absolutely|totally) safe|lose (?:up to )?[0-9]+ ?(?:kg|kilos?|pounds|lbs?)|(?:lose|losing) weight|slimmer in`,
		unless: `(?:cannot|can't|can not|not) (?:be )?guarantee|無痛(?:では|ではあ)`,
	},
	{
		rule: AdExperience,
		ja:   `体験談|体験記|(?:お客様|お客さま|患者様|患者さま|患者さん|利用者様?|皆様)(?:から)?の(?:喜びの|お喜びの|嬉しい)?声|喜びの声|口コミ|クチコミ|レビュー`,
		en:   `testimonials?|what our (?:patients|clients|customers) say|(?:patient|customer|client|5[- ]star|google|our) reviews?|reviews? (?:from|by) (?:patients|clients|customers)`,
	},
	{
		rule: AdBefore,
		ja:   `ビフォーアフター|ビフォアアフター|ビフォー&アフター|(?:施術|治療|手術)(?:の)?前後の(?:お?写真|比較|画像|変化)|症例写真|使用前使用後`,
		en:   `before ?[/&] ?after|before[- ]and[- ]after (?:photos?|pictures?|images?|results?)`,
	},
	{
		rule: AdPrice,
		ja: `今だけ|今なら|今がチャンス|今月限り|本日限り|期間限定|限定(?:価格|料金|プラン|特典|[0-9]+名)|先着[0-9]+名|キャンペーン|セール|割引|割り引|[0-9一二三四五六七八九]割(?:引|off|オフ|安)|%(?:off|オフ)|パーセント(?:off|オフ)|半額|値引|値下げ|` +
			`特別価格|特別料金|特価|格安|激安|最安|お得|おトク(?:な|に|です)|キャッシュバック|モニター(?:募集|価格|様|さん|料金|プラン|割)|クーポン|ポイント(?:還元|進呈|[0-9]+倍)|プレゼント|景品|粗品|ギフト|` +
			`無料(?:進呈|体験|お試し|モニター|施術|で施術|サービス)|友達紹介|お友達(?:を|の)?ご?紹介|お友だち(?:を|の)?ご?紹介|特典|医療ローン|分割払`,
		en: `discount(?:s|ed)?|[0-9]+ ?% ?off|[0-9]+ percent off|half[- ]price|special (?:offer|price|deal)s?|limited[- ]time|(?:today|now) only|only today|on sale|big sale|coupons?|campaigns?|free (?:gift|trial|treatment|sample)s?|cash ?back|bargains?|cheap(?:er|est)?|vouchers?|refer a friend`,
	},
	{
		rule: AdPromotion,
		ja: `[0-9][0-9,]*(?:万|千|百)?円|[¥][0-9]+|脂肪(?:吸引|溶解|冷却)|クールスカルプ|ハイフ(?:[^ン]|$)|痩身(?:注射|施術|コース|プラン|メニュー)|ダイエット(?:注射|薬|外来|コース|プラン|メニュー)|(?:医療|メディカル)ダイエット|` +
			`glp1|オゼンピック|ウゴービ|マンジャロ|リベルサス|サクセンダ|ゼップバウンド|ボトックス|ヒアルロン酸|医療脱毛|(?:新しい|新|人気の?|お?(?:すすめ|勧め)の?|話題の)(?:施術|メニュー|治療|コース|プラン|機器)|` +
			`(?:施術|治療|コース|プラン|メニュー)(?:の|が|を|も)?(?:ご?予約受付中|始めました|はじめました|スタート|導入しました|いかがですか)`,
		en:     `(?:jpy|usd) ?[0-9]+|[0-9][0-9,]* ?(?:yen|jpy|usd|dollars?)|liposuction|botox|coolsculpting|fat[- ]freezing|ozempic|wegovy|mounjaro|hifu|new treatments?|our (?:new )?(?:treatments|menu|courses)|treatment menu`,
		unless: `駐車|パーキング|駅から|バス|タクシー|交通費|運賃|ロッカー|parking|taxi|fare|locker|\bbus\b`,
	},
})

func readAdPatterns(all []adPattern) []adPattern {
	for i, p := range all {
		all[i].jaRead = regexp.MustCompile(inHiragana(p.ja))
		all[i].enRead = regexp.MustCompile(`\b(?:` + p.en + `)(?:\b|$)`)
		if p.unless != "" {
			all[i].unlessRead = regexp.MustCompile(inHiragana(p.unless))
		}
	}
	return all
}

// Advertising finds what a text has that a letter must not say, in the order of the rules and, for each of them, of the text.
func Advertising(text string) (found []AdWord) {
	dense, spaced := readAdText(text, true), readAdText(text, false)
	for _, p := range adPatterns {
		for _, in := range []struct {
			read    adText
			pattern *regexp.Regexp
		}{{dense, p.jaRead}, {spaced, p.enRead}} {
			for _, at := range in.pattern.FindAllStringIndex(in.read.text, -1) {
				word := AdWord{p.rule, in.read.original(at[0], at[1])}
				if p.unlessRead != nil && p.unlessRead.MatchString(in.read.sentence(at[0], at[1])) || slices.Contains(found, word) {
					continue
				}
				found = append(found, word)
			}
		}
	}
	return found
}

// adText is a text as it is searched, and where each of its bytes comes from.
type adText struct {
	typed []rune
	text  string
	from  []int
}

// sentenceEnd ends a sentence in an adText.
const sentenceEnd = '。'

// readAdText writes a text in small letters, narrow, and in hiragana. Written densely it has neither spaces nor signs, so that nobody hides a
// word by spreading it, but for those that the patterns name.
func readAdText(s string, densely bool) adText {
	t := adText{typed: []rune(s)}
	var b strings.Builder
	for i, r := range t.typed {
		switch r = plainAdRune(r); {
		case r == 'ﾞ' || r == 'ﾟ' || r == '\u3099' || r == '\u309a':
			if joined := markLast(b.String(), r); joined != "" {
				b.Reset()
				b.WriteString(joined)
				t.from[len(t.from)-1] = i // the word ends with its mark
			}
			continue
		case strings.ContainsRune("。\n!?", r):
			r = sentenceEnd
		case densely && (unicode.IsSpace(r) || invisible(r) || strings.ContainsRune("・.-‐/'\"「」『』()[]【】、~_*☆★♪", r)):
			continue
		case unicode.IsSpace(r):
			r = ' '
		case r == '’':
			r = '\''
		}
		for range len(string(r)) {
			t.from = append(t.from, i)
		}
		b.WriteRune(r)
	}
	t.text = b.String()
	return t
}

// original is what stands in the text as it was typed for a stretch of what is searched.
func (t adText) original(begin, end int) string {
	if begin >= end {
		return ""
	}
	return strings.Trim(string(t.typed[t.from[begin]:t.from[end-1]+1]), " \n、。")
}

// sentence is the sentence around a stretch of what is searched.
func (t adText) sentence(begin, end int) string {
	from := strings.LastIndex(t.text[:begin], string(sentenceEnd)) + 1
	until := strings.Index(t.text[end:], string(sentenceEnd))
	if until < 0 {
		return t.text[max(from, 0):]
	}
	return t.text[max(from, 0) : end+until]
}

// narrowKana are the narrow katakana from U+FF66 on, as hiragana.
var narrowKana = []rune("をぁぃぅぇぉゃゅょっーあいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわん")

// plainAdRune is a sign in the one shape in which it is looked for.
func plainAdRune(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		r = r - '！' + '!'
	case r >= 'ｦ' && r <= 'ﾝ':
		return narrowKana[r-'ｦ']
	case r >= 'ァ' && r <= 'ヶ':
		return r - 'ァ' + 'ぁ'
	case r == '￥':
		return '¥'
	case r == '｡':
		return sentenceEnd
	}
	return unicode.ToLower(r)
}

// inHiragana writes the katakana of a pattern in hiragana.
func inHiragana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, s)
}

// markLast puts the mark of a narrow or decomposed kana on the last kana of a text: か and ﾞ make が. It is empty where there is none to put
// it on.
func markLast(s string, mark rune) string {
	runes := []rune(s)
	if len(runes) == 0 {
		return ""
	}
	last := &runes[len(runes)-1]
	switch half := mark == 'ﾟ' || mark == '\u309a'; {
	case half && strings.ContainsRune("はひふへほ", *last):
		*last += 2
	case !half && strings.ContainsRune("かきくけこさしすせそたちつてとはひふへほ", *last):
		*last++
	default:
		return ""
	}
	return string(runes)
}
