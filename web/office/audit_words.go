package office

import (
	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// auditWords are the texts of what somebody did, by the word that the audit log has for it.
var auditWords = map[clinic.AuditAction]string{
	"read.booking":        "office.audit.did_saw_booking",
	"read.patient":        "office.audit.did_saw_patient",
	"read.chart":          "office.audit.did_saw_chart",
	"read.note":           "office.audit.did_saw_note",
	"read.calendar":       "office.audit.did_saw_calendar",
	"read.list":           "office.audit.did_saw_list",
	"read.doctor_day":     "office.audit.did_saw_doctor_day",
	"read.found":          "office.audit.did_saw_found",
	"read.waiting":        "office.audit.did_saw_waiting",
	"read.import":         "office.audit.did_saw_import",
	"read.audit":          "office.audit.did_saw_audit",
	"print":               "office.audit.did_printed",
	"export":              "office.audit.did_exported",
	"sign_in":             "office.audit.did_sign_in",
	"denied":              "office.audit.did_denied",
	"Book":                "office.audit.did_book",
	"Move":                "office.audit.did_move",
	"MoveOwn":             "office.audit.did_move_own",
	"MoveBack":            "office.audit.did_move_back",
	"AcceptMove":          "office.audit.did_accept_move",
	"Cancel":              "office.audit.did_cancel",
	"CancelOwn":           "office.audit.did_cancel_own",
	"CancelTogether":      "office.audit.did_cancel_together",
	"Step":                "office.audit.did_step",
	"StepBack":            "office.audit.did_step_back",
	"Restore":             "office.audit.did_restore",
	"KeepBookings":        "office.audit.did_keep_bookings",
	"CorrectContact":      "office.audit.did_correct_contact",
	"CorrectEmail":        "office.audit.did_correct_email",
	"CorrectPatient":      "office.audit.did_correct_patient",
	"SpeakTo":             "office.audit.did_speak_to",
	"CloseOnline":         "office.audit.did_close_online",
	"MergePatients":       "office.audit.did_merge_patients",
	"UndoMerge":           "office.audit.did_undo_merge",
	"SaveBookingMemo":     "office.audit.did_save_booking_memo",
	"SavePatientMemo":     "office.audit.did_save_patient_memo",
	"AskErasure":          "office.audit.did_ask_erasure",
	"SettleErasure":       "office.audit.did_settle_erasure",
	"Erase":               "office.audit.did_erase",
	"EndKept":             "office.audit.did_end_kept",
	"PurgeOver":           "office.audit.did_purge_over",
	"Prove":               "office.audit.did_prove",
	"GiveTries":           "office.audit.did_give_tries",
	"AskForLink":          "office.audit.did_ask_for_link",
	"AnswerLost":          "office.audit.did_answer_lost",
	"Resend":              "office.audit.did_resend",
	"SettleLetter":        "office.audit.did_settle_letter",
	"GetInLine":           "office.audit.did_get_in_line",
	"Leave":               "office.audit.did_leave",
	"LeaveWith":           "office.audit.did_leave_with",
	"TakeOutOfLine":       "office.audit.did_take_out_of_line",
	"OfferByHand":         "office.audit.did_offer_by_hand",
	"WithdrawOffer":       "office.audit.did_withdraw_offer",
	"DeclineOffer":        "office.audit.did_decline_offer",
	"AnswerIntake":        "office.audit.did_answer_intake",
	"MarkRead":            "office.audit.did_mark_read",
	"MarkUnread":          "office.audit.did_mark_unread",
	"ReleaseHold":         "office.audit.did_release_hold",
	"WithdrawRelease":     "office.audit.did_withdraw_release",
	"SaveDraft":           "office.audit.did_save_draft",
	"DropNoteDraft":       "office.audit.did_drop_note_draft",
	"SignNote":            "office.audit.did_sign_note",
	"CorrectNote":         "office.audit.did_correct_note",
	"HandOver":            "office.audit.did_hand_over",
	"SavePhrases":         "office.audit.did_save_phrases",
	"AddSlots":            "office.audit.did_add_slots",
	"CloseSlot":           "office.audit.did_close_slot",
	"CloseSlots":          "office.audit.did_close_slots",
	"OpenSlots":           "office.audit.did_open_slots",
	"OfferSlots":          "office.audit.did_offer_slots",
	"HoldAtDesk":          "office.audit.did_hold_at_desk",
	"HoldForCaller":       "office.audit.did_hold_for_caller",
	"ReleaseSlot":         "office.audit.did_release_slot",
	"SaveWeek":            "office.audit.did_save_week",
	"SaveWeeks":           "office.audit.did_save_weeks",
	"AddException":        "office.audit.did_add_exception",
	"RemoveException":     "office.audit.did_remove_exception",
	"SaveHolidays":        "office.audit.did_save_holidays",
	"BeginDraft":          "office.audit.did_begin_draft",
	"EditDraft":           "office.audit.did_edit_draft",
	"DropDraft":           "office.audit.did_drop_draft",
	"PublishDraft":        "office.audit.did_publish_draft",
	"ChangeCaution":       "office.audit.did_change_caution",
	"SignCautions":        "office.audit.did_sign_cautions",
	"ChangeSettings":      "office.audit.did_change_settings",
	"SaveBranch":          "office.audit.did_save_branch",
	"StopOnline":          "office.audit.did_stop_online",
	"SetBranchPhoto":      "office.audit.did_set_branch_photo",
	"MoveBranch":          "office.audit.did_move_branch",
	"SaveDoctor":          "office.audit.did_save_doctor",
	"SetDoctorPhoto":      "office.audit.did_set_doctor_photo",
	"MoveDoctor":          "office.audit.did_move_doctor",
	"SaveLetterWording":   "office.audit.did_save_letter_wording",
	"SendTextTrial":       "office.audit.did_send_text_trial",
	"SendTrial":           "office.audit.did_send_trial",
	"KeepImport":          "office.audit.did_keep_import",
	"RunImport":           "office.audit.did_run_import",
	"EndImport":           "office.audit.did_end_import",
	"EndSession":          "office.audit.did_end_session",
	"AddStaff":            "office.audit.did_add_staff",
	"EndSessions":         "office.audit.did_end_sessions",
	"SaveAccount":         "office.audit.did_save_account",
	"NewStaffLink":        "office.audit.did_new_staff_link",
	"ChoosePassword":      "office.audit.did_choose_password",
	"ChangePassword":      "office.audit.did_change_password",
	"SetAccountActive":    "office.audit.did_set_account_active",
	"UnlockAccount":       "office.audit.did_unlock_account",
	"ConfirmApp":          "office.audit.did_confirm_app",
	"RemoveApp":           "office.audit.did_remove_app",
	"AddPasskey":          "office.audit.did_add_passkey",
	"RenamePasskey":       "office.audit.did_rename_passkey",
	"RemovePasskey":       "office.audit.did_remove_passkey",
	"RefusePasskey":       "office.audit.did_refuse_passkey",
	"NewRecovery":         "office.audit.did_new_recovery",
	"RemoveSecondFactors": "office.audit.did_remove_second_factors",
	"RetireKeys":          "office.audit.did_retire_keys",
	"TakeBackHandover":    "office.audit.did_take_back_handover",
	"AddAPIKey":           "office.audit.did_add_api_key",
	"RevokeAPIKey":        "office.audit.did_revoke_api_key",
	"PurgeAudit":          "office.audit.did_purge_audit",
}

// AuditWord is what somebody did, in a reader's language; "" for what has no word.
func AuditWord(l web.Locale, a clinic.AuditAction) string {
	if key, known := auditWords[a]; known {
		return l.T(key)
	}
	return ""
}

// auditResult is what came of it.
func auditResult(l web.Locale, result string) string {
	switch clinic.Code(result) {
	case clinic.AuditDone:
		return l.T("office.audit.done")
	case clinic.Forbidden:
		return l.T("office.audit.denied_result")
	case clinic.NotFound:
		return l.T("office.audit.missing")
	case clinic.Unauthorized:
		return l.T("office.audit.wrong")
	case clinic.TooMany:
		return l.T("office.audit.many")
	case clinic.Conflict, clinic.SlotTaken, clinic.AlreadyBooked, clinic.KeyReused:
		return l.T("office.audit.conflict")
	default:
		return l.T("office.audit.refused")
	}
}
