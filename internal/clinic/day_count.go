package clinic

// DayCount is what the open slots of one day come to.
type DayCount struct {
	Day       Date
	Slots     int // all of them
	Pending   int // 仮予約: wait for the clinic's approval
	Booked    int // 確定
	Came      int // 来院, カウンセリング中, 完了
	NoShow    int // 無断
	Held      int // 仮押さえ: kept for somebody for some minutes
	StaffOnly int // 院内のみ, free and to come
	Free      int // for patients, to come
}

// Taken is how many slots somebody has.
func (c DayCount) Taken() int { return c.Pending + c.Booked + c.Came + c.NoShow }

// Full reports a day to come on which nothing is left for a patient.
func (c DayCount) Full() bool { return c.Slots > 0 && c.Free == 0 }
