# Aufgaben: das Menü von /tasks.

task-list = **Aufgaben dieses Chats**
task-list-empty = Noch keine. `/bg PROMPT` beginnt eine.
task-own = **Eigene der Agenten, im Hintergrund**
task-left = **Läuft nach Durchgängen dieses Themas weiter**: /stop beendet es
task-pid = (PID { $pid })

task-state = { $state ->
    [queued] wartet
    [starting] beginnt
    [running] arbeitet
    [waiting] wartet auf eine Entscheidung
    [stopping] wird gestoppt
    [done] fertig
    [failed] gescheitert
    [stopped] gestoppt
    [timed_out] Zeit abgelaufen
    [lost] unterbrochen
   *[other] { $state }
}
task-head = Aufgabe { $id }
task-answer = Die Antwort:
task-error = Was schiefging: { $error }
task-message = Die Nachricht dazu

task-switch = ▶ Hier damit weitermachen
task-stop = ⏹ Stopp
task-stop-id = ⏹ Stopp { $id }
task-delete = 🗑 Löschen
task-ask-delete = Aufgabe **{ $id }** aus dieser Liste löschen? Ihre Sitzung lässt sich dann nicht mehr fortsetzen.
task-ask-delete-works = Sie arbeitet gerade: Sie wird vorher gestoppt, mit allen Prozessen.
task-yes-delete = Löschen
task-keep = Behalten

task-toast-stopping = Wird gestoppt…
task-toast-over = Nichts zu stoppen: Das ist schon vorbei.
task-toast-deleted = Gelöscht.
task-toast-no-session = Die Sitzung ist weg: Es gibt nichts, womit es weiterginge.

task-gone = Eine Aufgabe { $id } gibt es hier nicht. /tasks listet sie auf.
task-deleted = ✓ Aufgabe { $id } ist gelöscht.
task-no-such = ⚠ Eine Aufgabe { $id } gibt es in diesem Chat nicht. /tasks listet sie auf.
task-usage = ⚠ Möglich sind `/tasks`, `/tasks 12`, `/tasks stop 12` und `/tasks delete 12`.
task-over = Es läuft nichts: Aufgabe { $id } ist vorbei ({ $state }).
task-bg-usage = ⚠ Sagen, was die Aufgabe ist: `/bg Tests ausführen und berichten`
