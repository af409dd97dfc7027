package fhir_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/internal/fhir"
	"madoguchi/internal/intake"
)

const canonical = "https://yoyaku.example.jp/fhir"

func shipped(tb testing.TB) *intake.Questionnaire {
	tb.Helper()
	data, err := os.ReadFile("../../config/questionnaire.json")
	if err != nil {
		tb.Fatal(err)
	}
	q, err := intake.ReadDraft(data)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// drawText is any text that people can read.
func drawText(t *rapid.T, label string) intake.Text {
	draw := func(lang string) string {
		return clinic.TidyText(clinic.Showable(rapid.StringN(0, 12, -1).Draw(t, label+lang)))
	}
	return intake.Text{JA: "題" + draw("ja"), EN: "T" + draw("en")}
}

// drawDraft is the shipped questionnaire after any edits.
func drawDraft(t *rapid.T, q *intake.Questionnaire) *intake.Questionnaire {
	q = q.Clone()
	for n := range rapid.IntRange(0, 8).Draw(t, "edits") {
		s := q.All()[rapid.IntRange(0, len(q.Intake)).Draw(t, "section")]
		if len(s.Questions) == 0 {
			continue
		}
		question := s.Questions[rapid.IntRange(0, len(s.Questions)-1).Draw(t, "question")]
		switch rapid.IntRange(0, 6).Draw(t, "edit") {
		case 0:
			question.Label = drawText(t, "label")
		case 1:
			question.Help = drawText(t, "help")
			question.Short = drawText(t, "short")
		case 2:
			question.Required = !question.Required
		case 3:
			_ = q.MoveQuestion(question.ID, s.ID, rapid.IntRange(0, 9).Draw(t, "to"))
			continue
		case 4:
			s.Intro = drawText(t, "intro")
			_ = q.ChangeSection(s)
			continue
		case 5:
			if question.OptionsOf == "" && len(question.Options) > 0 && question.Kind == intake.Many {
				question.Options = append(question.Options, intake.Option{Code: fmt.Sprintf("x%d", n), Text: drawText(t, "option"), Short: drawText(t, "option short")})
				if !question.Exclusive(question.Options[0].Code) {
					question.Excludes = append(question.Excludes, question.Options[0].Code)
				}
			}
		case 6:
			question = intake.Question{ID: fmt.Sprintf("new%d", n), Kind: intake.Number, Label: drawText(t, "label"), Min: 0.5, Max: 99.5, Decimals: 1, Unit: rapid.SampledFrom([]string{"cm", "回"}).Draw(t, "unit")}
			_ = q.AddQuestion(s.ID, question)
			continue
		}
		_ = q.ChangeQuestion(question)
	}
	return q
}

// What is written and read again says the same.
func TestWriteAndRead_SayTheSame(t *testing.T) {
	before := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q := drawDraft(t, before)
		body, err := fhir.Write(q, canonical, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := fhir.Read(body, before, intake.TakenBy(before))
		if err != nil || len(d.Lost) > 0 {
			t.Fatal(err, d.Lost)
		}
		if changes := intake.Difference(q, d.Questions); len(changes) > 0 || d.Questions.Version != q.Version {
			t.Fatalf("%+v", changes)
		}
		wrote, err := q.Body()
		if err != nil {
			t.Fatal(err)
		}
		again, err := d.Questions.Body()
		if err != nil || !bytes.Equal(wrote, again) {
			t.Fatalf("other bytes: %v\n%s\n%s", err, wrote, again)
		}
	})
}

// schemaErrors are what the official JSON schema of R4 has to say.
func schemaErrors(t *testing.T, resources ...[]byte) [][]string {
	t.Helper()
	check := exec.CommandContext(t.Context(), "node", "testdata/check.mjs")
	check.Stdin = strings.NewReader("[" + string(bytes.Join(resources, []byte(","))) + "]")
	check.Stderr = os.Stderr
	out, err := check.Output()
	if err != nil {
		t.Fatal(err)
	}
	var errs [][]string
	if err := json.Unmarshal(out, &errs); err != nil {
		t.Fatal(err)
	}
	return errs
}

func answered(t *testing.T, q *intake.Questionnaire) (intake.Record, intake.Facts) {
	t.Helper()
	var personas []struct {
		Booking, Intake intake.Answers
	}
	data, err := os.ReadFile("../../config/personas.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &personas); err != nil {
		t.Fatal(err)
	}
	f := intake.Facts{Age: 36, Sex: "f", Areas: personas[0].Booking[q.Uses.Areas]}
	done := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	return intake.Record{Answers: personas[0].Intake, CompletedAt: &done, UpdatedAt: done}, f
}

func completed(t *testing.T) *intake.Questionnaire {
	t.Helper()
	data, err := os.ReadFile("../../config/questionnaire.json")
	if err != nil {
		t.Fatal(err)
	}
	q, err := intake.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestWrite_KeepsToTheOfficialSchema(t *testing.T) {
	q := shipped(t)
	resource, err := fhir.Write(q, canonical, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	r, f := answered(t, completed(t))
	response, err := fhir.WriteResponse(completed(t), r, f, canonical)
	if err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Replace(resource, []byte(`"status"`), []byte(`"state"`), 1)
	errs := schemaErrors(t, resource, response, wrong)
	if len(errs[0]) > 0 || len(errs[1]) > 0 {
		t.Errorf("the questionnaire: %v; the response: %v", errs[0], errs[1])
	}
	if len(errs[2]) == 0 {
		t.Error("the schema finds nothing in a resource that is wrong")
	}
	for _, want := range []string{`"enableWhen"`, `"answerOption"`, "questionnaire-optionExclusive", "StructureDefinition/translation", "minValue", "maxValue", `"required": true`, `"repeats": true`} {
		if !strings.Contains(string(resource), want) {
			t.Errorf("no %s", want)
		}
	}
	for _, s := range q.All() {
		for _, question := range s.Questions {
			if condition := question.ShowIf.String(); condition != "" && !strings.Contains(condition, "!") && !strings.ContainsAny(condition, "#?") && !strings.Contains(condition, " and ") && !strings.Contains(condition, "from-") && !strings.Contains(item(t, resource, question.ID), `"enableWhen"`) {
				t.Errorf("%s is asked without a condition elsewhere: %s", question.ID, condition)
			}
		}
	}
}

// item is the item of a question, as JSON.
func item(t *testing.T, resource []byte, id string) string {
	t.Helper()
	var q struct {
		Item []struct{ Item []json.RawMessage }
	}
	if err := json.Unmarshal(resource, &q); err != nil {
		t.Fatal(err)
	}
	for _, group := range q.Item {
		for _, each := range group.Item {
			if strings.Contains(string(each), fmt.Sprintf("%q: %q", "linkId", id)) {
				return string(each)
			}
		}
	}
	t.Fatal(id)
	return ""
}

// A response has what counts and nothing that a later answer has hidden.
func TestWriteResponse_HasTheVisibleAnswers(t *testing.T) {
	q := completed(t)
	r, f := answered(t, q)
	body, err := fhir.WriteResponse(q, r, f, canonical)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Questionnaire, Status string
		Item                  []struct {
			Item []struct {
				LinkID string
				Answer []map[string]any
			}
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Status != "completed" || got.Questionnaire != canonical+"/Questionnaire/intake|"+q.Version {
		t.Errorf("%s %s", got.Status, got.Questionnaire)
	}
	count := map[string]int{}
	for _, group := range got.Item {
		for _, each := range group.Item {
			count[each.LinkID] = len(each.Answer)
		}
	}
	visible := q.Prune(r.Answers, f)
	for id, values := range visible {
		if count[id] != len(values) {
			t.Errorf("%s: %d answers of %d", id, count[id], len(values))
		}
	}
	if len(count) != len(visible) {
		t.Errorf("%d questions are answered, not %d", len(count), len(visible))
	}
	r.CompletedAt = nil
	r.Answers = intake.Answers{"med_any": {"no"}, "med_names": {"隠れた答え"}}
	if body, err = fhir.WriteResponse(q, r, f, canonical); err != nil || bytes.Contains(body, []byte("隠れた")) || !bytes.Contains(body, []byte("in-progress")) {
		t.Errorf("%v %s", err, body)
	}
}

const foreign = `{"resourceType":"Questionnaire","status":"active","language":"en","title":"Headache","item":[
 {"linkId":"1","type":"group","text":"Head","item":[
  {"linkId":"1.1","type":"boolean","text":"Does it hurt?","required":true},
  {"linkId":"pain","type":"choice","text":"Where?","repeats":true,"enableWhen":[{"question":"1.1","operator":"=","answerBoolean":true}],
   "answerOption":[{"valueCoding":{"code":"L-1","display":"Left"}},{"valueString":"Right side"}],
   "item":[{"linkId":"1.2.1","type":"date","text":"Since when?"}]},
  {"linkId":"1.3","type":"attachment","text":"A picture"},
  {"linkId":"1.4","type":"decimal","text":"How often?","enableWhen":[{"question":"1.1","operator":"=","answerBoolean":true},{"question":"pain","operator":"exists","answerBoolean":false}],"enableBehavior":"any"}]}]}`

// What comes from elsewhere keeps no id that means something here, and what cannot be taken over is named.
func TestRead_FromElsewhere(t *testing.T) {
	now := shipped(t)
	d, err := fhir.Read([]byte(foreign), now, intake.TakenBy(now))
	if err != nil {
		t.Fatal(err)
	}
	q := d.Questions
	if len(q.Intake) != 1 || len(q.Intake[0].Questions) != 4 || q.Booking.ID != "booking" || q.Uses.Privacy != now.Uses.Privacy {
		t.Fatalf("%+v", q.Intake)
	}
	asked := q.Intake[0].Questions
	if asked[1].ID == "pain" {
		t.Error("an id that means something here was kept")
	}
	if asked[1].Kind != intake.Many || asked[1].ShowIf.String() != asked[0].ID+"=yes" || asked[2].Kind != intake.LongText || asked[3].Kind != intake.Number {
		t.Errorf("%+v", asked)
	}
	if asked[0].Label.EN != "Does it hurt?" || asked[0].Label.JA != "" {
		t.Errorf("an English text: %+v", asked[0].Label)
	}
	want := []intake.Lost{
		{What: intake.LostAnswer, Item: "1.2.1", Label: "Since when?", Question: asked[2].ID},
		{What: intake.LostItem, Item: "1.3", Label: "A picture"},
		{What: intake.LostCondition, Item: "1.4", Label: "How often?", Question: asked[3].ID},
	}
	if !slices.Equal(d.Lost, want) {
		t.Errorf("%+v", d.Lost)
	}
}

// Each thing that cannot be taken over is named, at the item that has it.
func TestRead_NamesWhatIsLost(t *testing.T) {
	now := shipped(t)
	const question = `{"resourceType":"Questionnaire","item":[{"linkId":"g","type":"group","text":"頭","item":[{"linkId":"y","type":"boolean","text":"はい？"},%s]}]}`
	for name, tt := range map[string]struct {
		item string
		want intake.LostKind
	}{
		"a text":             {`{"linkId":"x","type":"display","text":"お読みください"}`, intake.LostText},
		"a second help":      {`{"linkId":"q","type":"text","text":"痛み","item":[{"linkId":"h","type":"display","text":"説明"},{"linkId":"x","type":"display","text":"もうひとつ"}]}`, intake.LostText},
		"a file":             {`{"linkId":"x","type":"attachment","text":"写真"}`, intake.LostItem},
		"below a file":       {`{"linkId":"f","type":"attachment","text":"写真","item":[{"linkId":"x","type":"text","text":"いつの写真"}]}`, intake.LostItem},
		"a date":             {`{"linkId":"x","type":"date","text":"いつから"}`, intake.LostAnswer},
		"a free answer":      {`{"linkId":"x","type":"open-choice","text":"どこ","answerOption":[{"valueString":"右"}]}`, intake.LostOther},
		"an option":          {`{"linkId":"x","type":"choice","text":"いつ","answerOption":[{"valueDate":"2026-01-01"}]}`, intake.LostOption},
		"a list elsewhere":   {`{"linkId":"x","type":"choice","text":"どこ","answerValueSet":"http://example.org/places"}`, intake.LostOptions},
		"a condition":        {`{"linkId":"x","type":"text","text":"どこ","enableWhen":[{"question":"y","operator":"exists","answerBoolean":false}]}`, intake.LostCondition},
		"of a group":         {`{"linkId":"x","type":"group","item":[{"linkId":"q","type":"text","text":"どこ"}],"enableWhen":[{"question":"y","operator":"=","answerBoolean":true}]}`, intake.LostCondition},
		"a group in a group": {`{"linkId":"x","type":"group","text":"左","item":[{"linkId":"q","type":"text","text":"どこ"}]}`, intake.LostGroup},
		"what is filled in":  {`{"linkId":"x","type":"text","text":"どこ","initial":[{"valueString":"頭"}]}`, intake.LostInitial},
		"a length":           {`{"linkId":"x","type":"text","text":"どこ","maxLength":20}`, intake.LostLength},
		"an extension":       {`{"linkId":"x","type":"text","text":"どこ","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-hidden","valueBoolean":true}]}`, intake.LostExtension},
	} {
		d, err := fhir.Read(fmt.Appendf(nil, question, tt.item), now, intake.TakenBy(now))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if at := slices.IndexFunc(d.Lost, func(l intake.Lost) bool { return l.What == tt.want && l.Item == "x" }); at < 0 {
			t.Errorf("%s: %+v", name, d.Lost)
		}
	}
}

func TestRead_Refuses(t *testing.T) {
	now := shipped(t)
	nested := strings.Repeat(`{"linkId":"g","type":"group","item":[`, 20) + strings.Repeat(`]}`, 20)
	var many []string
	for n := range intake.MaxQuestions + 20 {
		many = append(many, fmt.Sprintf(`{"linkId":"n%d","type":"text","text":"x"}`, n))
	}
	for name, tt := range map[string]struct{ body, want string }{
		"no JSON":          {"x", "error.questionnaire.import.json"},
		"no UTF-8":         {"\xff", "error.questionnaire.import.json"},
		"another resource": {`{"resourceType":"Patient"}`, "error.questionnaire.import.resource"},
		"nothing":          {`{"resourceType":"Questionnaire"}`, "error.questionnaire.import.empty"},
		"too long":         {strings.Repeat(" ", intake.MaxDraft+1), "error.questionnaire.import.long"},
		"too deep":         {`{"resourceType":"Questionnaire","item":[` + nested + `]}`, "error.questionnaire.import.deep"},
		"too many":         {`{"resourceType":"Questionnaire","item":[` + strings.Join(many, ",") + `]}`, "error.questionnaire.import.large"},
		"twice":            {`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"text"},{"linkId":"a","type":"text"}]}`, "error.questionnaire.import.twice"},
		"our own, broken":  {`{"resourceType":"Questionnaire","extension":[{"url":"x/StructureDefinition/madoguchi-uses","extension":[{"url":"json","valueString":"[1]"}]}],"item":[{"linkId":"a","type":"text"}]}`, "error.questionnaire.import.own"},
	} {
		_, err := fhir.Read([]byte(tt.body), now, intake.TakenBy(now))
		var refusal *clinic.Error
		if !errors.As(err, &refusal) || refusal.Message != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// Whatever comes in, it is refused with a sentence, or it is a draft that can be stored, shown and looked through.
func FuzzRead(f *testing.F) {
	now := shipped(f)
	own, err := fhir.Write(now, canonical, time.Time{})
	if err != nil {
		f.Fatal(err)
	}
	taken := intake.TakenBy(now)
	for _, seed := range []string{string(own), foreign, `{"resourceType":"Questionnaire","item":[{"linkId":"","type":"choice","answerOption":[{}]}]}`, `{}`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := fhir.Read(body, now, taken)
		var refusal *clinic.Error
		if err != nil {
			if !errors.As(err, &refusal) {
				t.Fatal(err)
			}
			return
		}
		written, err := d.Questions.Body()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := intake.ReadDraft(written); err != nil {
			t.Fatal(err)
		}
		d.Findings(now, []*intake.Questionnaire{now}, intake.Cautions{Sources: []byte("[]")})
		d.Questions.Lenient()
	})
}
