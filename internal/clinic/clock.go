package clinic

import "fmt"

// String is the time as clocks show it: 9:00, 14:30.
func (c Clock) String() string { return fmt.Sprintf("%d:%02d", int(c)/60, int(c)%60) }
