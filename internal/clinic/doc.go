// Package clinic holds the rules of a clinic that offers free counseling with a doctor.
//
// It imports nothing but the standard library and two packages of tables, one of the telephone numbers of all countries and one that
// takes accents off letters. It has no clock of its own and touches no database and no network: every function takes what it needs,
// the present instant included, and returns a value or an *Error. Whoever wants to know what Madoguchi decides reads this package;
// whoever wants to know how a decision is stored or shown reads internal/store and internal/server, in the file of the same noun.
//
// # Glossary
//
// The words are those of HL7 FHIR (R5) and RFC 5545 where those have one. The Japanese word is what people read.
//
//   - Branch (院): one location of the clinic, with its own time zone. FHIR Location. Not "store" or "tenant".
//   - Doctor (医師): every counseling is one doctor's time, because only a doctor may choose or propose a treatment
//     (Medical Practitioners' Act, article 17). FHIR Practitioner. Not "provider" or "resource".
//   - Slot (枠): one doctor at one branch from a start to an end. FHIR Slot. Not "event".
//   - Claim: the one row that says who has a slot, either a hold or a live booking. Its unique key decides every tie.
//   - Hold (仮押さえ): a claim that expires, kept for one visitor while they fill in the form, or by staff for a caller. Not "lock".
//   - Walk (来院の流れ): the way of a visit through its statuses. Each move on it is a step, which can be taken back for a while.
//   - Booking (予約): a slot taken by a patient, with a Status. Not "order" or "reservation".
//   - Appointment: a booking together with its slot, branch, doctor and patient, as a person at the front desk sees it.
//   - Patient (患者): the person who comes. Their data is sealed wherever it is stored.
//   - Questionnaire (問診票の版): what is asked, in versions. A booking keeps the version that its patient was asked, and a
//     published version never changes. FHIR Questionnaire.
//   - Draft (下書き): the questionnaire while the clinic edits it (package intake). A Finding is what keeps it from being published.
//   - Intake (問診票): the questionnaire as one patient answered it (package intake). Not "survey".
//   - Caution (注意): something in the answers that a doctor must see (package intake). Not "alert".
//   - Note (記録): what a doctor writes about one counseling, in versions that never change once they are signed (確定). What is not signed is a
//     Draft (下書き). FHIR Composition. Not "memo", which is the front desk's.
//   - Finding (所見): what the doctor found at one area of the body. FHIR Observation.
//   - Phrase (定型句): a text of a doctor's own that a few kana insert into a note.
//   - Handover (引き継ぎ): a doctor gives the chart of a booking to a colleague, who is its reader from then on; the slot stays as it is.
//   - Settings: what the clinic as a whole has set, such as its name and logo; BranchSettings are what a branch decides for
//     itself. What the program itself needs, such as where it listens, is configuration (package config).
//   - Letter (手紙): one message to one person about one booking. Not "notification". In trouble is one that has not arrived and
//     that staff should know of.
//   - LetterChannel: the way by which a letter goes, so far mail. Rates: how many letters may go in a minute. Worker (送信係): what sends
//     them, one in each instance.
//   - Contact (連絡先): how a patient is called and reached, which may be corrected.
//   - Front desk (受付): where staff receive people and answer the telephone; the role FrontDesk. Not "desk" or "counter".
//   - Staff (職員): a person of the clinic who signs in, with one Role that decides their abilities.
//   - Account (アカウント): what a member of staff signs in with, as an administrator sees it: its state, and whether it has a SecondFactor
//     (2段階認証), which is asked for after the password.
//   - Actor: who causes something: a visitor, a patient by their link, staff, a program, a job.
//   - Visitor: whoever is looking at the patient's pages; known only by a random cookie.
//   - Availability: what a visitor sees of the slots that begin at one time: how many, and how many are free.
//   - Opening hours (診療時間): one span of a doctor's week at a branch, from which slots are laid. FHIR Schedule.
//   - Exception (例外): days on which a branch or a doctor does not keep to the opening hours.
//   - Laying: what the opening hours ask for, compared with the slots that there are.
//   - Setup (はじめの準備): what a branch needs before it can be booked, and which of that there is.
//   - Photo (写真): the picture of a doctor or a branch.
//   - Trial (試し送り): a letter by which a person of the clinic sees that letters arrive.
//   - Room: a counseling room of a branch.
//   - Attribution: the article, campaign and body area a visitor came from.
//   - Pass: what a browser keeps to show that it is the patient's own, so that it may see the answers behind a link.
//   - Lost: what somebody knows of a booking whose link they have lost.
//   - Erasure: a patient's request that what is stored of them be deleted.
//   - Step: what a visitor does before they book, counted without knowing who they are.
//   - Waiting (順番待ち): somebody's place in line for a slot that comes free. FHIR has no word for it.
//   - Offer (空きのご案内): a slot that is kept for somebody who waits, until they answer or their time is over.
//   - Import (取り込み): a file of another system from which patients and coming bookings are taken over. It only adds.
//   - Backup (バックアップ): a copy of the database at one instant, checked and encrypted. Backups are how they are, where the program makes them.
//   - Relocation: the clinic's move from one database to another, of which never both take bookings. Not "move", which is a booking's.
//   - Numbers (数字): what the counselings of a branch in a period come to.
//
// # Tour
//
// A visitor holds a slot (hold.go), becomes a patient (patient.go, with a file for each field: name.go, kana.go,
// birth.go, phone.go, email.go; what is typed is tidied in text.go, and names are compared in spelling.go), the booking is made (booking.go)
// and its letter falls due (letter.go; those that go at a time of their own in due.go), goes out at a rate (rate.go) by a worker (worker.go)
// and is erased when it has served (purge.go); a slip in how they are reached is corrected (contact.go). Who finds no time waits for one
// (waiting.go) and is offered what comes free (offer.go). Who acts is in actor.go, what
// a role of staff may do in staff.go, what may be done to an account in account.go, which passwords are taken in password.go, codes in totp.go; the week grid a visitor chooses from is in week.go, and the times that they are offered
// first in next.go; a week of opening hours is in hours.go, what differs from it in exception.go, and the one rule that lays slots from
// both in lay.go; slots that are opened by hand are in slot.go. How a visit goes on, from the booking to its end or to a cancellation,
// is in visit.go, how a booking gets another time in move.go, what its patient may do by themselves in mybooking.go, which browser may see
// their answers in pass.go, who gets another link in lost.go, how a request to delete data is settled in erasure.go, and what the front desk's calendar says and does in desk.go. What the clinic and its branches have set is in
// settings.go, and its picture in logo.go, photos are in photo.go, and how either is drawn in picture.go. How an empty clinic gets to its
// first week is in setup.go. What is taken over from another system is in import.go, how its file is read in import_table.go,
// import_file.go and import_line.go, and what each line of it comes to is decided in import_examine.go. What the counselings of a period come
// to is in numbers.go. What a doctor writes down is in note.go, how two texts of it are kept together in note_both.go and compared in
// note_change.go, who gives a chart to whom in handover.go, and a doctor's phrases in phrase.go. When a backup is due and when staff have to know of one is in backup.go. What a form has seen of what it edits is in revision.go. Every refusal is an *Error (error.go).
package clinic
