package intake

import "testing"

// What a version never asked is not the same as what was left empty.
func TestStrip_OfWhatIsNotAskedAtAll(t *testing.T) {
	q := reparse(t, small(Question{ID: "meds", Kind: Many, Options: options("warf", NoneCode)}))
	for i, c := range q.Strip(Answers{"meds": {NoneCode}}, Facts{}, q.Digest(Answers{"meds": {NoneCode}}, Facts{})) {
		want := CellUnknown
		if i == 0 {
			want = CellNone
		}
		if c.State != want {
			t.Errorf("%s is %s, want %s", c.Cell.ID, c.State, want)
		}
	}
}
