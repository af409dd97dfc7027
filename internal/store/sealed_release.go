package store

import "madoguchi/internal/intake"

// storedRelease is what was released and why. Who and when stand in the row.
type storedRelease struct {
	Format    format           `json:"format"`
	Fact      string           `json:"fact"`
	Treatment intake.Treatment `json:"treatment"`
	TitleJA   string           `json:"title_ja"`
	TitleEN   string           `json:"title_en"`
	Answers   []string         `json:"answers"`
	Reason    string           `json:"reason"`
	Set       int              `json:"set"`
}

func storeRelease(r intake.Release) storedRelease {
	return storedRelease{newestFormat, r.Fact, r.Treatment, r.Title.JA, r.Title.EN, r.Answers, r.Reason, r.Set}
}

func (r storedRelease) release() intake.Release {
	return intake.Release{
		Fact: r.Fact, Treatment: r.Treatment, Title: intake.Text{JA: r.TitleJA, EN: r.TitleEN}, Answers: r.Answers, Reason: r.Reason, Set: r.Set,
	}
}
