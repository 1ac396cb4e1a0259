# Was Agenten fragen: Erlaubnis, Pläne, Fragen.

# Wer fragt. { $id } ist die Nummer einer Aufgabe, und leer für das Gespräch.
request-who = { $id ->
    [none] { $agent ->
        [none] Der Agent
       *[other] { $agent }
    }
   *[other] Aufgabe { $id }: { $agent ->
        [none] Der Agent
       *[other] { $agent }
    }
}
request-plan = **📋 { $who } hat einen Plan**
request-tool = **🔐 { $who } möchte { $tool ->
    [none] ein Werkzeug
   *[other] { $tool }
} benutzen**
request-in = in `{ $directory }`
request-in-file = **⚠ { $n ->
    [one] { $n } Zeile
   *[other] { $n } Zeilen
}; alles steht in der Datei darüber.**
request-file-caption = Worum es in der Frage darunter geht, vollständig

request-question = { $of ->
    [1] **❓ { $who } fragt**
   *[other] **❓ { $who } fragt ({ $nth } von { $of })**
}
request-question-answered = ✓ { $question } **{ $answer }**
request-hint-several = _Eines oder mehrere wählen, dann «Fertig» drücken._
request-hint-own-words = _Für eigene Worte auf diese Nachricht antworten._
request-hint-reply = _Zum Beantworten auf diese Nachricht antworten._
request-hint-several-own-words = _Eines oder mehrere wählen, dann «Fertig» drücken. Oder mit eigenen Worten auf diese Nachricht antworten._
request-choice = { $detail ->
    [none] { $number }. **{ $label }**
   *[other] { $number }. **{ $label }** – { $detail }
}

# Knöpfe. Die ersten vier sind für das, was Agenten selbst so nennen.
request-allow-once = Einmal erlauben
request-deny = Ablehnen
request-approve = Zustimmen
request-keep-planning = Weiter planen
request-allow = Erlauben
request-allow-what = Erlauben: { $what }
request-deny-what = Ablehnen: { $what }
request-revise-why = ✏ Überarbeiten…
request-deny-why = Ablehnen mit Grund…
request-done = Fertig
request-back = ‹ Zurück
request-no-answer = Nicht antworten
request-take-back = ↩ Zurücknehmen: { $what }

# Was entschieden wurde; { $task } ist die Nummer einer Aufgabe, { $by } wer entschied, beides kann leer sein.
request-decided = { $task ->
    [none] { $by ->
        [none] **{ $what }**
       *[other] **{ $what } · { $by }**
    }
   *[other] { $by ->
        [none] **Aufgabe { $task } · { $what }**
       *[other] **Aufgabe { $task } · { $what } · { $by }**
    }
}
request-by-earlier = eine frühere Entscheidung
request-what-expired = ⌛ Abgelehnt: Niemand hat rechtzeitig geantwortet
request-what-allowed = ✅ { $label }
request-what-refused = ⛔ { $label }
request-what-answered = ✅ Beantwortet
request-what-unanswered = ⛔ Nicht beantwortet
request-what-revise = ✏ Wird überarbeitet
request-what-denied = ⛔ Abgelehnt
request-what-decided = Entschieden
request-what-over = ⌛ Wird nicht mehr gefragt: { $why }

# Warum etwas nicht mehr gefragt wird.
request-over-stop = ein Stopp wurde verlangt
request-over-time = die Zeit war um
request-over-shutdown = der Bot wurde beendet
request-over-newer = etwas Neueres kam
request-over-withdrawn = der Agent fragt nicht mehr danach
request-over-agent-gone = der Agent ist weg
request-over-turn = der Durchgang ist vorbei

# Was ein Druck auf einen Knopf sagt.
request-toast-passed-on = Weitergegeben.
request-toast-taking-back = Wird zurückgenommen…
request-how-to-revise = Auf diese Nachricht antworten und sagen, was anders sein soll: Der Agent plant neu.
request-how-to-deny = Auf diese Nachricht mit dem Grund antworten: Es wird abgelehnt, und der Agent erfährt, warum.
