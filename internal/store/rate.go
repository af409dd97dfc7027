package store

import (
	"strings"

	"madoguchi/internal/clinic"
)

// SetRates says how many letters may be sent within a minute. Every instance must be told the same.
func (s *Store) SetRates(r clinic.Rates) { s.rates = r }

// domainOf is the blind index of the domain of a letter's mail address; nil for a letter that goes by another way. The current key is
// enough, because what was counted under another is forgotten within minutes.
func (s *Store) domainOf(l clinic.Letter) ([]byte, error) {
	_, domain, found := strings.Cut(clinic.Mailbox(l.Content.To), "@")
	if l.Channel != clinic.ByMail || !found {
		return nil, nil
	}
	return s.keyring.BlindIndex("domain", domain)
}

// sendingsKept is how long sendings are remembered: longer than they count, because the clocks of instances differ a little.
const sendingsKept = 2 * clinic.RatesWithin

// mayBeSent is the condition on letters that may be sent now, which has the domains that got enough for its arguments; "" where none
// may. Of several instances one counts at a time.
func (c *change) mayBeSent() (condition string, full [][]byte, err error) {
	if !c.store.rates.Set() {
		return "TRUE", nil, nil
	}
	if err := c.advisoryLock("letter sendings"); err != nil {
		return "", nil, err
	}
	var rows []struct {
		Domain []byte
		N      int
	}
	err = c.Raw("SELECT domain, COUNT(*) AS n FROM letter_sendings WHERE at > ? GROUP BY domain", c.now.Add(-clinic.RatesWithin)).Scan(&rows).Error
	if err != nil {
		return "", nil, err
	}
	lately := map[string]int{}
	for _, r := range rows {
		lately[string(r.Domain)] = r.N
	}
	all, domains := c.store.rates.Full(lately)
	if all {
		return "", nil, nil
	}
	if len(domains) == 0 {
		return "TRUE", nil, nil
	}
	for _, domain := range domains {
		full = append(full, []byte(domain))
	}
	aDomain := c.store.aBytes()
	return "(domain IS NULL OR domain NOT IN (" + aDomain + strings.Repeat(", "+aDomain, len(full)-1) + "))", full, nil
}

// countSending remembers that a letter was taken to be sent, and forgets what is too long ago to be counted.
func (c *change) countSending(row letterRow) error {
	if !c.store.rates.Set() {
		return nil
	}
	if _, err := c.insert("INSERT INTO letter_sendings (at, domain) VALUES (?, ?)", c.now, row.Domain); err != nil {
		return err
	}
	return c.forgetSendings()
}

func (c *change) forgetSendings() error {
	return c.Exec("DELETE FROM letter_sendings WHERE at <= ?", c.now.Add(-sendingsKept)).Error
}
