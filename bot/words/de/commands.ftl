# Die Befehle: je eine Zeile für das Menü von Telegram und für /help, und mehr für /help COMMAND.

command-stop = beenden, was in diesem Thema läuft
command-stop-more = Beendet den Durchgang dieses Themas: den Agenten und alle seine Prozesse. Was wartete, ruht, bis es gestartet oder verworfen wird. Als Antwort auf die Nachricht einer Aufgabe beendet es diese Aufgabe. In einem Chat ohne Themen beendet es alles.
command-new = hier eine neue Sitzung beginnen
command-new-more = Die alte Sitzung bleibt in /sessions. Was in ihr läuft, wird gestoppt.
command-steer = dem Agenten etwas sagen, während er arbeitet
command-steer-more = Eine Antwort auf die Live-Nachricht tut dasselbe. 👌 zeigt, dass der Agent es aufgenommen hat. Wo ein Agent das nicht kann, wartet es als Prompt, und das wird gesagt.
command-retry = den letzten Prompt noch einmal ausführen
command-retry-more = In der Sitzung dieses Themas, vor allem, was wartet. Was gerade läuft, wird dafür gestoppt.
command-resume = Unterbrochenes fortsetzen
command-resume-more = Mit einer Id: eine Sitzung, die das Programm des Agenten unter ihr kennt, zum Beispiel eine, die in einem Terminal begann. /status zeigt die Id der Sitzung dieses Themas.
command-status = was hier läuft, und wie es eingestellt ist
command-sessions = die Sitzungen dieses Themas
command-sessions-more = Eine Sitzung ist ein Gespräch mit einem Agenten in einem Verzeichnis. Sie zu stoppen beendet, was sie tut und was sie laufen ließ; fortsetzen lässt sie sich weiterhin.
command-bg = eine Aufgabe im Hintergrund starten
command-bg-more = Sie arbeitet in einer eigenen Sitzung und hält das Gespräch hier nicht auf.
command-tasks = die Aufgaben dieses Chats
command-tasks-more = Was hier im Hintergrund arbeitet, was es tat und was es antwortet. Eine zu löschen stoppt sie vorher.
command-queue = was hier wartet
command-queue-more = In der Reihenfolge, in der es laufen wird. N ist die gezeigte Nummer: Sie gehört zum Prompt, wo immer er steht.
command-usage = Tokens und Geld
command-usage-more = Von diesem Thema heute, in 7 und in 30 Tagen, und nach Agent; mit all vom ganzen Chat, nach Thema. Was ein Agent nicht nennt, zählt nicht als nichts.
command-agent = welcher Agent hier arbeitet
command-model = welches Modell er benutzt
command-mode = was er ohne Rückfrage tun darf
command-project = für welches Projekt dieses Thema da ist
command-dir = in welchem Verzeichnis er arbeitet
command-worktree = diesem Thema einen eigenen git-Worktree mit Branch geben
command-worktree-more = Der Branch wird angelegt, wenn er neu ist. Das Thema arbeitet dort mit einer neuen Sitzung; Knöpfe committen, mergen und entfernen ihn.
command-diff = was sich dort geändert hat, wo dieses Thema arbeitet
command-get = eine Datei aus dem Verzeichnis dieses Themas senden
command-get-more = Bilder kommen als Fotos, alles andere als Dateien von bis zu 50 MB. Ein Verzeichnis, oder ein Muster, das auf mehrere Dateien passt, wird mit Größen aufgelistet.
command-whoami = die eigenen Ids, und was erlaubt ist
command-help = was ich kann
command-stop-all = alles in diesem Chat beenden
command-stop-all-more = Den Durchgang jedes Themas, was wartet, und alle Aufgaben.

# /help und /start.
help-title = **Befehle**
help-row = /{ $name } _{ $short }_
help-tail = Alles andere, was hier geschrieben wird, ist ein Prompt für den Agenten dieses Themas.
help-one = **/{ $name }**: { $short }.
help-admins-only = Nur für Admins.
help-no-command = ⚠ Den Befehl `/{ $name }` gibt es nicht. /help listet alle auf.
help-start = **Hallo. Ich lasse Programmier-Agenten arbeiten.**
    Jedes Thema eines Forums ist ein Gespräch mit einem Agenten in einem Verzeichnis. Einfach schreiben, was getan werden soll, bei der Arbeit zusehen und sie jederzeit stoppen.

    Hier arbeitet **{ $agent }** in `{ $directory }`.

    /agent und /dir ändern das, /help listet alle Befehle auf.
