# Was ein Neustart des Bots bedeutet hat, und was unterbrochen wurde.

recovery-restarted = 🔄 Der Bot wurde neu gestartet.
recovery-upgraded = 🔄 Der Bot wurde auf { $version } gebracht.
recovery-rebooted = 🔄 Die Maschine wurde neu gestartet.
recovery-rebooted-upgraded = 🔄 Die Maschine wurde neu gestartet und der Bot auf { $version } gebracht.

recovery-still-running = **Läuft noch**: { $prompt }
recovery-resumed-one = **Fortgesetzt**: { $prompt }
recovery-interrupted-one = { $tries ->
    [0] **Unterbrochen**: { $prompt }
    [one] **Unterbrochen**: { $prompt } · schon { $tries } Mal fortgesetzt
   *[other] **Unterbrochen**: { $prompt } · schon { $tries } Mal fortgesetzt
}
recovery-queued = { $n ->
    [one] { $n } wartender Prompt wird laufen.
   *[other] { $n } wartende Prompts werden laufen.
}

recovery-resumed = **▶ Fortgesetzt**: { $prompt }
recovery-afresh = Die alte Sitzung ließ sich nicht fortsetzen: mit dem Prompt neu begonnen.
recovery-interrupted = **⚡ Unterbrochen**: { $why }

recovery-resume = ▶ Fortsetzen
recovery-resume-which = ▶ Fortsetzen: { $prompt }
recovery-discard = ✖ Verwerfen
recovery-toast-resuming = Wird fortgesetzt…
recovery-toast-discarded = Verworfen.
recovery-usage = ⚠ `/resume` benutzen, oder `/resume ID` mit der Id, unter der der Agent die Sitzung kennt.

# Warum ein Durchgang unterbrochen wurde.
recovery-why-vanished = Das Programm und sein Aufseher sind verschwunden.
recovery-why-exhausted = Das Programm und sein Aufseher sind verschwunden. Es wurde schon fortgesetzt und ging wieder verloren.
recovery-why-stale = Das Programm und sein Aufseher sind verschwunden. Das ist zu lange her, um ungefragt fortzufahren.
recovery-why-no-session = Das Programm und sein Aufseher sind verschwunden. Der Agent hat keine Sitzung, die sich fortsetzen ließe.
recovery-why-nothing = Es wurde fortgesetzt, und der Agent hat sofort und ohne ein Wort geendet. Die Sitzung ist beiseitegelegt: Noch einmal fortgesetzt, beginnt es mit dem Prompt neu.
recovery-why-not-resumed = Es ließ sich nicht fortsetzen: { $error }
recovery-why-shut-down = Der Bot wurde beendet und hat seine Agenten mitgenommen.
