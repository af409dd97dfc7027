package clinic

import "time"

// Rates are how many letters may be sent within any minute; zero is without limit. They hold for all instances together.
type Rates struct {
	All    int // whatever their address
	Domain int // to addresses of one domain
}

// RatesWithin is the time over which Rates count.
const RatesWithin = time.Minute

// Set reports whether there is anything to count.
func (r Rates) Set() bool { return r.All > 0 || r.Domain > 0 }

// Full says which letters have to wait: all of them, or those to some domains. lately is how many were sent within RatesWithin,
// by domain. A letter by another way than mail has the domain "", to which no limit of its own applies.
func (r Rates) Full(lately map[string]int) (all bool, domains []string) {
	total := 0
	for domain, n := range lately {
		total += n
		if r.Domain > 0 && n >= r.Domain && domain != "" {
			domains = append(domains, domain)
		}
	}
	return r.All > 0 && total >= r.All, domains
}
