package ui

import (
	"slices"

	"madoguchi/internal/intake"
)

// The figure is our own drawing, of nobody in particular, on a sheet of 120 by 262. Zones are cut to the outline.

const (
	outlinePath = "M60 38L53.5 38C53.5 43 54 46 52 48.5C47 52 38 52.5 33 56C28.5 59.5 27.5 66 26.5 73C25 84 23.5 92 21.5 101C19.5 112 17 124 15.5 134C14 139 12 144 13 149C14 152.5 18 152.5 19.5 149C21 145 22 141 22.5 137C26 127 29.5 115 31 104.5C33 96 35 88 36.5 79C38 88 41.5 97 41.5 106C41.5 114 36.5 122 35.3 132C34 146 36.5 166 39 183C39.5 189 38.5 194 38.3 201C38.2 213 42 229 43.5 242C43.5 247 39.5 251 38.5 254.5C38.5 257.5 48 258 50.8 256C52.3 252 51.5 247 51.8 243C53.5 230 56 217 55.6 203C55.4 196 55.2 190 55.6 184C57.2 172 58.6 160 59 147C59.3 145.5 59.7 145 60 145C60.3 145 60.7 145.5 61 147C61.4 160 62.8 172 64.4 184C64.8 190 64.6 196 64.4 203C64 217 66.5 230 68.2 243C68.5 247 67.7 252 69.2 256C72 258 81.5 257.5 81.5 254.5C80.5 251 76.5 247 76.5 242C78 229 81.8 213 81.7 201C81.5 194 80.5 189 81 183C83.5 166 86 146 84.7 132C83.5 122 78.5 114 78.5 106C78.5 97 82 88 83.5 79C85 88 87 96 89 104.5C90.5 115 94 127 97.5 137C98 141 99 145 100.5 149C102 152.5 106 152.5 107 149C108 144 106 139 104.5 134C103 124 100.5 112 98.5 101C96.5 92 95 84 93.5 73C92.5 66 91.5 59.5 87 56C82 52.5 73 52 68 48.5C66 46 66.5 43 66.5 38L60 38Z"
	headPath    = "M60 6.5c8 0 12.5 5.5 12.5 13.5 0 9.5-5.5 18.5-12.5 18.5S47.5 29.5 47.5 20c0-8 4.5-13.5 12.5-13.5z"
	fringePath  = "M47.3 23c-1.8-11 4-18 12.7-18s14.5 7 12.7 18c-1-4.5-2.7-7.5-5.2-9-4.5 1.8-11 1.8-15 0-2.5 1.5-4.2 4.5-5.2 9z"
	hairPath    = "M60 5c8.5 0 13.8 6.5 13.2 16-.5 8.5-5.7 14.5-13.2 14.5S47.3 29.5 46.8 21C46.2 11.5 51.5 5 60 5z"
	frontLines  = "M60 140c-7 0-13-2-18-6M60 140c7 0 13-2 18-6M44 75c4 6 12 6 15 1M76 75c-4 6-12 6-15 1M59 118h2M46.5 186c2 1.5 5 1.5 7 0M73.5 186c-2 1.5-5 1.5-7 0"
	backLines   = "M60 52v66M60 126v22M44 146c5 3 11 3 15 0M76 146c-5 3-11 3-15 0M48 64c-3 6-3 13 1 18M72 64c3 6 3 13-1 18M47 187c2-1.5 5-1.5 7 0M73 187c-2-1.5-5-1.5-7 0"
)

// Zone is where a zone of the figure lies.
type Zone struct {
	Zone        intake.Zone
	Front, Back bool
	Head        bool   // on the head or neck, so not cut to the outline of the body
	Path        string // what is drawn
	// Reach is where a finger is taken to mean the zone beside what is drawn. On a telephone it has room for a square of 44 pixels that
	// reaches into no other zone.
	Reach string
}

// zones are the parts of the figure: those of intake.Zones but for the whole, which is the body itself.
var zones = []Zone{
	{Zone: "face", Front: true, Head: true, Path: "M50.6 29.4a3 3.6 0 1 0 6 0a3 3.6 0 1 0 -6 0zM63.4 29.4a3 3.6 0 1 0 6 0a3 3.6 0 1 0 -6 0z", Reach: "M42 0h36v33h-36z"},
	{Zone: "chin", Front: true, Head: true, Path: "M51.5 34c2.4 3.4 5.3 4.8 8.5 4.8s6.1-1.4 8.5-4.8c1 5.4-3 9-8.5 9s-9.5-3.6-8.5-9z", Reach: "M44 33h32v31h-32z"},
	{Zone: "arm", Front: true, Back: true, Path: "M22.61 82.7a7.5 17 10 1 0 14.77 2.6a7.5 17 10 1 0 -14.77 -2.6zM82.61 85.3a7.5 17 -10 1 0 14.77 -2.6a7.5 17 -10 1 0 -14.77 2.6z", Reach: "M8 63h30v32h-30zM82 63h30v32h-30z"},
	{Zone: "back", Back: true, Path: "M44 57c10-4 22-4 32 0 3 1 3 9 2 17-11 3-25 3-36 0-1-8-1-16 2-17z", Reach: "M44 42h32v35h-32z"},
	{Zone: "bra", Back: true, Path: "M36 79c15 4 33 4 48 0v11c-15 4-33 4-48 0z", Reach: "M45 77h30v33h-30z"},
	{Zone: "belly", Front: true, Path: "M46 116a14 18 0 1 0 28 0a14 18 0 1 0 -28 -0z", Reach: "M45 98h30v36h-30z"},
	{Zone: "flank", Front: true, Back: true, Path: "M32.5 111a6 15 0 1 0 12 0a6 15 0 1 0 -12 -0zM75.5 111a6 15 0 1 0 12 0a6 15 0 1 0 -12 -0z", Reach: "M8 96h37v36h-37zM75 96h37v36h-37z"},
	{Zone: "hip", Back: true, Path: "M37 135a11.5 11 0 1 0 23 0a11.5 11 0 1 0 -23 -0zM60 135a11.5 11 0 1 0 23 0a11.5 11 0 1 0 -23 -0z", Reach: "M45 112h30v20h8v16h-46v-16h8z"},
	{Zone: "thigh_f", Front: true, Path: "M38 162a7.5 18 0 1 0 15 0a7.5 18 0 1 0 -15 -0zM67 162a7.5 18 0 1 0 15 0a7.5 18 0 1 0 -15 -0z", Reach: "M18 142h31.5v38h-31.5zM70.5 142h31.5v38h-31.5z"},
	{Zone: "thigh_in", Front: true, Path: "M53.5 163a4 14 0 1 0 8 0a4 14 0 1 0 -8 -0zM58.5 163a4 14 0 1 0 8 0a4 14 0 1 0 -8 -0z", Reach: "M49.5 142h21v38h5.5v32h-32v-32h5.5z"},
	{Zone: "thigh_b", Back: true, Path: "M38.5 166a9 17 0 1 0 18 0a9 17 0 1 0 -18 -0zM63.5 166a9 17 0 1 0 18 0a9 17 0 1 0 -18 -0z", Reach: "M18 149h84v35h-84z"},
	{Zone: "calf", Back: true, Path: "M39 208a8 17 0 1 0 16 0a8 17 0 1 0 -16 -0zM65 208a8 17 0 1 0 16 0a8 17 0 1 0 -16 -0z", Reach: "M18 187h84v41h-84z"},
}

// ZonesFrom are the zones to be seen from the front, or from behind.
func ZonesFrom(front bool) []Zone {
	return slices.DeleteFunc(slices.Clone(zones), func(z Zone) bool { return front && !z.Front || !front && !z.Back })
}

// Drawing is a body to draw, and the zones on it.
type Drawing struct {
	Front bool
	Says  string // what it shows, in words; "" where the words stand beside it
	Clip  string // the id of its outline, of which a page has one
	Whole bool   // the whole body is marked
	Pick  bool   // its zones can be pressed, so that it is drawn larger
	Zones []DrawnZone
}

// DrawnZone is a zone on it, with what makes it weaker or stronger than others.
type DrawnZone struct {
	Zone
	Class   string
	Opacity string // "" for that of the class
	Title   string // what a mouse is told; "" for nothing
}

// ClipID is the id of the outline of a body on a page that has no other figure.
func ClipID(front bool) string {
	if front {
		return "body-front"
	}
	return "body-back"
}
