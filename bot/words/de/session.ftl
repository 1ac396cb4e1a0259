# Sitzungen: das Menü von /sessions, und was mit ihnen geschieht.

session-list-here = **Sitzungen hier**
session-list-chat = **Sitzungen dieses Chats**
session-list-empty = Noch keine: Der erste Prompt eröffnet eine.
session-here = Nur hier
session-chat = Im ganzen Chat

session-state = { $state ->
    [queued] wartet
    [starting] beginnt
    [running] arbeitet
    [waiting] wartet auf eine Entscheidung
    [stopping] wird gestoppt
    [left] hat etwas laufen lassen
   *[idle] ruht
}
session-ago = vor { $time }
session-current = dieses Thema macht mit ihr weiter
session-in-topic = in { $topic }
session-last-prompt = Letzter Prompt: { $prompt }
session-agent-id = Der Agent kennt sie als { $id }
session-waiting = { $n ->
    [one] { $n } Prompt wartet auf sie
   *[other] { $n } Prompts warten auf sie
}

session-switch = ▶ Damit weitermachen
session-name = ✎ Name
session-stop = ⏹ Stopp
session-stop-id = ⏹ Stopp { $id }
session-delete = 🗑 Löschen

session-ask-name = Mit einem Namen für Sitzung { $id } auf diese Nachricht antworten, oder `/sessions name WORDS` für die jetzige schreiben.
session-ask-delete = **{ $name }** löschen? Das Gespräch lässt sich dann von hier nicht mehr fortsetzen.
session-ask-delete-works = Sie arbeitet gerade: Das wird vorher gestoppt, mit allen Prozessen.
session-ask-delete-waiting = { $n ->
    [one] { $n } Prompt, der auf sie wartet, wird verworfen.
   *[other] { $n } Prompts, die auf sie warten, werden verworfen.
}
session-yes-delete = Löschen
session-keep = Behalten

session-toast-switched = Der nächste Prompt macht mit ihr weiter.
session-toast-current = Dieses Thema macht schon mit ihr weiter.
session-toast-elsewhere = Sie gehört einem anderen Thema. Dort mit ihr weitermachen.
session-toast-works = Sie arbeitet noch. Weitermachen, wenn das getan ist, oder sie stoppen.
session-toast-stopping = Wird gestoppt…
session-toast-idle = Dort läuft nichts.
session-toast-deleted = Gelöscht.

session-named = ✓ Sitzung { $id } heißt jetzt **{ $name }**.
session-deleted = ✓ Gelöscht: **{ $name }**.
session-name-unusable = Ein Name besteht aus Worten, höchstens { $most } Zeichen, und nicht bloß aus einer Zahl.
session-name-taken = Sitzung { $id } heißt schon { $name }. Einen anderen Namen nehmen oder jene umbenennen.
session-none-yet = Hier gibt es noch keine Sitzung: Der erste Prompt eröffnet eine.
session-gone = Eine Sitzung { $id } gibt es hier nicht. /sessions listet sie auf.
session-no-such = ⚠ Eine Sitzung **{ $name }** gibt es in diesem Chat nicht. /sessions all listet sie auf.
session-works = Aufgabe { $id } arbeitet noch in dieser Sitzung. Weitermachen, wenn sie fertig ist, oder sie stoppen.
session-usage = ⚠ Möglich sind `/sessions`, `/sessions all`, `/sessions 3`, `/sessions name WORDS`, `/sessions switch 3` (oder ein Name), `/sessions stop 3` und `/sessions delete 3`.

# Eine neue Sitzung, und Einstellungen des Themas, wie sie jetzt sind.
session-opened = { $kept ->
    [yes] **✨ Eine neue Sitzung** mit { $agent } in `{ $directory }`.
        Die alte bleibt in /sessions.
   *[no] **✨ Eine neue Sitzung** mit { $agent } in `{ $directory }`.
}
# Eine Einstellung des Themas, wie sie jetzt ist. { $setting } ist ihr Name in den Daten.
session-chosen = ✓ { $setting ->
    [agent] Agent
    [model] Modell
    [mode] Modus
    [project] Projekt
    [directory] Verzeichnis
    [session] Sitzung
    [allowed] Für diese Sitzung erlaubt
   *[other] { $setting }
}: **{ $value }**
session-refused = ⚠ { $why }

# Werte von Einstellungen, und Bemerkungen dazu.
session-own-model = das vom Agenten gewählte
session-no-project = keines
session-taken-up = { $id } von { $agent } in { $directory }
session-switched = { $name ->
    [none] Sitzung { $id }, { $agent } in { $directory }
   *[other] { $name }, { $agent } in { $directory }
}
session-remark-copy = Eine Kopie: Sie gehört einem anderen Thema, das sie behält.
session-remark-untouched = Was gerade läuft, bleibt unberührt.
session-remark-holds-now = Es gilt auch für das, was gerade läuft.
session-remark-runs-there = { $n ->
    [one] Der Prompt läuft jetzt dort.
   *[other] Was gewartet hat, läuft jetzt dort.
}
session-remark-afresh = { $kept ->
    [yes] Mit dem nächsten Prompt beginnt eine neue Sitzung, die alte bleibt in /sessions.
   *[no] Mit dem nächsten Prompt beginnt eine neue Sitzung.
}
session-allows-nothing = nichts
session-remark-taken-back = { $busy ->
    [yes] Zurückgenommen: { $rule }. Was gerade läuft, darf es vielleicht noch; der nächste Prompt nicht mehr.
   *[no] Zurückgenommen: { $rule }.
}
