# Dateien hinein und heraus, Sprache, geänderte Prompts.

file-too-large = ⚠ { $name } hat { $size }; Telegram lässt Bots nur Dateien bis { $most } holen. Nichts wurde weitergegeben. Die Datei auf der Maschine ablegen und den Pfad nennen, sie in Teilen senden, oder einen eigenen Bot-API-Server benutzen (docs/files.md).
file-too-large-here = ⚠ { $name } hat { $size }; mehr als { $most } werden hier nicht angenommen. Nichts wurde weitergegeben. Die Datei auf der Maschine ablegen und den Pfad nennen.
file-not-fetched = Die Datei «{ $name }» ließ sich nicht von Telegram holen. Bitte noch einmal senden.
file-unusable = ⚠ So etwas ({ $kind }) lässt sich hier keinem Agenten geben. Nichts wurde weitergegeben; bitte als Text schreiben.
file-caption-unused = Auch die Beschriftung wurde nicht benutzt: bitte als eigene Nachricht senden.
file-prompt-empty = ⚠ Der Prompt ist leer.

file-queued = Dateien lassen sich nicht in einen laufenden Durchgang geben; dies läuft danach{ $ahead ->
    [0] { "" }
   *[other] , { $ahead } davor
}

# Eine Sprachnachricht.
file-voice-not-set-up = ⚠ Sprachnachrichten brauchen ein Programm oder einen Dienst, der sie aufschreibt, und keiner ist eingerichtet: in `[voice]` **command** oder **url** setzen (docs/files.md). Nichts wurde weitergegeben; bitte als Text schreiben. Um die Aufnahme selbst dem Agenten zu geben, sie als Datei senden.
file-voice-heard = 🎤 Gesagt wurde:
file-voice-failed = Die Sprachnachricht ließ sich nicht aufschreiben: { $why } Sie ist aufgehoben: mit dem Knopf noch einmal versuchen oder als Text schreiben.
file-voice-silent = Es war nichts zu hören.
file-voice-slow = Es dauerte länger als { $limit }.
file-voice-no-program = Das Programm { $program } ließ sich nicht starten.
file-voice-program-failed = { $program } endete mit { $code }. { $said }
file-voice-no-service = Der Dienst ist nicht zu erreichen.
file-voice-service-failed = Der Dienst hat abgelehnt ({ $code }). { $said }
file-voice-retry = 🎤 Noch einmal versuchen

# Geänderte Prompts.
file-edited-at-work = ✎ Geändert, während daran gearbeitet wurde. Es geht weiter, wie es war.
file-edited-done = ✎ Geändert, nachdem daran gearbeitet wurde.
file-edited-again = ▶ Noch einmal ausführen
file-edited-stop-and-run = ▶ Stoppen und das Neue ausführen
file-again-nothing = Hier gibt es nichts, was noch einmal laufen könnte.
file-again-done = Das lief schon noch einmal.
file-again-doing = Läuft noch einmal…

# Dateien heraus.
file-get-empty = Das Verzeichnis ist leer.
file-get-nothing = ⚠ Hier heißt nichts { $path }.
file-get-outside = ⚠ { $path } liegt außerhalb des Verzeichnisses dieses Themas.
file-get-not-a-file = ⚠ { $path } ist keine Datei, die sich senden lässt.
file-get-forbidden = ⚠ { $path } gehört dem Bot selbst und wird nicht gesendet.
file-get-hollow = ⚠ { $path } ist leer; leere Dateien nimmt Telegram nicht an.
file-get-too-large = ⚠ { $path } hat { $size }; Bots dürfen Dateien bis { $most } senden. Die Datei packen, teilen oder direkt von der Maschine holen.
file-get-failed = ⚠ { $path } ließ sich nicht lesen.
file-get-more = … und { $n } weitere
file-listing = **{ $where }** · { $n ->
    [one] { $n } Eintrag
   *[other] { $n } Einträge
}
file-get-hint = `/get NAME` sendet eine Datei.
file-sent-name = `{ $path }` · { $size }
file-unsent-missing = { $path }: Diese Datei gibt es nicht
file-unsent-outside = { $path }: liegt außerhalb des Verzeichnisses der Sitzung
file-unsent-too-large = { $path }: { $size } ist mehr, als Telegram von Bots annimmt
file-unsent-hollow = { $path }: ist leer
file-unsent-forbidden = { $path }: gehört dem Bot selbst
file-unsent-other = { $path }: ließ sich nicht lesen
file-unsent-many = { $n } weitere Dateien wurden genannt; höchstens { $most } kommen mit einer Antwort
file-unsent = Nicht gesendet: { $what }
