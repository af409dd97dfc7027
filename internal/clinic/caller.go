package clinic

import "strings"

// CallerInput is what somebody at the front desk typed about a person on the telephone, unchanged, so that it can be shown again.
type CallerInput struct {
	Kana  string // family and given name with a space between; a name in other letters than those of Japanese stands here as well
	Name  string // in kanji, likewise; "" where nobody asked
	Phone string
	Email string // "" where no letter is wanted
	Birth string // in one field, see ParseBirthText; "" where nobody asked
}

// NewCaller reads what is typed during a call as leniently as NewPatient does. A name in kana and a telephone number are enough: whoever
// calls is waiting. What nobody asked stays empty, and the sex is NoSex. Every wrong field is named, in the order of the form:
// kana, phone, email, name, birth. Of a person of any age: somebody of the clinic has spoken with them.
func NewCaller(in CallerInput, today Date) (Patient, Errors) {
	var errs Errors
	p := Patient{Sex: NoSex}
	kana := readKana(in.Kana)
	latin := kana != "" && !IsJapanese(kana)
	if latin {
		p.FamilyName, p.GivenName = splitName(readName(in.Kana))
		errs = checkName(errs, "kana", p.Name())
	} else {
		p.FamilyKana, p.GivenKana = splitName(kana)
		errs = checkKana(errs, "kana", kana)
		p.FamilyName, p.GivenName = p.FamilyKana, p.GivenKana
	}
	phone, problem := ParsePhone(in.Phone)
	if problem != "" {
		errs = append(errs, invalid("phone", problem))
	}
	p.Phone = phone
	if strings.TrimSpace(in.Email) != "" {
		email, problem := ParseRecipient(in.Email)
		if problem != "" {
			errs = append(errs, wrongEmail(in.Email, problem))
		}
		p.Email = email
	}
	if name := readName(in.Name); name != "" {
		family, given := splitName(name)
		switch problem := badName("name", name, 2); {
		case problem != nil:
			errs = append(errs, problem)
		case given == "" && p.GivenName != "":
			errs = append(errs, invalid("name", "error.caller.space"))
		default:
			p.FamilyName, p.GivenName = family, given
		}
	}
	if strings.TrimSpace(in.Birth) != "" {
		birth, problem := ParseBirthText(in.Birth)
		if problem == "" && (today.Before(birth) || birth.Age(today) > maxAge) {
			problem = "error.birth.future"
			if !today.Before(birth) {
				problem = "error.birth.old"
			}
		}
		if problem != "" {
			errs = append(errs, invalid("birth", problem))
		} else {
			p.Birth = birth
		}
	}
	return p, errs
}

// splitName parts a full name at its first space. Of more words the given name has the others.
func splitName(name string) (family, given string) {
	family, given, _ = strings.Cut(name, " ")
	return family, given
}

// Caller is what the form of a call shows of a patient who is known.
func (p Patient) Caller() CallerInput {
	in := CallerInput{Kana: p.Kana(), Phone: FormatPhone(p.Phone), Email: p.Email}
	if in.Kana == "" {
		in.Kana = p.Name()
	} else if p.Name() != in.Kana {
		in.Name = p.Name()
	}
	if !p.Birth.IsZero() {
		in.Birth = p.Birth.String()
	}
	return in
}

// Known is the patient of an earlier visit as a call corrects them: what the form shows is taken from it, and the rest stays.
func (p Patient) Known(typed Patient) Patient {
	before := p.Caller()
	after := typed.Caller()
	if after.Kana != before.Kana {
		p.FamilyKana, p.GivenKana = typed.FamilyKana, typed.GivenKana
	}
	if after.Name != before.Name || after.Kana != before.Kana {
		p.FamilyName, p.GivenName = typed.FamilyName, typed.GivenName
	}
	p.Phone, p.Email = typed.Phone, typed.Email
	if !typed.Birth.IsZero() {
		p.Birth = typed.Birth
	}
	return p
}

// Spelled is a reference in two groups, sign by sign, as it is read to somebody on the telephone.
func Spelled(reference string) [2]string {
	front, back, _ := strings.Cut(reference, "-")
	return [2]string{spaced(front), spaced(back)}
}

func spaced(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ReadsAsKana reports whether what somebody typed is the reading of a name.
func ReadsAsKana(text string) bool { return isReading(readKana(text)) }
