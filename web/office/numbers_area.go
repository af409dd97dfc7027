package office

import (
	"cmp"
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// areaCount is how many bookings name an area.
type areaCount struct {
	intake.Option
	N int
}

// areas are those that were named, the most frequent first.
func (v Numbers) areas() (out []areaCount) {
	for _, o := range v.Areas {
		if n := v.Counted.ByArea[o.Code]; n > 0 {
			out = append(out, areaCount{o, n})
		}
	}
	slices.SortStableFunc(out, func(a, b areaCount) int { return cmp.Compare(b.N, a.N) })
	return out
}

func (v Numbers) areaSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.areas"), Columns: []string{l.T("office.numbers.area"), l.T("office.numbers.count"), l.T("office.numbers.share")}}
	for _, a := range v.areas() {
		s.Rows = append(s.Rows, []string{a.In(l.Lang()), thousands(a.N), percent(clinic.Share{N: a.N, Of: v.Counted.WithArea}, 0)})
	}
	return s
}

// areaDrawing is the figure with the areas that were named, the more often the stronger.
func (v Numbers) areaDrawing(l web.Locale, front bool) ui.Drawing {
	d := ui.Drawing{Front: front, Clip: "areas-" + ui.ClipID(front)}
	perZone := map[intake.Zone]int{}
	most := 1
	for _, a := range v.areas() {
		perZone[a.Zone] += a.N
		if a.Zone != "" && a.Zone != intake.Whole {
			most = max(most, perZone[a.Zone])
		}
	}
	var said []string
	for _, z := range ui.ZonesFrom(front) {
		n := perZone[z.Zone]
		if n == 0 {
			continue
		}
		d.Zones = append(d.Zones, ui.DrawnZone{Zone: z, Class: "zone", Opacity: strconv.FormatFloat(0.2+0.8*float64(n)/float64(most), 'f', 2, 64)})
	}
	for _, a := range v.areas() {
		for _, z := range d.Zones {
			if z.Zone.Zone == a.Zone {
				said = append(said, a.In(l.Lang())+" "+thousands(a.N))
			}
		}
	}
	if len(said) == 0 {
		said = []string{l.T("office.figure.nothing")}
	}
	key := "office.figure.back"
	if front {
		key = "office.figure.front"
	}
	d.Says = l.T(key, "Areas", l.List(said))
	return d
}
