package intake

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ruled is the built-in questionnaire with its cautions.
func ruled(tb testing.TB) *Questionnaire {
	tb.Helper()
	var p Publication
	for name, into := range map[string]*[]byte{"questionnaire.json": &p.Questions, "cautions.txt": &p.Cautions, "sources.json": &p.Sources} {
		data, err := os.ReadFile("../../config/" + name)
		if err != nil {
			tb.Fatal(err)
		}
		*into = data
	}
	q, err := p.Parse()
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// Every rule that holds is told, under exactly one fact for each of its answers, and nothing is told without a rule.
func TestDigest_TellsEveryRuleAndEachFactOnce(t *testing.T) {
	q := ruled(t)
	rapid.Check(t, func(t *rapid.T) {
		a, f := drawAnswers(t, q), drawFacts(t)
		d := q.Digest(a, f)
		lines := slices.Concat(d.Lines, d.Notes)
		ids := map[string]bool{}
		marked := map[string]Severity{} // the gravest by treatment and question
		held, check := 0, 0
		for _, l := range lines {
			if ids[l.ID] {
				t.Fatalf("%s is told twice", l.ID)
			}
			ids[l.ID] = true
			worst := Severity("")
			for _, m := range l.Marks {
				gravest := Severity("")
				for _, r := range m.Rules {
					gravest = graver(gravest, r.Rule.Severity)
					if r.Rule.Treatment != m.Treatment && r.Rule.Treatment != AllTreatments {
						t.Fatalf("%s: %s stands under %s", l.ID, r.Rule.When, m.Treatment)
					}
					key := string(m.Treatment) + " " + r.Reasons[0].Question.ID
					marked[key] = graver(marked[key], r.Rule.Severity)
				}
				if m.Severity != gravest || gravest == "" {
					t.Fatalf("%s: the mark of %s is %s, its rules say %s", l.ID, m.Treatment, m.Severity, gravest)
				}
				worst = graver(worst, gravest)
			}
			if l.Severity != worst {
				t.Fatalf("%s is %s, its marks say %s", l.ID, l.Severity, worst)
			}
			if l.Title("ja") == "" || l.Title("en") == "" || len(l.Items) == 0 {
				t.Fatalf("%s says nothing", l.ID)
			}
			held, check = held+btoi(worst == Block), check+btoi(worst == Doctor)
		}
		for i := 1; i < len(d.Lines); i++ {
			if rank(d.Lines[i-1].Severity) > rank(d.Lines[i].Severity) {
				t.Fatal("a grave fact stands below a lesser one")
			}
		}
		if h, c := d.Counts(); h != held || c != check {
			t.Fatalf("counted %d and %d, want %d and %d", h, c, held, check)
		}
		want := map[string]Severity{}
		for _, c := range q.Cautions(a, f) {
			for _, treatment := range Columns {
				if c.Treatment != treatment && c.Treatment != AllTreatments {
					continue
				}
				key := string(treatment) + " " + c.Reasons[0].Question.ID
				want[key] = graver(want[key], c.Severity)
			}
		}
		for key, severity := range want {
			// An alternative that holds beside the first one stands under its own question.
			if got := marked[key]; got == "" || rank(got) > rank(severity) {
				t.Fatalf("%s: told %q, the cautions say %s", key, got, severity)
			}
		}
		visible := q.Visible(a, f)
		for _, l := range lines {
			for _, r := range l.Words {
				if !visible[r.Question.ID] || !slices.Equal(r.Values, a[r.Question.ID]) {
					t.Fatalf("%s: the words %v are not whole", l.ID, r.Values)
				}
			}
			for _, item := range l.Items {
				if q.asks(item.Question.ID) && item.Question.ID != FactAreas && !visible[item.Question.ID] {
					t.Fatalf("%s is hidden and told", item.Question.ID)
				}
			}
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// told writes a digest for a test: severity, fact, marks by column.
func told(d Digest) []string {
	var out []string
	for _, l := range slices.Concat(d.Lines, d.Notes) {
		line := string(l.Severity) + " " + l.Title("ja") + " |"
		for _, t := range Columns {
			mark := string(l.Mark(t).Severity)
			if mark == "" {
				mark = "–"
			}
			line += " " + mark
		}
		for _, w := range l.Words {
			line += "「" + strings.Join(w.Values, "") + "」"
		}
		out = append(out, line)
	}
	for _, c := range d.Contradictions {
		out = append(out, "! "+c.Rule.ID)
	}
	return out
}

func TestDigest_OfTheBuiltInRules(t *testing.T) {
	q := ruled(t)
	fat := Answers{"height": {"160"}, "weight": {"72"}}
	for name, c := range map[string]struct {
		answers Answers
		facts   Facts
		want    []string
	}{
		"warfarin and a bleeding disorder are one fact": {
			Answers{"med_any": {"yes"}, "med_names": {"ワルファリン錠1mg 朝2錠"}, "meds": {"thin", "warf"}, "hx_group": {"blood"}, "hx_blood": {"bleed"}},
			Facts{},
			[]string{"doctor ワルファリン、血液をサラサラにする薬、出血しやすい病気 | doctor doctor doctor「ワルファリン錠1mg 朝2錠」"},
		},
		"diabetes, with what no rule speaks of": {
			Answers{"med_any": {"yes"}, "meds": {"ins"}, "hx_group": {"sugar"}, "hx_sugar": {"t1", "retina"}, "fam": {"dm"}, "binge": {"none"}},
			Facts{},
			[]string{"block 1型糖尿病、糖尿病網膜症、インスリン・SU薬、家族に糖尿病 | note note block"},
		},
		"a tumor that three questions may name": {
			Answers{"hx_group": {"sugar", "blood"}, "hx_sugar": {"mtc"}, "hx_blood": {"mtc"}, "fam": {"mtc"}, "binge": {"none"}},
			Facts{},
			[]string{"block 甲状腺髄様がん・MEN2、家族に髄様がん・MEN2 | – – block"},
		},
		"organs in the order of their weight": {
			Answers{"hx_group": {"gut", "blood", "heart"}, "hx_gut": {"liv", "panc", "hernia"}, "hx_blood": {"kid"}, "hx_heart": {"bp"}, "hx_txt": {"x"}},
			Facts{},
			[]string{
				"block お腹・足のつけ根のヘルニア | block – –",
				"doctor 膵炎、腎臓の病気、肝臓の病気 | – doctor doctor",
				"note 高血圧 | – note –",
			},
		},
		"an allergy with its words": {
			Answers{"allergy_any": {"yes"}, "allergy": {"drug", "latex"}, "allergy_txt": {"ロキソプロフェンで発疹。2019年"}},
			Facts{},
			[]string{"doctor アレルギー：薬、ラテックス・金属 | – doctor –「ロキソプロフェンで発疹。2019年」"},
		},
		"a value says how it was got": {
			Answers{"height": {"200"}, "weight": {"120.1"}, "goal_w": {"73.9"}},
			Facts{},
			[]string{"doctor BMI 30.03、目標のBMI 18.48 | doctor doctor doctor"},
		},
		"both of two": {
			Answers{"hx_group": {"sugar"}, "hx_sugar": {"t2"}, "body": {"op"}, "surgery": {"soon"}},
			Facts{},
			[]string{"block 3か月以内に手術の予定、2型糖尿病 | – – block", "doctor 2型糖尿病 | note note doctor"},
		},
		"what was left empty": {
			Answers{"sleep": {"h7"}},
			Facts{},
			[]string{"note 食べ方：未回答 | – – note"},
		},
		"a warning in the text against the box": {
			Answers{"med_any": {"yes"}, "med_names": {"わーふぁりん を朝に"}, "meds": {"none"}},
			Facts{},
			[]string{"! thinner"},
		},
		"a warning in wide letters": {
			Answers{"med_any": {"supp"}, "med_names": {"ＷＡＲＦＡＲＩＮ １ｍｇ"}},
			Facts{},
			[]string{"! thinner"},
		},
		"a warning in the text beside another medicine": {
			Answers{"med_any": {"yes"}, "med_names": {"ワルファリン 3mg 朝、チラーヂン"}, "meds": {"thyr"}},
			Facts{},
			[]string{"! thinner"},
		},
		"insulin beside another medicine, and not known which": {
			Answers{"med_any": {"yes"}, "med_names": {"インスリン"}, "meds": {"unknown"}},
			Facts{},
			[]string{"! insulin"},
		},
		"a GLP-1 medicine beside insulin": {
			Answers{"med_any": {"yes"}, "med_names": {"オゼンピック"}, "meds": {"ins"}, "hx_group": {"sugar"}, "hx_sugar": {"t2"}},
			Facts{},
			[]string{"doctor 2型糖尿病、インスリン・SU薬 | note note doctor", "! glp_named"},
		},
		"a medicine that only a worry names": {
			Answers{"med_any": {"no"}, "worry": {"血が止まりにくい薬（ワーファリン）を飲んでいますが大丈夫ですか"}, "binge": {"none"}},
			Facts{},
			[]string{"! thinner"},
		},
		"what is chosen and named": {
			Answers{"med_any": {"yes"}, "med_names": {"バイアスピリン"}, "meds": {"thin"}},
			Facts{},
			[]string{"doctor 血液をサラサラにする薬 | doctor doctor –「バイアスピリン」"},
		},
		"a reaction, and only hay fever": {
			Answers{"tried": {"cool"}, "tx_react": {"yes"}, "bad_tx": {"アナフィラキシーで救急搬送"}, "allergy_any": {"pollen"}},
			Facts{},
			[]string{"doctor 受けた施術：脂肪冷却 | doctor – –「アナフィラキシーで救急搬送」", "! reaction"},
		},
		"no contradiction": {
			Answers{"med_any": {"yes"}, "med_names": {"ビタミンD"}, "meds": {"none"}}, Facts{}, nil,
		},
		"a reaction, and no allergy": {
			Answers{"tried": {"cool"}, "tx_react": {"yes"}, "bad_tx": {"ジンマシンが出ました"}, "allergy_any": {"no"}},
			Facts{},
			[]string{"doctor 受けた施術：脂肪冷却 | doctor – –「ジンマシンが出ました」", "! reaction"},
		},
		"an allergy to what went well": {
			Answers{"tried": {"drug"}, "tx_react": {"no"}, "result": {"good"}, "allergy_any": {"yes"}, "allergy": {"glp"}},
			Facts{},
			[]string{"block アレルギー：GLP-1薬 | – – block", "! glp"},
		},
		"nothing": {fat, Facts{Age: 36, Sex: "f", Areas: []string{"chin"}}, nil},
		"silence": {nil, Facts{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(q.Digest(c.answers, c.facts)); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestDigest_SaysWhereValuesComeFrom(t *testing.T) {
	d := ruled(t).Digest(Answers{"height": {"158"}, "weight": {"80"}, "goal_w": {"45"}}, Facts{})
	for i, want := range []string{"158 cm 80 kg", "158 cm 45 kg"} {
		item := d.Lines[0].Items[i]
		if got := strings.Join(append(item.From[0].Show("ja"), item.From[1].Show("ja")...), " "); got != want {
			t.Errorf("%s comes from %s, want %s", item.Title("ja"), got, want)
		}
	}
	if words := d.Lines[0].RuleWords(); !slices.ContainsFunc(words, func(w Text) bool { return w.EN == "The goal weight would mean a BMI below 18.5." }) {
		t.Errorf("words %q", words)
	}
	if n := len(d.Lines[0].Sources()); n < 4 {
		t.Errorf("%d sources", n)
	}
}

func TestDigest_SinceMarksWhatIsNew(t *testing.T) {
	q := ruled(t)
	before := Answers{"med_any": {"yes"}, "med_names": {"アスピリン"}, "meds": {"thin"}}
	now := Answers{"med_any": {"yes"}, "med_names": {"アスピリン、ワルファリン"}, "meds": {"thin", "warf"}}
	d := q.Digest(now, Facts{}).Since(q.Digest(before, Facts{}))
	if items := d.Lines[0].Items; !items[0].Added || items[1].Added {
		t.Errorf("%s %v, %s %v", items[0].Title("ja"), items[0].Added, items[1].Title("ja"), items[1].Added)
	}
	strip := SinceStrip(q.Strip(now, Facts{}, q.Digest(now, Facts{})), q.Strip(before, Facts{}, q.Digest(before, Facts{})))
	if !strip[0].Added || strip[1].Added {
		t.Error("the strip does not say what is new")
	}
}

func TestStrip_OfTheBuiltInCells(t *testing.T) {
	q := ruled(t)
	states := func(a Answers, f Facts) string {
		var out []string
		for _, c := range q.Strip(a, f, q.Digest(a, f)) {
			said := string(c.State)
			if c.Severity != "" {
				said += "/" + string(c.Severity)
			}
			for _, w := range c.Words {
				said += " " + strings.Join(w.Question.Brief(w.Values, "ja"), "・")
			}
			out = append(out, said)
		}
		return strings.Join(out, ", ")
	}
	woman, man := Facts{Age: 36, Sex: "f"}, Facts{Age: 36, Sex: "m"}
	none := Answers{"preg": {"no"}, "hx_group": {"none"}, "body": {"none"}, "med_any": {"no"}, "allergy_any": {"no"}}
	for name, c := range map[string]struct {
		answers Answers
		facts   Facts
		want    string
	}{
		"silence":              {nil, woman, "silent, silent, silent, silent, silent"},
		"silence of a man":     {nil, man, "silent, silent, not_asked, silent, silent"},
		"sex not known":        {nil, Facts{}, "silent, silent, silent, silent, silent"},
		"nothing":              {none, woman, "none, none, none, none, none"},
		"nothing, a man":       {none, man, "none, none, not_asked, none, none"},
		"a gate without words": {Answers{"med_any": {"yes"}, "hx_group": {"sugar"}, "body": {"device"}}, woman, "said お薬がある, silent, silent, said 糖尿病・甲状腺など, said 体内の機器・金属など"},
		"medicines": {
			Answers{"med_any": {"yes"}, "med_names": {"ワルファリン錠1mg 朝2錠、アムロジピン5mg 朝1錠"}, "meds": {"warf"}},
			woman,
			"said/doctor ワルファリン錠1mg 朝2錠、アムロジピン5mg 朝1錠 ワルファリン, silent, silent, silent, silent",
		},
		"none of these, and a name": {
			Answers{"med_any": {"yes"}, "med_names": {"漢方薬"}, "meds": {"none"}}, woman, "said 漢方薬, silent, silent, silent, silent",
		},
		"no medicine now, a GLP-1 before": {
			Answers{"med_any": {"no"}, "tried": {"drug"}, "glp": {"sema"}, "glp_last": {"m1"}}, woman, "said/note 今の薬はない セマグルチド 1か月以内, silent, silent, silent, silent",
		},
		"illness, no surgery": {
			Answers{"hx_group": {"gut", "heart"}, "hx_gut": {"hernia"}, "hx_heart": {"bp"}, "body": {"cold"}, "hx_cold": {"cad"}},
			woman,
			"silent, silent, silent, said/block 寒冷凝集素症 高血圧 お腹・足のつけ根のヘルニア, none",
		},
		"no illness, surgery": {
			Answers{"hx_group": {"none"}, "body": {"op"}, "surgery": {"old"}, "surg_site": {"abd"}},
			woman,
			"silent, silent, silent, said/doctor お腹の手術, none",
		},
		"pregnant": {Answers{"preg": {"maybe"}}, woman, "silent, silent, said/block 妊娠の可能性, silent, silent"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := states(c.answers, c.facts); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestComplaint(t *testing.T) {
	q := ruled(t)
	f := Facts{Areas: []string{"back"}}
	own := q.Complaint(Answers{"worry": {"背中が気になります。"}, "look": {"fat"}}, f)
	if len(own.Words) != 1 || own.Words[0].Values[0] != "背中が気になります。" || len(own.Chosen) != 2 {
		t.Errorf("%+v", own)
	}
	chosen := q.Complaint(Answers{"look": {"fat"}}, f)
	if len(chosen.Words) > 0 || len(chosen.Chosen) != 2 {
		t.Errorf("%+v", chosen)
	}
	if got := q.Wanted(Answers{"interest": {"drug", "cool", "life"}}, f); !slices.Equal(got, []Treatment{Cool, Drug}) {
		t.Errorf("wanted %v", got)
	}
}
