package clinic

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ImportLine is one line of a file as it was understood. The Field of an error is a column.
type ImportLine struct {
	N         int
	Patient   Patient
	Memo      string
	Branch    string // as it was written, like Doctor and Room
	Doctor    string
	Room      string
	Day       Date
	From      Clock
	Until     Clock  // 0 where it is not said
	Reference string // the number that the booking has in the other system; "" for none
	Status    Status // Booked, Pending or Cancelled
	Errors    Errors
	Notes     Errors // what was mended, or should be known
}

// Line reads a line of the file. today is the day at the clinic.
func (t ImportTable) Line(row ImportRow, today Date) ImportLine {
	line := ImportLine{N: row.N, Status: Booked}
	if row.problem != nil {
		line.Errors = Errors{row.problem}
		return line
	}
	line.readPerson(t, row, today)
	line.Branch = t.tidied(row, ColumnBranch)
	memo, errs := CheckMemo(t.Cell(row, ColumnMemo))
	line.Memo, line.Errors = memo, append(line.Errors, errs...)
	if t.Kind == ImportBookings {
		line.readBooking(t, row)
	}
	return line
}

func (t ImportTable) tidied(row ImportRow, column ImportColumn) string {
	return Tidy(asOneLine(t.Cell(row, column)))
}

func (l *ImportLine) wrong(column ImportColumn, message string) {
	l.Errors = append(l.Errors, invalid(string(column), message))
}

func (l *ImportLine) note(column ImportColumn, message string) {
	l.Notes = append(l.Notes, invalid(string(column), message))
}

// readPerson reads who a line is about, as NewCaller does: a name and a telephone number are enough. A name without kana is taken as
// well, because a whole clinic's patients may have none.
func (l *ImportLine) readPerson(t ImportTable, row ImportRow, today Date) {
	p := &l.Patient
	name, kana := l.readNames(t, row)
	if p.FamilyName == "" && p.GivenName == "" && name != "" {
		p.FamilyName, p.GivenName = splitName(name)
		if p.GivenName == "" && IsJapanese(name) {
			l.note(ColumnName, "error.import.space")
		}
	}
	if p.FamilyKana == "" && p.GivenKana == "" {
		p.FamilyKana, p.GivenKana = splitName(kana)
	}
	l.checkNames(t)
	l.readPhone(t.tidied(row, ColumnPhone))
	if typed := t.tidied(row, ColumnEmail); typed != "" {
		email, problem := ParseRecipient(typed)
		if problem != "" {
			wrong := wrongEmail(typed, problem)
			wrong.Field = string(ColumnEmail)
			l.Errors = append(l.Errors, wrong)
		}
		p.Email = email
	}
	if typed := t.tidied(row, ColumnBirth); typed != "" {
		birth, problem := readDay(typed)
		switch {
		case problem != "":
		case today.Before(birth):
			problem = "error.birth.future"
		case birth.Age(today) > maxAge:
			problem = "error.birth.old"
		}
		if problem != "" {
			l.wrong(ColumnBirth, problem)
		} else {
			p.Birth = birth
		}
	}
	l.readSex(t.tidied(row, ColumnSex))
}

// readNames reads the columns of a name's parts, and returns what stands in those of the whole name.
func (l *ImportLine) readNames(t ImportTable, row ImportRow) (name, kana string) {
	p := &l.Patient
	p.FamilyName, p.GivenName = readName(asOneLine(t.Cell(row, ColumnFamily))), readName(asOneLine(t.Cell(row, ColumnGiven)))
	p.FamilyKana, p.GivenKana = readKana(asOneLine(t.Cell(row, ColumnFamilyKana))), readKana(asOneLine(t.Cell(row, ColumnGivenKana)))
	name, kana = readName(asOneLine(t.Cell(row, ColumnName))), readKana(asOneLine(t.Cell(row, ColumnKana)))
	for _, polite := range []string{"様", "さま", "さん"} {
		if rest := strings.TrimSuffix(name, polite); rest != "" && t.Has(ColumnName) && strings.HasSuffix(name, " "+polite) {
			name = strings.TrimSpace(rest)
		}
	}
	return name, kana
}

// checkNames fills in what one of name and reading says for both, and checks them at the columns that the file has.
func (l *ImportLine) checkNames(t ImportTable) {
	p := &l.Patient
	columns := func(whole, part ImportColumn) ImportColumn {
		if t.Has(part) && !t.Has(whole) {
			return part
		}
		return whole
	}
	if reading := p.Kana(); reading != "" && !IsJapanese(reading) { // a name in Latin letters is its own reading
		if p.Name() == "" {
			p.FamilyName, p.GivenName = p.FamilyKana, p.GivenKana
		}
		p.FamilyKana, p.GivenKana = "", ""
	}
	if p.Name() == "" {
		p.FamilyName, p.GivenName = p.FamilyKana, p.GivenKana
	}
	if own := readKana(p.Name()); p.Kana() == "" && isReading(own) {
		p.FamilyKana, p.GivenKana = readKana(p.FamilyName), readKana(p.GivenName)
	}
	if p.Name() == "" {
		l.wrong(columns(ColumnName, ColumnFamily), "error.name.empty")
		return
	}
	if problem := badName(string(columns(ColumnName, ColumnFamily)), p.Name(), 2); problem != nil {
		l.Errors = append(l.Errors, problem)
	}
	switch kana := p.Kana(); {
	case kana != "":
		l.Errors = checkKana(l.Errors, string(columns(ColumnKana, ColumnFamilyKana)), kana)
	case IsJapanese(p.Name()):
		l.note(columns(ColumnKana, ColumnFamilyKana), "error.import.kana")
	}
}

// exponent is a number as a spreadsheet shows one that is too long for it: 9.01235E+10. Its digits are lost.
var exponent = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?[eE]\+[0-9]+$`)

// readPhone reads a telephone number. A spreadsheet that took it for a number has dropped the 0 in front, which is put there again where
// that makes it one.
func (l *ImportLine) readPhone(typed string) {
	number, problem := ParsePhone(typed)
	if problem == "error.phone.length" {
		if digits, ok := phoneDigits(Narrow(typed)); ok && digits[0] != '0' {
			if whole, still := ParsePhone("0" + digits); still == "" {
				number, problem = whole, ""
				l.note(ColumnPhone, "error.import.zero")
			}
		}
	}
	if exponent.MatchString(Narrow(typed)) {
		problem = "error.import.exponent"
	}
	if problem != "" {
		l.wrong(ColumnPhone, problem)
	}
	l.Patient.Phone = number
}

// sexes are how other systems write it, in small letters.
var sexes = map[string]Sex{
	"女": Female, "女性": Female, "f": Female, "female": Female, "woman": Female, "♀": Female,
	"男": Male, "男性": Male, "m": Male, "male": Male, "man": Male, "♂": Male,
}

// readSex is lenient: what is not understood is asked again at the clinic.
func (l *ImportLine) readSex(typed string) {
	sex, known := sexes[strings.ToLower(Narrow(typed))]
	if !known {
		sex = NoSex
	}
	l.Patient.Sex = sex
}

func (l *ImportLine) readBooking(t ImportTable, row ImportRow) {
	l.Doctor, l.Room = t.tidied(row, ColumnDoctor), TidyRoom(t.tidied(row, ColumnRoom))
	l.Reference = t.tidied(row, ColumnReference)
	for _, of := range []struct {
		column ImportColumn
		text   string
	}{{ColumnDoctor, l.Doctor}, {ColumnRoom, l.Room}, {ColumnReference, l.Reference}} {
		l.Errors = checkLine(l.Errors, string(of.column), of.text, false, 2*MaxName)
	}
	l.readWhen(t, row)
	switch status := headOf(t.Cell(row, ColumnStatus)); {
	case strings.Contains(status, headOf("キャンセル")), strings.Contains(status, "cancel"), strings.Contains(status, "取消"), strings.Contains(status, headOf("無断")), status == "noshow":
		l.Status = Cancelled
	case strings.HasPrefix(status, headOf("仮")), strings.Contains(status, headOf("承認待ち")), status == "pending", status == "tentative", strings.Contains(status, "request"):
		l.Status = Pending
	}
}

// readWhen reads when a counseling is, wherever the file says it.
func (l *ImportLine) readWhen(t ImportTable, row ImportRow) {
	at, date, start, end := t.tidied(row, ColumnAt), t.tidied(row, ColumnDate), t.tidied(row, ColumnStart), t.tidied(row, ColumnEnd)
	dayColumn, fromColumn := ColumnAt, ColumnAt
	if at == "" && t.Has(ColumnDate) {
		dayColumn, fromColumn = ColumnDate, ColumnStart
	}
	m := readMoment(at)
	if at == "" {
		m = readMoment(start)
		if day := readMoment(date); day.day != (Date{}) {
			m.day = day.day
			if len(m.clocks) == 0 {
				m.clocks = day.clocks
			}
		}
	}
	switch {
	case at+date == "" && m.day.IsZero():
		l.wrong(dayColumn, "error.empty")
	case m.day.IsZero():
		l.wrong(dayColumn, "error.import.date")
	case len(m.clocks) > 0:
	case at == "" && start == "":
		l.wrong(fromColumn, "error.empty")
	default:
		l.wrong(fromColumn, "error.import.clock")
	}
	l.Day = m.day
	if len(m.clocks) > 0 {
		l.From = m.clocks[0]
	}
	if len(m.clocks) > 1 {
		l.Until = m.clocks[1]
	}
	if end != "" {
		last := readMoment(end)
		switch {
		case len(last.clocks) == 0:
			l.wrong(ColumnEnd, "error.import.clock")
			return
		case !last.day.IsZero() && last.day != l.Day:
			l.wrong(ColumnEnd, "error.import.overnight")
			return
		}
		l.Until = last.clocks[0]
	}
	if l.Until != 0 && l.Until <= l.From && len(l.Errors) == 0 {
		l.wrong(ColumnEnd, "error.slot.order")
	}
}

// moment is what a cell says about a time: the day, where it says one, and the times of day.
type moment struct {
	day    Date
	clocks []Clock
}

var (
	weekdayMark = regexp.MustCompile(`[(（]\s*(?:[日月火水木金土祝・]+|(?i:sun|mon|tue|wed|thu|fri|sat)[a-z]*\.?)\s*[)）]|[日月火水木金土]曜日?`)
	clockMark   = regexp.MustCompile(`(?i)(午前|午後|am|pm)?\s*([0-9]{1,2})(?::([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?|時(?:([0-9]{1,2})分?|(半))?)\s*(am|pm)?`)
)

// readDay reads a day as other systems write it.
func readDay(typed string) (Date, string) {
	day, problem := ParseBirthText(weekdayMark.ReplaceAllString(typed, " "))
	if problem == "" {
		return day, ""
	}
	if m := readMoment(typed); !m.day.IsZero() { // 1990/04/01 0:00
		return m.day, ""
	}
	return Date{}, problem
}

// readMoment reads a day, times of day, or both: 2026/12/01 10:00, 2026年12月1日(火) 10時半〜11時, 午後2:30, 2026-12-01T10:00:00+09:00.
func readMoment(typed string) (m moment) {
	text := weekdayMark.ReplaceAllString(Narrow(typed), " ")
	rest := text
	if marks := clockMark.FindAllStringSubmatchIndex(text, -1); len(marks) > 0 {
		rest = text[:marks[0][0]]
		for _, mark := range marks {
			part := func(i int) string {
				if mark[2*i] < 0 {
					return ""
				}
				return text[mark[2*i]:mark[2*i+1]]
			}
			if len(m.clocks) == 0 || !strings.HasSuffix(strings.TrimRight(text[:mark[0]], "0123456789"), "+") { // the offset of a zone
				if clock, ok := clockOf(part(1)+part(6), part(2), part(3)+part(4), part(5) != ""); ok {
					m.clocks = append(m.clocks, clock)
				}
			}
		}
	} else if clock, ok := ParseClock(text); ok {
		return moment{clocks: []Clock{clock}}
	}
	if day, problem := ParseBirthText(strings.TrimSuffix(strings.TrimSpace(rest), "T")); problem == "" {
		m.day = day
	}
	return m
}

func clockOf(half, hour, minute string, halfPast bool) (Clock, bool) {
	h, err := strconv.Atoi(hour)
	n, wrong := 0, error(nil)
	if minute != "" {
		n, wrong = strconv.Atoi(minute)
	}
	if halfPast {
		n = 30
	}
	switch strings.ToLower(half) {
	case "午後", "pm":
		if h < 12 {
			h += 12
		}
	case "午前", "am":
		if h == 12 {
			h = 0
		}
	}
	clock := Clock(h*60 + n)
	return clock, err == nil && wrong == nil && n < 60 && clock <= dayEnd
}

// ImportPlace is where and with whom the bookings of a file may be: the branches at which whoever imports may do so, and the doctors
// of each.
type ImportPlace struct {
	Branches []Branch
	Doctors  map[string][]Doctor // by the id of the branch
	Default  string              // the id of the branch of the lines that name none
	Minutes  int                 // how long a counseling is of which the file does not say it
}

// BranchOf finds the branch that a line names, or the one for those that name none.
func (p ImportPlace) BranchOf(word string) (Branch, *Error) {
	var found []Branch
	for _, b := range p.Branches {
		switch {
		case word == "" && b.ID == p.Default, word != "" && (sameWord(word, b.Name) || sameWord(word, b.NameEn)):
			return b, nil
		case word != "" && (strings.HasSuffix(wordOf(b.Name), wordOf(word)) || strings.HasSuffix(wordOf(word), wordOf(b.Name))):
			found = append(found, b)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return Branch{}, invalid(string(ColumnBranch), "error.import.branch")
}

// wordOf writes a name the one way in which it is compared.
func wordOf(s string) string {
	return strings.ToLower(OneSpelling(strings.Map(func(r rune) rune {
		if r == ' ' || r == '・' || r == '.' {
			return -1
		}
		return r
	}, Narrow(Katakana(Tidy(s))))))
}

func sameWord(a, b string) bool { return b != "" && wordOf(a) == wordOf(b) }

// titles are what stands beside a doctor's name.
var titles = []string{"先生", "医師", "院長", "副院長", "Dr.", "Dr", "dr.", "M.D.", "MD"}

// DoctorOf finds the doctor of a branch whom a line names: by the whole name, in any of its spellings, or by the family name where
// only one has it. Where a branch has one doctor, nobody has to be named.
func (p ImportPlace) DoctorOf(branchID, word string) (Doctor, *Error) {
	doctors := p.Doctors[branchID]
	for _, title := range titles {
		word = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(word, title), title))
	}
	if word == "" {
		if len(doctors) == 1 {
			return doctors[0], nil
		}
		return Doctor{}, invalid(string(ColumnDoctor), "error.import.doctor.empty")
	}
	var family []Doctor
	named := wordOf(word)
	is := func(name string) bool { return name != "" && wordOf(name) == named }
	for _, d := range doctors {
		if is(d.FamilyName+d.GivenName) || is(d.NameEn) || is(d.FamilyKana+d.GivenKana) {
			return d, nil
		}
		if is(d.FamilyName) || is(d.FamilyKana) {
			family = append(family, d)
		}
	}
	switch len(family) {
	case 0:
		return Doctor{}, invalid(string(ColumnDoctor), "error.import.doctor.unknown")
	case 1:
		return family[0], nil
	}
	return Doctor{}, invalid(string(ColumnDoctor), "error.import.doctor.many")
}

// Slot is where and when the booking of a line would be, with the end that the file says: the same as the start where it says none.
// Of a time that has passed, and of a booking that was cancelled there, nothing is taken over.
func (l ImportLine) Slot(p ImportPlace, now time.Time) (Slot, Branch, Errors) {
	branch, wrong := p.BranchOf(l.Branch)
	if wrong != nil {
		return Slot{}, branch, Errors{wrong}
	}
	var errs Errors
	doctor, wrong := p.DoctorOf(branch.ID, l.Doctor)
	if wrong != nil {
		errs = append(errs, wrong)
	}
	slot := Slot{BranchID: branch.ID, DoctorID: doctor.ID, Room: l.Room, Origin: ByPhone, Audience: StaffOnly}
	if l.Day.IsZero() {
		return slot, branch, errs
	}
	loc := branch.Location()
	slot.StartsAt = l.From.at(l.Day, loc).UTC()
	slot.EndsAt = slot.StartsAt
	if l.Until != 0 {
		slot.EndsAt = l.Until.at(l.Day, loc).UTC()
	}
	if local := slot.StartsAt.In(loc); DateOf(local, loc) != l.Day && l.From != dayEnd || local.Hour()*60+local.Minute() != int(l.From%dayEnd) {
		errs = append(errs, invalid(string(ColumnStart), "error.clock.skipped"))
	} else if far := StaffHorizon(DateOf(now, loc)).Check(string(ColumnDate), l.Day); far != nil && slot.StartsAt.After(now) {
		errs = append(errs, far)
	}
	return slot, branch, errs
}

// CheckComing refuses to take over a booking that is not to come.
func (l ImportLine) CheckComing(slot Slot, now time.Time) *Error {
	switch {
	case l.Status == Cancelled:
		return invalid(string(ColumnStatus), "error.import.cancelled")
	case !slot.StartsAt.After(now):
		return invalid(string(ColumnDate), "error.import.past")
	}
	return nil
}
