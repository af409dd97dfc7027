package main_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/intake"
)

// reaches finds, for every zone of both bodies that can be pressed, the middle of a square of 44 pixels in which a finger means this
// zone and no other: "zone side" with its place in the window.
const reaches = `(() => {
	const found = {};
	document.querySelector(".picture").scrollIntoView({block: "center", behavior: "instant"});
	document.querySelectorAll(".picture .body").forEach((body, side) => {
		const box = body.getBoundingClientRect();
		const at = (x, y) => document.elementFromPoint(x, y)?.closest("[data-zone]")?.dataset.zone;
		for (let y = box.top + 21; y < box.bottom - 21; y += 3) for (let x = box.left + 21; x < box.right - 21; x += 3) {
			const zone = at(x, y), key = zone + " " + side;
			if (!zone || found[key]) continue;
			const square = [];
			for (let dy = -21.9; dy <= 22; dy += 7.3) for (let dx = -21.9; dx <= 22; dx += 7.3) square.push(at(x + dx, y + dy));
			if (square.every(z => z === zone)) found[key] = [x, y];
		}
	});
	return found;
})()`

// lit are the zones that the figure shows as chosen, on either side.
const lit = `(() => {
	const on = e => getComputedStyle(e).fillOpacity > 0.5;
	const zones = [...document.querySelectorAll(".picture .zone")].filter(on).map(e => e.dataset.zone);
	if (getComputedStyle(document.querySelector(".picture .skin")).fill === "rgb(185, 203, 220)") zones.push("whole");
	return [...new Set(zones)].sort();
})()`

// TestWalk_BodyFigure presses every zone of the figure in the booking form: it is in step with the boxes in both directions, it begins
// with the area of the article's link, and without scripts it shows what the boxes say.
func TestWalk_BodyFigure(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	for _, scripts := range []bool{true, false} {
		name := map[bool]string{true: "figure", false: "figure-plain"}[scripts]
		v := browsertest.Visit(t, d.URL, browsertest.Phone)
		if !scripts {
			v.TurnScriptsOff()
		}
		v.Open("/?area=back&article=back-fat")
		v.Follow("日時を選ぶ")
		v.Follow("この院で日時を選ぶ")
		v.FollowAt("button.time")
		inStep := func(after string, want ...string) {
			t.Helper()
			slices.Sort(want)
			boxes := v.Values("areas")
			slices.Sort(boxes)
			eventually(t, fmt.Sprintf("the figure shows %v after %s", want, after), func() bool { // the colour changes within a moment
				return slices.Equal(browsertest.Read[[]string](v, lit), want)
			})
			if !slices.Equal(boxes, want) {
				t.Errorf("%s: chosen are %v, want %v", after, boxes, want)
			}
		}
		inStep("the link's area", "back")
		if hint := v.Sees("[data-figure-hint]"); hint != scripts {
			t.Errorf("that the figure can be pressed is said: %v", hint)
		}
		v.LookAt(name, 320, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		if scripts {
			tapEveryZone(t, v, inStep)
		}
		v.Choose("areas", "calf")
		inStep("the box of the calves", "back", "calf")
		v.Choose("areas", "whole", "back")
		inStep("the box of the whole body", "calf", "whole")
		if keys := browsertest.Read[int](v, `[...document.querySelectorAll(".picture *")].filter(e => e.tabIndex >= 0).length`); keys != 0 {
			t.Errorf("the Tab key stops %d times in the figure", keys)
		}
		v.Look(name + "-chosen")
	}
}

// tapEveryZone presses all zones, on a telephone and on a desktop, once to choose them and once to leave them out.
func tapEveryZone(t *testing.T, v *browsertest.Visitor, inStep func(after string, want ...string)) {
	t.Helper()
	places := browsertest.Read[map[string][2]float64](v, reaches)
	var sides []string
	for _, z := range intake.Zones {
		for side, seen := range [][]intake.Zone{{"face", "chin", "arm", "belly", "flank", "thigh_f", "thigh_in"}, {"arm", "back", "bra", "flank", "hip", "thigh_b", "calf"}} {
			if slices.Contains(seen, z) {
				sides = append(sides, fmt.Sprintf("%s %d", z, side))
			}
		}
	}
	if got := slices.Sorted(maps.Keys(places)); !slices.Equal(got, slices.Sorted(slices.Values(sides))) {
		t.Fatalf("room for a finger have %v, want %v", got, sides)
	}
	for _, place := range sides {
		zone := place[:len(place)-2]
		v.Tap(places[place][0], places[place][1])
		if zone == "back" { // which was chosen before
			inStep("a second press on " + place)
		} else {
			inStep("a press on "+place, "back", zone)
		}
		v.Tap(places[place][0], places[place][1])
		inStep("another press on "+place, "back")
	}
}
