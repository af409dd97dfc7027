package clinic

const (
	// KeyRest is how long keys are kept that seal nothing any more: as long as anything is looked for that was stored under them and
	// cannot be made anew, such as from where bookings came.
	KeyRest = RunsWithin

	// KeySilence is how long a server is waited for that has not been seen: it may be using the keys that it had.
	KeySilence = workerSilence
)
