package main_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestWalk_DoctorReleasesAHold: a doctor signs the cautions, releases a treatment that is held, with a reason that must be there, and takes it
// back; the badge, the line and the paper say so. It is the same with and without scripts.
func TestWalk_DoctorReleasesAHold(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	token := bookAndAnswer(t, d)
	booking := d.chart(t, token).Appointment.Booking.ID
	chart := "/office/charts/" + booking
	for _, scripts := range []bool{true, false} {
		v := browsertest.Visit(t, d.URL, browsertest.Tablet)
		name := "release"
		if !scripts {
			name = "release-plain"
			v.TurnScriptsOff()
		}
		signIn(t, d, v, "doctor")
		badge := func() string {
			t.Helper()
			v.Open(chart)
			return v.Text(`a.visit[href$="` + booking + `"]`)
		}
		if scripts {
			v.Open(chart)
			if !v.Sees("#unsigned") {
				t.Error("the chart does not say that no doctor has signed the cautions")
			}
			v.FollowAt("#unsigned a")
			v.Look("cautions")
			v.FollowAt("#signature button")
			if said := v.Text("main [role=status]"); !strings.Contains(said, "署名しました") {
				t.Errorf("after the signature stands %q", said)
			}
		}
		if words := badge(); !strings.Contains(words, "保留 1") {
			t.Fatalf("the list says %q", words)
		}
		if v.Sees("#unsigned") {
			t.Error("the chart says that no doctor has signed")
		}
		v.Click("#line-cold details.release summary")
		v.FollowAtTo(http.StatusUnprocessableEntity, "#line-cold details.release button")
		if scripts {
			bringUpToDate(v)
		}
		if wrong := v.Text("#line-cold .error"); !strings.Contains(wrong, "理由を入力") {
			t.Errorf("without a reason the line says %q", wrong)
		}
		v.Look(name + "-no-reason")
		browsertest.Read[bool](v, `document.querySelector("#line-cold textarea").focus() ?? true`)
		v.Write("主治医に確認し、症状はありません。")
		if scripts { // what was typed stays, also when somebody looks elsewhere for a moment
			browsertest.Read[bool](v, `document.activeElement.blur() ?? true`)
			bringUpToDate(v)
		}
		v.FollowAt("#line-cold details.release button")
		v.Look(name + "-done")
		if line := v.Text("#line-cold"); !strings.Contains(line, "解除済み") || !strings.Contains(line, "見本 花") || !strings.Contains(line, "主治医に確認し、症状はありません。") {
			t.Errorf("the line says %q", line)
		}
		if words := badge(); strings.Contains(words, "保留") {
			t.Errorf("the list says %q after the release", words)
		}
		v.FollowAt("#line-cold .released button")
		if v.Sees("#line-cold .released") || !strings.Contains(badge(), "保留 1") {
			t.Error("what was taken back is still released")
		}
	}
}

// bringUpToDate has a page ask for itself again, as after a change somewhere else, and waits until it has the answer.
func bringUpToDate(v *browsertest.Visitor) {
	browsertest.Read[bool](v, `(() => {
		document.body.removeAttribute("data-settled");
		document.body.addEventListener("htmx:afterSettle", () => document.body.setAttribute("data-settled", ""), { once: true });
		return document.querySelector("[data-live]").dispatchEvent(new Event("live"));
	})()`)
	v.WaitFor("body[data-settled]")
}
