package patient_test

import (
	"strings"
	"testing"

	"madoguchi/web/patient"
)

func TestProblemPage(t *testing.T) {
	for status, want := range map[int]string{404: "ページが見つかりません", 405: "ページが見つかりません", 410: "このリンクの期限が過ぎました", 500: "申し訳ありません。問題が起きました", 599: "申し訳ありません。問題が起きました"} {
		if got := text(render(t, "ja", patient.ProblemPage(patient.Problem{Status: status})).Find("h1")); got != want {
			t.Errorf("%d: %q", status, got)
		}
	}
	if got := text(render(t, "en", pages()["problem-500"]).Find("main")); !strings.Contains(got, "5kq2vhz3") {
		t.Error("the request number is missing")
	}
	if render(t, "ja", pages()["problem-409"]).Find("form[action='/hold'] button[name=slot]").Length() != 3 {
		t.Error("no other times are offered")
	}
}
