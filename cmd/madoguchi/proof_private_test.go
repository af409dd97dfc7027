package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"madoguchi/config"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// What the patient of this test is called, and says, is found nowhere else.
const (
	secretFamily  = "鑞蠑髙"
	secretGiven   = "﨑蘂朧"
	secretKana    = "ぬゔぃをゑ"   // typed so, kept as ヌヴィヲヱ
	secretKana2   = "ﾇｶﾞﾜﾋﾟﾖ" // typed so, kept as ヌガワピヨ
	secretPhone   = "０９０－８７３１－４４２９"
	secretLocal   = "zq-marker-7431"
	secretDomain  = "himitsu-8899.example.jp"
	secretRequest = "駐車場の鼈甲色 quartz-request-5512"
	secretText    = "鬱金香の囁き quartz-answer-%s-6613"
)

// secrets are all the ways in which it could show up, before any encoding.
var secrets = []string{
	secretFamily, secretGiven, secretKana, "ヌヴィヲヱ", secretKana2, "ヌガワピヨ", secretPhone, "09087314429", "090-8731-4429", "8731-4429", "87314429",
	secretLocal, secretDomain, "1987-03-17", "1987/03/17", "鼈甲色", "quartz-request-5512", "鬱金香の囁き", "quartz-answer-",
	"職員鸞鳳", "quartz-staff-1288", "signin-quartz-9931",
}

// freeTexts are the questions that are answered in words of one's own.
var freeTexts = []string{"bad_tx", "med_names", "hx_txt", "allergy_txt", "worry"}

// TestProof_NoPlainPersonalData plants a patient through the pages and the API, in good and in wrong forms, lets one
// letter go out and one fail, makes the server fail inside, and then looks for the patient in everything a thief would
// carry away: the database's bytes and the log.
func TestProof_NoPlainPersonalData(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			mails := mailtest.Start(t, mailtest.Script{Rcpt: func(n int) error {
				if n > 1 { // in the words of many a mail server
					return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + secretLocal + "@" + secretDomain + "> unknown"}
				}
				return nil
			}})
			s := newSettings(t, engine).mailTo(mails, "")
			c := openClinic(t, s, 3)
			withStore(t, s, func(st *store.Store) { // who books three times
				c.branch.Settings.LiveBookings = 3
				_, err := st.SaveBranch(t.Context(), storetest.Owner, c.branch)
				must(t, err)
			})
			p := serve(t, s)
			v := newVisitor(t, p)

			token := bookAsSecret(t, v, c.slots[0])
			answerAsSecret(t, v, token)
			letter := arrive(t, mails, 1)[0]
			if !strings.Contains(letter.To, secretLocal) || !bytes.Contains(letter.Data, []byte("To:")) {
				t.Fatalf("the letter went to %s", letter.To)
			}
			callAsSecret(t, v, c.slots[1])
			p.waitLog(t, regexp.MustCompile(`msg="letter not sent" .*failure="smtp 550 5.1.1"`))
			failInside(t, v, s, c.slots[2], token)
			password := searchAsReception(t, v, s)

			tokens := []string{token, password}
			base, err := url.Parse(v.base)
			must(t, err)
			for _, cookie := range v.http.Jar.Cookies(base) {
				if len(cookie.Value) > 10 {
					tokens = append(tokens, cookie.Value)
				}
			}
			if len(tokens) < 4 {
				t.Fatal("the visitor's cookie or the session's is missing")
			}
			database := databaseBytes(t, s)
			p.stop(t)
			for place, content := range databaseBytes(t, s) {
				database["after the end: "+place] = content
			}
			lookFor(t, append(tokens, secrets...), database)
			lookFor(t, append(tokens, secrets...), map[string][]byte{"the log": []byte(p.Log.String())})
			for line := range strings.Lines(p.Log.String()) {
				if strings.Contains(line, "127.0.0.1") && !strings.Contains(line, "msg=ready") {
					t.Errorf("the log has the visitor's network address: %s", line)
				}
			}
		})
	}
}

// secretForm is the booking form as the patient fills it in.
func secretForm(slotID string) url.Values {
	return url.Values{
		"slot": {slotID}, "family_name": {secretFamily}, "given_name": {secretGiven}, "family_kana": {secretKana}, "given_kana": {secretKana2},
		"birth_year": {"1987"}, "birth_month": {"3"}, "birth_day": {"17"}, "sex": {"f"}, "phone": {secretPhone}, "email": {secretLocal + "@" + secretDomain},
		"contact": {"email"}, "visited": {"first"}, "areas": {"chin"}, "request": {secretRequest}, "c_privacy": {"yes"}, "c_cancel": {"yes"},
		"area": {"chin"}, "article": {"chin-fat"},
	}
}

// bookAsSecret walks from the grid to the confirmation, by way of two wrong forms, and returns the link's token.
func bookAsSecret(t *testing.T, v *visitor, slotID string) string {
	t.Helper()
	v.post("/hold", url.Values{"slot": {slotID}}).expect(t, http.StatusOK, "/book")
	for field, value := range map[string]string{"c_privacy": "", "family_name": secretFamily + "\u202e"} {
		form := secretForm(slotID)
		form.Set(field, value)
		page := v.post("/book", form).expect(t, http.StatusUnprocessableEntity, "/book").page(t)
		if typed, _ := page.Find("[name=given_name]").Attr("value"); typed != secretGiven {
			t.Fatalf("the form lost what was typed: %q", typed)
		}
	}
	a := v.post("/book", secretForm(slotID)).expect(t, http.StatusOK, "/booking/")
	if !bytes.Contains(a.Body, []byte(secretDomain)) {
		t.Fatal("the confirmation does not say where the letter goes")
	}
	return strings.TrimPrefix(a.URL.Path, "/booking/")
}

// answerAsSecret answers the whole questionnaire, free texts included, and sees the answers on the overview.
func answerAsSecret(t *testing.T, v *visitor, token string) {
	t.Helper()
	questions, err := config.Questionnaire()
	must(t, err)
	answers := url.Values{
		"height": {"160"}, "weight": {"55"}, "tried": {"drug"}, "tx_react": {"yes"}, "sit_h": {"h3"}, "posture": {"none"}, "scapula": {"ok"}, "pain": {"none"},
		"ex30": {"w1"}, "level": {"mid"}, "meals": {"m3"}, "late": {"no"}, "carb_fat": {"none"}, "protein": {"daily"},
		"preg": {"no"}, "hx_group": {"blood"}, "body": {"none"}, "neck": {"none"}, "med_any": {"yes"}, "allergy_any": {"yes"}, "hx_blood": {"cancer"},
		"meds": {"thyr"}, "glp": {"lira"}, "glp_last": {"m2p"}, "allergy": {"food"}, "sleep": {"h7"}, "alcohol": {"never"}, "fam": {"none"},
	}
	for _, id := range freeTexts {
		answers.Set(id, fmt.Sprintf(secretText, id))
	}
	for _, section := range questions.Intake {
		for _, question := range section.Questions {
			answers.Add("asked", question.ID)
		}
	}
	for _, section := range questions.Intake {
		wrong := url.Values{"worry": {secretText + "\x00"}, "bad_tx": {strings.Repeat(secretText, 200)}, "height": {secretText}}
		v.post("/intake/"+token+"/"+section.ID, wrong).expect(t, http.StatusUnprocessableEntity, "/intake/")
		v.post("/intake/"+token+"/"+section.ID, answers).expect(t, http.StatusOK, "/intake/")
	}
	review := v.get("/intake/"+token+"/review").expect(t, http.StatusOK, "/intake/")
	for _, id := range freeTexts {
		if !bytes.Contains(review.Body, []byte(fmt.Sprintf(secretText, id))) {
			t.Errorf("%s was not kept", id)
		}
	}
	v.get("/intake/"+token+"/done").expect(t, http.StatusOK, "/intake/"+token+"/done")
}

// callAsSecret books over the API, after calls of every wrong form.
func callAsSecret(t *testing.T, v *visitor, slotID string) {
	t.Helper()
	call := map[string]any{
		"slot_id": slotID, "areas": []string{"back"}, "consents": map[string]bool{"privacy": true, "cancellation": true},
		"patient": map[string]any{
			"family_name": secretFamily, "given_name": secretGiven, "family_kana": secretKana, "given_kana": secretKana2, "birth_date": "1987-03-17", "sex": "f",
			"phone": secretPhone, "email": secretLocal + "@" + secretDomain,
		},
	}
	body, err := json.Marshal(call)
	must(t, err)
	post := func(body string, status int) {
		t.Helper()
		a, err := v.do(http.MethodPost, "/api/v1/bookings", "application/json", body, http.Header{"Idempotency-Key": {secretLocal}})
		must(t, err)
		a.expect(t, status, "/api/")
		if status != http.StatusCreated && bytes.Contains(a.Body, []byte(secretLocal)) {
			t.Errorf("the problem repeats what was sent: %s", a.Body)
		}
	}
	post(strings.Replace(string(body), `"1987-03-17"`, `"1987-02-30"`, 1), http.StatusUnprocessableEntity)
	post(strings.Replace(string(body), `"sex":"f"`, `"sex":{"`+secretLocal+`":1}`, 1), http.StatusUnprocessableEntity)
	post(strings.Replace(string(body), `"sex":"f"`, `"sex":"`+secretLocal+`"`, 1), http.StatusUnprocessableEntity)
	post(string(body[:len(body)-9]), http.StatusBadRequest)
	post(string(body), http.StatusCreated)
	post(strings.Replace(string(body), `"sex":"f"`, `"sex":"m"`, 1), http.StatusUnprocessableEntity) // the same key
}

// failInside takes tables away under the running server, so that it fails in the middle of a booking and of an answer.
func failInside(t *testing.T, v *visitor, s settings, slotID, token string) {
	t.Helper()
	another := secretForm(slotID)
	another.Set("another", "yes")
	for table, send := range map[string]func() answer{
		"letters": func() answer { return v.post("/book", another) },
		"intakes": func() answer {
			return v.post("/intake/"+token+"/wish", url.Values{"worry": {secretText}, "c_true": {"yes"}})
		},
	} {
		storetest.Exec(t, s["MADOGUCHI_DATABASE"], "ALTER TABLE "+table+" RENAME TO "+table+"_away")
		a := send().expect(t, http.StatusInternalServerError, "/")
		storetest.Exec(t, s["MADOGUCHI_DATABASE"], "ALTER TABLE "+table+"_away RENAME TO "+table)
		if id := a.Header.Get("X-Request-Id"); id == "" || !bytes.Contains(a.Body, []byte(id)) || !bytes.Contains(a.Body, []byte("</html>")) {
			t.Errorf("the page does not say its request id %q:\n%s", id, a.Body)
		}
	}
}

// searchAsReception makes an account, mistypes its password, signs in, and looks the patient up. It returns the password.
func searchAsReception(t *testing.T, v *visitor, s settings) string {
	t.Helper()
	const email = "signin-quartz-9931@himitsu-8899.example"
	password := addStaff(t, s, "reception", email, "職員鸞鳳 quartz-staff-1288", "")
	v.post("/office/sign-in", url.Values{"email": {email}, "password": {password + "x"}}).expect(t, http.StatusUnprocessableEntity, "/office/sign-in")
	v.post("/office/sign-in", url.Values{"email": {email}, "password": {password}}).expect(t, http.StatusOK, "/office/day")
	for _, q := range []string{secretKana, secretPhone, secretLocal + "@" + secretDomain} {
		found := v.post("/office/search", url.Values{"q": {q}}).expect(t, http.StatusOK, "/office/search")
		links := found.page(t).Find("main a[href^='/office/bookings/']")
		if links.Length() != 2 {
			t.Fatalf("%d bookings were found for %s", links.Length(), q)
		}
		path, _ := links.First().Attr("href")
		if booking := v.get(path).expect(t, http.StatusOK, path); !bytes.Contains(booking.Body, []byte(secretFamily)) {
			t.Error("the front desk does not see who comes")
		}
	}
	return password
}

// databaseBytes is the database as a thief has it: SQLite's files as they lie there, every row of PostgreSQL.
func databaseBytes(t *testing.T, s settings) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	if path, ok := strings.CutPrefix(s["MADOGUCHI_DATABASE"], "sqlite:"); ok {
		files, err := filepath.Glob(path + "*")
		must(t, err)
		for _, file := range files {
			out[filepath.Base(file)], err = os.ReadFile(file)
			must(t, err)
		}
	} else {
		for table, rows := range storetest.Read(t, s["MADOGUCHI_DATABASE"]) {
			out[table] = []byte(strings.Join(rows, "\n"))
		}
	}
	// What is no secret must be found, or this looks at the wrong thing.
	if !bytes.Contains(bytes.Join(slicesOf(out), nil), []byte("見本県架空市")) {
		t.Fatalf("the branch is not in %v", keysOf(out))
	}
	return out
}

func slicesOf(m map[string][]byte) (out [][]byte) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func keysOf(m map[string][]byte) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

func lookFor(t *testing.T, words []string, places map[string][]byte) {
	t.Helper()
	for place, content := range places {
		for _, word := range words {
			for form, text := range storetest.FormsOf(word) {
				if bytes.Contains(content, text) {
					t.Errorf("%s holds %q as %s", place, word, form)
				}
			}
		}
	}
}
