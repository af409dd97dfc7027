package clinic

// DayMark says how full a day is, by its slots that can still be taken and by how many of those are free: few is less than a third.
func DayMark(slots, free int) Mark {
	switch {
	case slots == 0:
		return MarkClosed
	case free == 0:
		return MarkFull
	case 3*free < slots:
		return MarkFew
	}
	return MarkFree
}
