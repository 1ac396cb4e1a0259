# Antworten, und was neben ihnen steht.

answer-wordless = _Der Agent hat den Durchgang ohne ein Wort beendet._
answer-beside = _Daneben hat der Agent von selbst weitergemacht:_
answer-task = **Aufgabe { $id }**
answer-file = Die ganze Antwort
answer-goes-on = _… Das ist der Anfang: Die Antwort hat { $n } Zeichen. Vollständig steht sie in der Datei darunter._
answer-file-cut = Die ersten { $n } Zeichen der Antwort; mehr nimmt Telegram nicht an
answer-failed = { $agent ->
    [none] **✗ Der Agent ist gescheitert**: { $error }
   *[other] **✗ { $agent } ist gescheitert**: { $error }
}
answer-no-reason = ohne Angabe eines Grundes
answer-remark = _⚠ { $remark }_
answer-left-running = _⚙ Läuft weiter: { $processes }_

answer-remark-resumed = Fortgesetzt: Dies war unterbrochen und wurde wieder aufgenommen.
answer-remark-afresh = Die alte Sitzung ließ sich nicht fortsetzen: Dies hat neu begonnen, nur mit dem Prompt.
answer-remark-denied = Nicht erlaubt: { $title }
answer-remark-by-itself = Vom Agenten selbst begonnen: { $prompt }

# Warum ein Durchgang gescheitert ist, wo der Agent es nicht sagt.
answer-error-stopped-first = Vor dem Beginn gestoppt.
answer-error-not-started = Der Agent ließ sich nicht starten: { $error }.
answer-error-never-began = Der Prozess endete jedes Mal, bevor der Agent den Prompt hatte. Ist auf dieser Maschine noch Speicher frei?
answer-error-no-answer = Der Agent hat ohne Antwort geendet.
answer-error-nothing = Fortgesetzt, aber der Agent hat sofort und ohne ein Wort geendet.
