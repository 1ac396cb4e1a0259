# /status.

status-head = { $model ->
    [none] **{ $agent }** · mit eigenem Modell · Modus { $mode }
   *[other] **{ $agent }** · { $model } · Modus { $mode }
}
status-directory = Verzeichnis: `{ $directory }`
status-project = Projekt: { $project }
status-no-session = Sitzung: noch keine, der erste Prompt eröffnet eine
status-session = { $name ->
    [none] Sitzung { $id }: { $known }
   *[other] Sitzung { $id } «{ $name }»: { $known }
}
status-session-not-begun = nicht begonnen
status-rules = Für diese Sitzung erlaubt:
status-rule = { $by ->
    [none] • { $rule }
   *[other] • { $rule } _({ $by })_
}
status-nothing = Hier läuft nichts.
status-turn = { $task ->
    [yes] **Aufgabe { $id }** { $state }, { $took }: { $prompt }
   *[no] **Durchgang { $id }** { $state }, { $took }: { $prompt }
}
status-state = { $state ->
    [queued] wartet
    [starting] beginnt
    [running] läuft
    [waiting] wartet auf eine Entscheidung
    [stopping] wird gestoppt
   *[other] { $state }
}
status-waiting = Es wartet: { $n ->
    [one] { $n } Prompt
   *[other] { $n } Prompts
}
status-resting = Seit dem letzten Stopp ruht: { $n ->
    [one] { $n } Prompt
   *[other] { $n } Prompts
}
status-left-running = Läuft weiter: { $processes }
status-access = _Zugang: { $users ->
    [one] { $users } Person
   *[other] { $users } Personen
}, { $admins ->
    [one] { $admins } Admin
   *[other] { $admins } Admins
}, { $chats ->
    [0] Chats, die ein Admin freigab
    [one] { $chats } eingetragener Chat
   *[other] { $chats } eingetragene Chats
}._

# /status all
status-chat = **Dieser Chat**
status-chat-nothing = In diesem Chat läuft nichts.
status-chat-places = { $n } warten auf einen freien Platz.
status-chat-general = **General**
status-chat-topic = **Thema { $id }**
