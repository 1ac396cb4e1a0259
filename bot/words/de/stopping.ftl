# Stopps: was sie beendet haben, was weitergeht.

stop-begun = ⏹ Wird gestoppt…

# Wie lange es dauerte: { $took } ist leer, wo es niemand merkt.
stop-took = { $took ->
    [none] sofort
   *[other] in { $took }
}
stop-done = { $ended ->
    [none] **⏹ Gestoppt** { $took }
   *[other] **⏹ Gestoppt** { $took } · beendet: { $ended }
}
stop-late-silence = { $ended ->
    [none] **⏱ Zeit abgelaufen**: zu lange kein Lebenszeichen. Gestoppt { $took }.
   *[other] **⏱ Zeit abgelaufen**: zu lange kein Lebenszeichen. Gestoppt { $took } · beendet: { $ended }.
}
stop-late-timeout = { $ended ->
    [none] **⏱ Zeit abgelaufen**: Es hat zu lange gedauert. Gestoppt { $took }.
   *[other] **⏱ Zeit abgelaufen**: Es hat zu lange gedauert. Gestoppt { $took } · beendet: { $ended }.
}

# Was beendet wurde: diese stehen hintereinander, mit Kommas.
stop-ended-turns = { $n ->
    [one] { $agent ->
        [none] der Durchgang
       *[other] der Durchgang von { $agent }
    }
   *[other] { $n } Durchgänge
}
stop-ended-tasks = { $n ->
    [one] { $n } Aufgabe
   *[other] { $n } Aufgaben
}
stop-ended-strays = was noch weiterlief
stop-ended-processes = { $n ->
    [one] { $n } Prozess
   *[other] { $n } Prozesse
}

stop-survivors = **⚠ Noch am Leben, trotz SIGKILL:** { $processes }
stop-dropped = { $n ->
    [one] { $n } wartender Prompt
   *[other] { $n } wartende Prompts
} verworfen.
stop-held = { $n ->
    [one] { $n } wartet: Von selbst beginnt nichts.
   *[other] { $n } warten: Von selbst beginnt nichts.
}
stop-kept = Was getan ist, bleibt in der Sitzung; der Knopf macht dort weiter.
stop-continue = ▶ Weitermachen

# Aufgaben lässt ein Stopp ihres Themas in Ruhe.
stop-tasks-left = { $n ->
    [one] { $n } Aufgabe in diesem Thema geht weiter:
   *[other] { $n } Aufgaben in diesem Thema gehen weiter:
}
stop-task-left = ⚙ { $id } · { $prompt }
stop-tasks-more = und { $n } weitere: /tasks

stop-nothing = Hier läuft nichts.
stop-nothing-finished = Hier läuft nichts: Der Durchgang war schon fertig.
stop-nothing-answer-owed = Hier läuft nichts: Der Durchgang war schon fertig, und die Antwort ist unterwegs.

stop-agent-task = **⏹ Beendet**: { $title ->
    [none] eine Aufgabe im Hintergrund
   *[other] { $title }
}

# Knöpfe, und was ein Druck auf sie sagt.
stop-button = ⏹ Stopp
stop-button-task = ⏹ Aufgabe { $id } stoppen
stop-button-agent-task = ⏹ Beenden: { $title }
stop-toast = Wird gestoppt…
stop-toast-cancelled = Abgebrochen.
stop-toast-over = Nichts zu stoppen: Das ist schon vorbei.
stop-toast-ending = Wird beendet…
stop-all-only-admins = ⚠ /stop_all ist nur für Admins. /stop beendet, was in diesem Thema läuft.
