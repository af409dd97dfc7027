package clinic

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ImportColumn is what a column of an imported file holds.
type ImportColumn string

// The columns that are understood. Those from ColumnBranch on, but for the branch, are of bookings only.
const (
	ColumnName       ImportColumn = "name"
	ColumnFamily     ImportColumn = "family_name"
	ColumnGiven      ImportColumn = "given_name"
	ColumnKana       ImportColumn = "kana"
	ColumnFamilyKana ImportColumn = "family_kana"
	ColumnGivenKana  ImportColumn = "given_kana"
	ColumnPhone      ImportColumn = "phone"
	ColumnEmail      ImportColumn = "email"
	ColumnBirth      ImportColumn = "birth"
	ColumnSex        ImportColumn = "sex"
	ColumnMemo       ImportColumn = "memo"
	ColumnBranch     ImportColumn = "branch"
	ColumnDoctor     ImportColumn = "doctor"
	ColumnRoom       ImportColumn = "room"
	ColumnAt         ImportColumn = "at" // day and time in one
	ColumnDate       ImportColumn = "date"
	ColumnStart      ImportColumn = "start"
	ColumnEnd        ImportColumn = "end"
	ColumnReference  ImportColumn = "reference"
	ColumnStatus     ImportColumn = "status"
)

// importHeads are the heads that a column may have, as headOf writes them. Those of our own lists are among them.
var importHeads = map[ImportColumn][]string{
	ColumnName: {
		"氏名", "名前", "お名前", "姓名", "患者名", "患者氏名", "顧客名", "会員名", "お客様名", "お客様氏名", "予約者", "予約者名", "予約者氏名", "フルネーム", "name", "fullname", "patient",
	},
	ColumnFamily: {"姓", "氏", "苗字", "名字", "lastname", "familyname", "surname"},
	ColumnGiven:  {"名", "firstname", "givenname"},
	ColumnKana: {
		"フリガナ", "カナ", "ヨミガナ", "読み", "読ミ", "読ミガナ", "氏名カナ", "氏名フリガナ", "名前カナ", "名前フリガナ", "オ名前カナ", "オ名前フリガナ", "患者名カナ", "患者名フリガナ",
		"顧客名カナ", "顧客名フリガナ", "会員名カナ", "オ客様名カナ", "予約者名カナ", "予約者名フリガナ", "カナ氏名", "姓名カナ", "reading", "kana", "namekana",
	},
	ColumnFamilyKana: {"セイ", "姓カナ", "姓フリガナ", "カナ姓", "フリガナ姓", "苗字カナ", "familykana", "lastnamekana", "familyreading"},
	ColumnGivenKana:  {"メイ", "名カナ", "名フリガナ", "カナ名", "フリガナ名", "givenkana", "firstnamekana", "givenreading"},
	ColumnPhone: {
		"電話", "電話番号", "携帯", "携帯電話", "携帯番号", "携帯電話番号", "連絡先", "連絡先電話番号", "自宅電話", "自宅電話番号", "tel", "phone", "phonenumber", "telephone", "mobile",
	},
	ColumnEmail:     {"メール", "メールアドレス", "eメール", "eメールアドレス", "email", "emailaddress", "mail", "mailaddress"},
	ColumnBirth:     {"生年月日", "誕生日", "dateofbirth", "birthdate", "birthday", "birth"},
	ColumnSex:       {"性別", "sex", "gender"},
	ColumnMemo:      {"メモ", "備考", "特記事項", "顧客メモ", "予約メモ", "店舗メモ", "memo", "note", "notes"},
	ColumnBranch:    {"院", "院名", "店舗", "店舗名", "クリニック", "クリニック名", "拠点", "branch", "clinic", "location"},
	ColumnDoctor:    {"担当", "担当者", "担当者名", "医師", "医師名", "担当医", "担当医師", "スタッフ", "スタッフ名", "担当スタッフ", "doctor", "staff"},
	ColumnRoom:      {"部屋", "ルーム", "室", "診察室", "カウンセリング室", "room"},
	ColumnAt:        {"予約日時", "日時", "来院日時", "来店日時", "開始日時", "利用日時", "datetime", "appointment", "when"},
	ColumnDate:      {"日付", "予約日", "来院日", "来店日", "利用日", "日", "date"},
	ColumnStart:     {"開始", "開始時刻", "開始時間", "時刻", "時間", "予約時間", "予約時刻", "来院時間", "来院時刻", "来店時間", "start", "starttime", "time", "from"},
	ColumnEnd:       {"終了", "終了時刻", "終了時間", "終了日時", "end", "endtime", "until"},
	ColumnReference: {"予約番号", "予約id", "予約no", "予約コード", "受付番号", "reference", "bookingid", "bookingnumber"},
	ColumnStatus:    {"状態", "ステータス", "状況", "予約状況", "予約ステータス", "status"},
}

// columnOfHead is importHeads the other way around.
var columnOfHead = func() map[string]ImportColumn {
	out := map[string]ImportColumn{}
	for column, heads := range importHeads {
		for _, head := range heads {
			out[headOf(head)] = column
		}
	}
	return out
}()

// bookingColumns are those that say nothing in a file of patients.
var bookingColumns = []ImportColumn{ColumnDoctor, ColumnRoom, ColumnAt, ColumnDate, ColumnStart, ColumnEnd, ColumnReference, ColumnStatus}

// headOf writes the head of a column the one way it is known by: narrow, in katakana, without spaces and marks.
func headOf(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n()（）[]［］【】「」『』*※：:・._/／", r) || isDash(r) && r != 'ー' {
			return -1
		}
		return r
	}, strings.ToLower(Narrow(Katakana(Tidy(asOneLine(s))))))
}

// readHead is what a column with such a head holds, "" for what is not understood. What stands in brackets may belong to it, as in
// 氏名（カナ）, or not, as in 氏名（必須）.
func readHead(kind ImportKind, head string) ImportColumn {
	column, known := columnOfHead[headOf(head)]
	if !known {
		bare := head
		for _, pair := range []string{"()", "（）", "【】", "[]", "［］"} {
			marks := []rune(pair)
			if from, until := strings.IndexRune(bare, marks[0]), strings.LastIndex(bare, string(marks[1])); from >= 0 && until > from {
				bare = bare[:from] + bare[until+len(string(marks[1])):]
			}
		}
		column = columnOfHead[headOf(bare)]
	}
	if kind == ImportPatients && slices.Contains(bookingColumns, column) {
		return ""
	}
	return column
}

// ImportRow is one line of a file. N is its number as a spreadsheet counts.
type ImportRow struct {
	N       int
	cells   []string
	problem *Error // why it could not be read at all
}

// ImportTable is a file, parted into lines and columns.
type ImportTable struct {
	Kind    ImportKind
	Rows    []ImportRow
	Heads   []string // of all columns, as the file has them
	Ignored []string // those of which nothing is taken
	columns map[ImportColumn][]int
}

// Has reports whether the file has a column.
func (t ImportTable) Has(column ImportColumn) bool { return len(t.columns[column]) > 0 }

// Head is what the file calls a column; "" where it has none.
func (t ImportTable) Head(column ImportColumn) string {
	if !t.Has(column) {
		return ""
	}
	return Tidy(asOneLine(t.Heads[t.columns[column][0]]))
}

// Columns are the columns that are understood, in the order in which they are explained.
func (t ImportTable) Columns() (out []ImportColumn) {
	for _, column := range ImportColumns(t.Kind) {
		if t.Has(column) {
			out = append(out, column)
		}
	}
	return out
}

// ImportColumns are the columns that may stand in a file of a kind.
func ImportColumns(kind ImportKind) []ImportColumn {
	person := []ImportColumn{
		ColumnName, ColumnFamily, ColumnGiven, ColumnKana, ColumnFamilyKana, ColumnGivenKana, ColumnPhone, ColumnEmail, ColumnBirth, ColumnSex,
	}
	if kind == ImportPatients {
		return append(person, ColumnBranch, ColumnMemo)
	}
	return append([]ImportColumn{ColumnReference, ColumnAt, ColumnDate, ColumnStart, ColumnEnd, ColumnBranch, ColumnDoctor, ColumnRoom, ColumnStatus}, append(person, ColumnMemo)...)
}

// Cell is what a line has in a column as it was written: the first of several columns that holds anything. What our own lists put
// before a cell that would be a formula, and what others write so that a number stays a text (="090…"), is taken away.
func (t ImportTable) Cell(row ImportRow, column ImportColumn) string {
	for _, i := range t.columns[column] {
		if i < len(row.cells) {
			if cell := plainCell(row.cells[i]); cell != "" {
				return cell
			}
		}
	}
	return ""
}

// Row is the line of a number.
func (t ImportTable) Row(n int) ImportRow {
	for _, row := range t.Rows {
		if row.N == n {
			return row
		}
	}
	return ImportRow{N: n}
}

// formulaStarts are the signs with which a formula begins in a spreadsheet (OWASP, CSV Injection).
const formulaStarts = "=+-@\t\r＝＋－＠"

// NeutralCell makes a cell safe to open in a spreadsheet: one that would be a formula begins with an apostrophe instead.
func NeutralCell(cell string) string {
	if strings.IndexFunc(cell, func(r rune) bool { return strings.ContainsRune(formulaStarts, r) }) == 0 {
		return "'" + cell
	}
	return cell
}

// plainCell takes NeutralCell back, and the apostrophe by which a number stays a text in a spreadsheet.
func plainCell(cell string) string {
	cell = strings.TrimSpace(cell)
	if rest, guarded := strings.CutPrefix(cell, "'"); guarded && (NeutralCell(rest) != rest || strings.Trim(rest[:min(1, len(rest))], "0123456789") == "") {
		cell = rest
	}
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimSuffix(inner, `"`)
	}
	return strings.TrimSpace(cell)
}

// headWithin is how many lines may stand before the heads, such as a title.
const headWithin = 10

// ReadImport parts a file into lines and columns: by comma, tab or semicolon, whichever makes most heads known. The error says why it is
// no such file, at the field "file".
func ReadImport(kind ImportKind, text string) (ImportTable, *Error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if !strings.Contains(text, "\n") { // as a Macintosh ended lines once
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	t, head := ImportTable{Kind: kind}, -1
	for _, comma := range []rune{',', '\t', ';'} {
		rows := splitRows(text, comma, headWithin)
		for i, row := range rows {
			if found := headsOf(kind, row); row.problem == nil && len(found.columns) > max(1, len(t.columns)) {
				t, head = found, i
				t.Rows = splitRows(text, comma, -1)
			}
		}
	}
	if head < 0 {
		if strings.TrimSpace(text) == "" {
			return t, invalid("file", "error.import.empty")
		}
		return t, invalid("file", "error.import.heads")
	}
	t.Rows = slices.DeleteFunc(t.Rows[head+1:], func(row ImportRow) bool {
		return row.problem == nil && !slices.ContainsFunc(row.cells, func(cell string) bool { return plainCell(cell) != "" })
	})
	switch {
	case !t.Has(ColumnPhone), !t.Has(ColumnName) && !t.Has(ColumnFamily) && !t.Has(ColumnKana) && !t.Has(ColumnFamilyKana):
		return t, invalid("file", "error.import.person")
	case kind == ImportBookings && !t.Has(ColumnAt) && !(t.Has(ColumnDate) && t.Has(ColumnStart)):
		return t, invalid("file", "error.import.when")
	case len(t.Rows) == 0:
		return t, invalid("file", "error.import.empty")
	case len(t.Rows) > MaxImportLines:
		return t, &Error{Code: Invalid, Field: "file", Message: "error.import.lines", Args: map[string]string{
			"Max": strconv.Itoa(MaxImportLines), "Lines": strconv.Itoa(len(t.Rows)),
		}}
	}
	return t, nil
}

// headsOf reads a line as one of heads.
func headsOf(kind ImportKind, row ImportRow) ImportTable {
	t := ImportTable{Kind: kind, Heads: row.cells, columns: map[ImportColumn][]int{}}
	for i, head := range row.cells {
		column := readHead(kind, head)
		if column == "" {
			if head := Tidy(asOneLine(head)); head != "" {
				t.Ignored = append(t.Ignored, head)
			}
			continue
		}
		t.columns[column] = append(t.columns[column], i)
	}
	return t
}

// splitRows are the lines of a text, or the first ones of them. A line with a quotation mark out of place says so itself.
func splitRows(text string, comma rune, most int) (rows []ImportRow) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = comma, -1
	within := 0 // line ends within cells so far, which a spreadsheet does not count
	for most < 0 || len(rows) < most {
		cells, err := reader.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return rows
		case errors.As(err, &wrong):
			rows = append(rows, ImportRow{N: wrong.StartLine - within, problem: invalid("", "error.import.quotes")})
			within += wrong.Line - wrong.StartLine
			continue
		case err != nil: // a reader of a text has no other
			return rows
		}
		line, _ := reader.FieldPos(0)
		rows = append(rows, ImportRow{N: line - within, cells: cells})
		for _, cell := range cells {
			within += strings.Count(cell, "\n")
		}
	}
	return rows
}
