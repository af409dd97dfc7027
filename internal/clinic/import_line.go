package clinic

import (
	"regexp"
	"strings"
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
