package server

import (
	"net/http"
	"slices"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
)

// access says who may open a route.
type access struct {
	name    string
	ability clinic.Ability // for staff; empty when any signed-in member of staff may
	staff   bool

	everywhere bool // only for staff who have the ability at every branch
	half       bool // also for staff who lack a second factor where the clinic wants one
	fresh      bool // only for staff who have shown a moment ago who they are
}

var (
	anyone   = access{name: "anyone"}
	link     = access{name: "whoever has the link"} // the token in the path is part of the query
	signedIn = access{name: "signed-in staff", staff: true}
)

// canEverywhere is for what belongs to the clinic as a whole.
func canEverywhere(a clinic.Ability) access {
	return access{name: string(a) + " everywhere", ability: a, staff: true, everywhere: true}
}

// withoutFactor is a route also for staff who still have to set up the second factor that the clinic wants.
func withoutFactor(who access) access {
	who.half = true
	return who
}

// fresh is a route for which whoever asks must have shown a moment ago who they are.
func fresh(who access) access {
	who.fresh = true
	return who
}

func can(a clinic.Ability) access { return access{name: string(a), ability: a, staff: true} }

type route struct {
	method, path string
	who          access
	handle       page.Handler
}

// uploads are the paths whose forms bring a file, with the largest body that is read. It is far more than a file may have, because
// whoever chose too large a one is to find that said at its field, with all they typed. Such a body is read by the handler.
var uploads = map[string]int64{"/office/clinic": 12 << 20, "/office/import": 12 << 20, "/office/questionnaire/import": 3 << 20, "/office/doctors/:id/photo": maxPhotoUpload, "/office/branches/:id/photo": maxPhotoUpload}

const maxPhotoUpload = 40 << 20

// routes is every page there is, by who may open it. The API's routes are in package api; they are open to anyone.
// GET changes nothing, on any of them.
func (s *Server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	p, o := s.patient, s.office
	return []route{
		{get, "/healthz", anyone, s.showAlive},
		{get, "/readyz", anyone, s.showReady},
		{get, "/robots.txt", anyone, s.showRobots},
		{post, "/language", anyone, s.chooseLanguage},

		{get, "/", anyone, p.ShowHome},
		{get, "/privacy", anyone, p.ShowPrivacy},
		{get, "/clinic/:logo", anyone, p.ShowLogo},
		{get, "/photos/:photo", anyone, p.ShowPhoto},
		{get, "/slots", anyone, p.ShowSlots},
		{post, "/hold", anyone, p.HoldSlot},
		{post, "/typed", anyone, p.SayTyped},
		{get, "/book", anyone, p.ShowBookingForm},
		{post, "/book", anyone, p.CreateBooking},
		{get, "/waiting", anyone, p.ShowWaiting},
		{post, "/waiting", anyone, p.GetInLine},
		{get, "/lost", anyone, p.ShowLost},
		{post, "/lost", anyone, p.AskForLink},
		{get, "/lost/sent", anyone, p.ShowLostSent},
		{get, "/dev/letters", anyone, s.showLetters},
		{get, "/dev/letters/:name", anyone, s.showLetter},

		{get, "/booking/:token", link, p.ShowMyBooking},
		{get, "/booking/:token/calendar.ics", link, p.ShowCalendar},
		{post, "/booking/:token/email", link, p.CorrectEmail},
		{post, "/booking/:token/language", link, p.SpeakTo},
		{post, "/booking/:token/proof", link, p.Prove},
		{get, "/booking/:token/change", link, p.ShowChange},
		{post, "/booking/:token/change", link, p.ChooseChange},
		{get, "/booking/:token/confirm", link, p.ShowConfirm},
		{post, "/booking/:token/confirm", link, p.MoveOwn},
		{get, "/booking/:token/cancel", link, p.ShowCancel},
		{post, "/booking/:token/cancel", link, p.CancelOwn},
		{get, "/booking/:token/waiting", link, p.ShowOwnWaiting},
		{post, "/booking/:token/waiting", link, p.WaitWith},
		{get, "/waiting/:token", link, p.ShowPlace},
		{post, "/waiting/:token/leave", link, p.LeaveLine},
		{post, "/waiting/:token/decline", link, p.DeclineOffer},
		{post, "/waiting/:token/accept", link, p.AcceptMove},
		{get, "/waiting/:token/book", link, p.ShowOfferForm},
		{post, "/waiting/:token/book", link, p.BookOffer},
		{get, "/booking/:token/erase", link, p.ShowErase},
		{post, "/booking/:token/erase", link, p.AskErasure},
		{get, "/intake/:token", link, p.ShowIntake},
		{get, "/intake/:token/review", link, p.ShowReview},
		{get, "/intake/:token/done", link, p.ShowDone},
		{get, "/intake/:token/:section", link, p.ShowSection},
		{post, "/intake/:token/:section", link, p.AnswerSection},

		{get, "/office/sign-in", anyone, o.ShowSignIn},
		{post, "/office/sign-in", anyone, o.SignIn},
		{get, "/office/sign-in/second", anyone, o.ShowSecond}, // whoever has just typed the right password
		{post, "/office/sign-in/second", anyone, o.SignInWithSecond},
		{post, "/office/sign-in/second/ask", anyone, o.AskForSecond},
		{post, "/office/sign-in/passkey", anyone, o.SignInWithPasskey},
		{post, "/office/sign-in/passkey/ask", anyone, o.AskForPasskey},
		{get, "/office/invitation/:token", link, o.ShowInvitation},
		{post, "/office/invitation/:token", link, o.ChoosePassword},
		{post, "/office/sign-out", withoutFactor(signedIn), o.SignOut},
		{get, "/office/prove", withoutFactor(signedIn), o.ShowProve},
		{post, "/office/prove", withoutFactor(signedIn), o.Prove},
		{post, "/office/prove/ask", withoutFactor(signedIn), o.AskForProof},
		{get, "/office/me", signedIn, o.ShowMe},
		{post, "/office/me/password", signedIn, o.ChangePassword},
		{post, "/office/me/sessions", signedIn, o.EndSessions},
		{get, "/office/me/second", withoutFactor(signedIn), o.ShowSecondFactor},
		{post, "/office/me/second/app", fresh(withoutFactor(signedIn)), o.BeginApp},
		{post, "/office/me/second/app/confirm", fresh(withoutFactor(signedIn)), o.ConfirmApp},
		{post, "/office/me/second/app/remove", fresh(signedIn), o.RemoveApp},
		{get, "/office/me/second/passkey", fresh(withoutFactor(signedIn)), o.ShowNewPasskey},
		{post, "/office/me/second/passkey", fresh(withoutFactor(signedIn)), o.AddPasskey},
		{post, "/office/me/second/passkey/ask", fresh(withoutFactor(signedIn)), o.AskToAddPasskey},
		{post, "/office/me/second/passkey/remove", fresh(signedIn), o.RemovePasskey},
		{get, "/office/me/second/passkeys/:id", signedIn, o.ShowPasskey},
		{post, "/office/me/second/passkeys/:id", fresh(signedIn), o.RenamePasskey},
		{post, "/office/me/second/codes", fresh(signedIn), o.NewRecovery},
		{get, "/office", signedIn, o.ShowStart},

		{get, "/office/day", can(clinic.SeeCalendar), o.ShowDay},
		{get, "/office/week", can(clinic.SeeCalendar), o.ShowWeek},
		{get, "/office/month", can(clinic.SeeCalendar), o.ShowMonth},
		{get, "/office/list", can(clinic.SeeCalendar), o.ShowList},
		{get, "/office/list.csv", fresh(can(clinic.SeeCalendar)), o.ListCSV},
		{get, "/office/numbers", can(clinic.SeeCalendar), o.ShowNumbers},
		{get, "/office/numbers.csv", fresh(can(clinic.SeeCalendar)), o.NumbersCSV},
		{get, "/office/changes", can(clinic.SeeCalendar), o.StreamChanges},
		{get, "/office/search", can(clinic.SeeCalendar), o.ShowSearch},
		{post, "/office/search", can(clinic.SeeCalendar), o.Search}, // a POST, because names and numbers do not belong into addresses
		{get, "/office/letters", can(clinic.SeeCalendar), o.ShowLetters},
		{get, "/office/erasures", can(clinic.SeeCalendar), o.ShowErasures},
		{get, "/office/bookings/:id", can(clinic.SeeCalendar), o.ShowBooking},
		{get, "/office/day/close", can(clinic.ChangeBooking), o.ShowCloseDay},
		{post, "/office/day/slots", can(clinic.ChangeBooking), o.ChangeSlots},
		{post, "/office/day/undo", can(clinic.ChangeBooking), o.Undo},
		{post, "/office/bookings/:id/step", can(clinic.ChangeBooking), o.StepBooking},
		{post, "/office/bookings/:id/cancel", can(clinic.ChangeBooking), o.CancelBooking},
		{get, "/office/bookings/:id/move", can(clinic.ChangeBooking), o.ShowMove},
		{post, "/office/bookings/:id/move", can(clinic.ChangeBooking), o.MoveBooking},
		{post, "/office/bookings/:id/memo", can(clinic.ChangeBooking), o.SaveMemo},
		{post, "/office/bookings/:id/tries", can(clinic.ChangeBooking), o.GiveTries},
		{post, "/office/bookings/:id/contact", can(clinic.ChangeBooking), o.CorrectContact},
		{post, "/office/letters/resend", can(clinic.ChangeBooking), o.ResendLetters},
		{post, "/office/bookings/:id/letters/:letter/resend", can(clinic.ChangeBooking), o.ResendLetter},
		{post, "/office/bookings/:id/letters/:letter/told", can(clinic.ChangeBooking), o.ToldByTelephone},

		{get, "/office/patients", can(clinic.SeeCalendar), o.ShowPatients},
		{post, "/office/patients", can(clinic.SeeCalendar), o.FindPatients}, // a POST, as the search
		{get, "/office/patients/:id", can(clinic.SeeCalendar), o.ShowPatient},
		{post, "/office/patients/:id", can(clinic.ChangeBooking), o.CorrectPatient},
		{post, "/office/patients/:id/memo", can(clinic.ChangeBooking), o.SavePatientMemo},
		{post, "/office/patients/:id/online", can(clinic.ChangeBooking), o.CloseOnline},
		{get, "/office/patients/:id/merge", can(clinic.ChangeBooking), o.ShowMerge},
		{post, "/office/patients/:id/erasure", can(clinic.ChangeBooking), o.SettleErasure},
		{post, "/office/patients/:id/merge", can(clinic.ChangeBooking), o.Merge},
		{post, "/office/patients/:id/undo", can(clinic.ChangeBooking), o.UndoMerge},
		{get, "/office/patients/:id/export", fresh(can(clinic.ManageClinic)), o.ShowPersonSheet},
		{get, "/office/patients/:id/export.json", fresh(can(clinic.ManageClinic)), o.ExportPerson},
		{get, "/office/patients/:id/erase", can(clinic.ManageClinic), o.ShowErase},
		{post, "/office/patients/:id/erase", fresh(can(clinic.ManageClinic)), o.Erase},
		{get, "/office/erasures/:id", can(clinic.ManageClinic), o.ShowErased},

		{get, "/office/phone", can(clinic.ChangeBooking), o.ShowCall},
		{post, "/office/phone", can(clinic.ChangeBooking), o.Call},

		{get, "/office/waiting", can(clinic.SeeCalendar), o.ShowInLine},
		{get, "/office/waiting/:id", can(clinic.ChangeBooking), o.ShowOffer},
		{post, "/office/waiting/:id", can(clinic.ChangeBooking), o.ServeInLine},

		{get, "/office/runs", can(clinic.ChangeBooking), o.ShowRuns},
		{post, "/office/runs", can(clinic.ChangeBooking), o.CancelRun},
		{get, "/office/flood", can(clinic.ManageClinic), o.ShowFlood},
		{post, "/office/flood", can(clinic.ManageClinic), o.StopOnline},

		{get, "/office/doctor", can(clinic.ReadAnswers), o.ShowDoctorDay},
		{get, "/office/doctor/coming", can(clinic.ReadAnswers), o.ShowDoctorDays},
		{get, "/office/doctor/paper", can(clinic.ReadAnswers), o.ShowDayPaper},
		{get, "/office/doctor/changes", can(clinic.ReadAnswers), o.StreamDoctor},
		{get, "/office/charts/:id", can(clinic.ReadAnswers), o.ShowChart},
		{post, "/office/charts/:id/release", can(clinic.ReadAnswers), o.ReleaseHold},
		{get, "/office/cautions", can(clinic.SignCautions), o.ShowCautions},
		{post, "/office/cautions/sign", can(clinic.SignCautions), o.SignCautions},
		{get, "/office/cautions/:rule", can(clinic.SignCautions), o.ShowCaution},
		{post, "/office/cautions/:rule", can(clinic.SignCautions), o.SaveCaution},
		{get, "/office/charts/:id/response.json", fresh(can(clinic.ReadAnswers)), o.ShowResponse},

		{get, "/office/questionnaire", canEverywhere(clinic.ManageClinic), o.ShowQuestionnaire},
		{post, "/office/questionnaire/draft", canEverywhere(clinic.ManageClinic), o.BeginDraft},
		{post, "/office/questionnaire/add", canEverywhere(clinic.ManageClinic), o.AddToQuestionnaire},
		{post, "/office/questionnaire/order", canEverywhere(clinic.ManageClinic), o.OrderQuestionnaire},
		{get, "/office/questionnaire/sections/:id", canEverywhere(clinic.ManageClinic), o.ShowQuestionnaireSection},
		{post, "/office/questionnaire/sections/:id", canEverywhere(clinic.ManageClinic), o.SaveQuestionnaireSection},
		{get, "/office/questionnaire/questions/:id", canEverywhere(clinic.ManageClinic), o.ShowQuestion},
		{post, "/office/questionnaire/questions/:id", canEverywhere(clinic.ManageClinic), o.SaveQuestion},
		{get, "/office/questionnaire/roles", canEverywhere(clinic.ManageClinic), o.ShowRoles},
		{post, "/office/questionnaire/roles", canEverywhere(clinic.ManageClinic), o.SaveRoles},
		{get, "/office/questionnaire/strip/:id", canEverywhere(clinic.ManageClinic), o.ShowCell},
		{post, "/office/questionnaire/strip/:id", canEverywhere(clinic.ManageClinic), o.SaveCell},
		{get, "/office/questionnaire/causes/:id", canEverywhere(clinic.ManageClinic), o.ShowCause},
		{post, "/office/questionnaire/causes/:id", canEverywhere(clinic.ManageClinic), o.SaveCause},
		{get, "/office/questionnaire/preview", canEverywhere(clinic.ManageClinic), o.ShowQuestionnairePreview},
		{get, "/office/questionnaire/preview/walk", canEverywhere(clinic.ManageClinic), o.ShowWalk},
		{post, "/office/questionnaire/preview/walk", canEverywhere(clinic.ManageClinic), o.Walk},
		{post, "/office/questionnaire/preview/question", canEverywhere(clinic.ManageClinic), o.PreviewQuestion},
		{get, "/office/questionnaire/publish", canEverywhere(clinic.ManageClinic), o.ShowPublish},
		{post, "/office/questionnaire/publish", fresh(canEverywhere(clinic.ManageClinic)), o.PublishQuestionnaire},
		{get, "/office/questionnaire/versions", canEverywhere(clinic.ManageClinic), o.ShowVersions},
		{get, "/office/questionnaire/versions/:version", canEverywhere(clinic.ManageClinic), o.ShowVersion},
		{get, "/office/questionnaire/versions/:version/:file", canEverywhere(clinic.ManageClinic), o.ExportVersion},
		{get, "/office/questionnaire/compare", canEverywhere(clinic.ManageClinic), o.CompareVersions},
		{get, "/office/questionnaire/import", canEverywhere(clinic.ManageClinic), o.ShowQuestionnaireImport},
		{post, "/office/questionnaire/import", canEverywhere(clinic.ManageClinic), o.ImportQuestionnaire},
		{get, "/office/charts/:id/paper", can(clinic.ReadAnswers), o.ShowPaper},
		{post, "/office/charts/:id/read", can(clinic.ReadAnswers), o.MarkRead},
		{get, "/office/charts/:id/note", can(clinic.ReadAnswers), o.ShowNote},
		{post, "/office/charts/:id/note", can(clinic.ReadAnswers), o.WriteNote},
		{post, "/office/charts/:id/note/correct", can(clinic.ReadAnswers), o.CorrectNote},
		{post, "/office/charts/:id/note/open", can(clinic.ReadAnswers), o.SayNoteOpen},
		{get, "/office/charts/:id/note/versions", can(clinic.ReadAnswers), o.ShowNoteVersions},
		{get, "/office/charts/:id/handover", can(clinic.ReadAnswers), o.ShowHandOver},
		{post, "/office/charts/:id/handover", can(clinic.ReadAnswers), o.HandOver},
		{post, "/office/charts/:id/handover/undo", can(clinic.ReadAnswers), o.TakeBackHandover},
		{get, "/office/unsigned", can(clinic.ReadAnswers), o.ShowUnsigned},
		{get, "/office/phrases", can(clinic.ReadAnswers), o.ShowPhrases},
		{post, "/office/phrases", can(clinic.ReadAnswers), o.SavePhrases},

		{get, "/office/staff", canEverywhere(clinic.ManageClinic), o.ShowStaff},
		{post, "/office/staff", fresh(canEverywhere(clinic.ManageClinic)), o.WantSecondFactor},
		{get, "/office/staff/:id", canEverywhere(clinic.ManageClinic), o.ShowAccount},
		{post, "/office/staff/:id", fresh(canEverywhere(clinic.ManageClinic)), o.SaveAccount},
		{post, "/office/staff/:id/link", fresh(canEverywhere(clinic.ManageClinic)), o.MakeStaffLink},
		{post, "/office/staff/:id/active", fresh(canEverywhere(clinic.ManageClinic)), o.SetAccountActive},
		{post, "/office/staff/:id/unlock", fresh(canEverywhere(clinic.ManageClinic)), o.UnlockAccount},
		{post, "/office/staff/:id/second", fresh(canEverywhere(clinic.ManageClinic)), o.RemoveSecondFactors},
		{get, "/office/audit", canEverywhere(clinic.SeeAudit), o.ShowAudit},
		{get, "/office/audit.csv", fresh(canEverywhere(clinic.SeeAudit)), o.AuditCSV},
		{get, "/office/audit/affected", canEverywhere(clinic.SeeAudit), o.ShowAffected},
		{get, "/office/audit/affected.csv", fresh(canEverywhere(clinic.SeeAudit)), o.AffectedCSV},
		{get, "/office/clinic", canEverywhere(clinic.ManageClinic), o.ShowClinic},
		{post, "/office/clinic", canEverywhere(clinic.ManageClinic), o.SaveClinic},
		{get, "/office/import", can(clinic.ManageClinic), o.ShowImports},
		{post, "/office/import", can(clinic.ManageClinic), o.SendImport},
		{get, "/office/import.csv", can(clinic.ManageClinic), o.ImportTemplate},
		{get, "/office/import/:id", can(clinic.ManageClinic), o.ShowImport}, // of whoever has sent it
		{post, "/office/import/:id", can(clinic.ManageClinic), o.RunImport},
		{get, "/office/setup", can(clinic.ManageClinic), o.ShowSetup},
		{post, "/office/setup/branch", can(clinic.ManageClinic), o.SetUpBranch},
		{post, "/office/setup/doctors", can(clinic.ManageClinic), o.SetUpDoctors},
		{post, "/office/setup/holidays", can(clinic.ManageClinic), o.SetUpHolidays},
		{post, "/office/setup/mail", can(clinic.ManageClinic), o.SetUpMail},
		{post, "/office/setup/hours", can(clinic.ManageClinic), o.SetUpHours},
		{get, "/office/branches", can(clinic.ManageClinic), o.ShowBranches},
		{get, "/office/branches/:id", can(clinic.ManageClinic), o.ShowBranch},
		{post, "/office/branches/:id", can(clinic.ManageClinic), o.SaveBranch},
		{post, "/office/branches/:id/photo", can(clinic.ManageClinic), o.SaveBranchPhoto},
		{post, "/office/branches/:id/place", canEverywhere(clinic.ManageClinic), o.MoveBranch},
		{get, "/office/branches/:id/rules", can(clinic.ManageClinic), o.ShowRules},
		{post, "/office/branches/:id/rules", can(clinic.ManageClinic), o.SaveRules},
		{get, "/office/branches/:id/letters", can(clinic.ManageClinic), o.ShowWordings},
		{get, "/office/branches/:id/letters/:kind", can(clinic.ManageClinic), o.ShowWording},
		{post, "/office/branches/:id/letters/:kind", can(clinic.ManageClinic), o.SaveWording},
		{get, "/office/branches/:id/letters/:kind/preview", can(clinic.ManageClinic), o.ShowWordingPreview},
		{post, "/office/branches/:id/letters/:kind/preview", can(clinic.ManageClinic), o.PreviewWording}, // a POST, because a text is too long for an address
		{get, "/office/branches/:id/letters/:kind/trial", can(clinic.ManageClinic), o.ShowWordingTrial},
		{post, "/office/branches/:id/letters/:kind/trial", can(clinic.ManageClinic), o.SendWordingTrial},
		{get, "/office/doctors", can(clinic.ManageClinic), o.ShowDoctors},
		{get, "/office/doctors/:id", can(clinic.ManageClinic), o.ShowDoctor},
		{post, "/office/doctors/:id", can(clinic.ManageClinic), o.SaveDoctor},
		{post, "/office/doctors/:id/photo", can(clinic.ManageClinic), o.SaveDoctorPhoto},
		{post, "/office/doctors/:id/place", canEverywhere(clinic.ManageClinic), o.MoveDoctor},
		{get, "/office/hours", can(clinic.SeeCalendar), o.ShowHours},
		{post, "/office/hours", can(clinic.ManageClinic), o.SaveHours},
		{post, "/office/hours/preview", can(clinic.ManageClinic), o.PreviewHours},
		{post, "/office/hours/keep", can(clinic.ChangeBooking), o.KeepBookings},
		{post, "/office/hours/exceptions", can(clinic.ManageClinic), o.AddException},
		{post, "/office/hours/exceptions/:id/remove", can(clinic.ManageClinic), o.RemoveException},
		{post, "/office/hours/holidays", can(clinic.ManageClinic), o.SaveHolidays},
		{get, "/office/slots", can(clinic.ManageClinic), o.ShowSlots},
		{post, "/office/slots", can(clinic.ManageClinic), o.OpenSlots},
		{post, "/office/slots/:id/remove", can(clinic.ManageClinic), o.RemoveSlot},
	}
}

// has reports whether there is a page at a path.
func (s *Server) has(path string) bool {
	return slices.ContainsFunc(s.routes(), func(r route) bool { return r.path == path })
}
