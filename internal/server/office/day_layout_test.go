package office

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// Whatever the slots of a day are, each is shown once, in its doctor's column, and every row of the table has as many
// cells as there are doctors, those counted that a slot above still covers.
func TestLayDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		morning := time.Date(2026, time.November, 25, 0, 0, 0, 0, time.UTC)
		doctors := make([]clinic.Doctor, rapid.IntRange(1, 4).Draw(t, "doctors"))
		var entries []store.SlotEntry
		for d := range doctors {
			doctors[d].ID = fmt.Sprint("doctor", d)
			at := morning
			for range rapid.IntRange(0, 8).Draw(t, "slots") {
				at = at.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "pause")) * 10 * time.Minute)
				end := at.Add(time.Duration(rapid.IntRange(1, 9).Draw(t, "length")) * 10 * time.Minute)
				entries = append(entries, store.SlotEntry{Slot: clinic.SlotWithState{Slot: clinic.Slot{
					ID: fmt.Sprint(d, "-", at), DoctorID: doctors[d].ID, StartsAt: at, EndsAt: end,
				}}})
				at = end
			}
		}
		rows := layDay(entries, doctors)
		shown := map[string]bool{}
		for i, row := range rows {
			if len(row.Cells) != len(doctors) || !row.EndsAt.After(row.StartsAt) {
				t.Fatalf("row %d: %+v", i, row)
			}
			for d, cell := range row.Cells {
				if cell.Rows == 0 {
					continue
				}
				if shown[cell.Slot.ID] || cell.Slot.DoctorID != doctors[d].ID || !cell.Slot.StartsAt.Equal(row.StartsAt) {
					t.Fatalf("slot %+v in row %d, column %d", cell.Slot, i, d)
				}
				shown[cell.Slot.ID] = true
				if last := rows[i+cell.Rows-1]; !last.EndsAt.Equal(cell.Slot.EndsAt) {
					t.Fatalf("slot %+v ends in a row that ends at %v", cell.Slot, last.EndsAt)
				}
				for _, below := range rows[i+1 : i+cell.Rows] {
					if !below.Cells[d].Covered {
						t.Fatalf("the row at %v is not covered by %+v", below.StartsAt, cell.Slot)
					}
				}
			}
		}
		if len(shown) != len(entries) {
			t.Fatalf("%d of %d slots are shown", len(shown), len(entries))
		}
	})
}
