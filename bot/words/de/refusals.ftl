# Was nicht ging, und warum: eine Zeile für die Person, die es wollte.

# Worte, die von anderswo kommen, wie sie sind: vom Betriebssystem, vom Programm eines Agenten.
refusal-as-it-is = { $text }

# Agenten, Modelle, Modi, Projekte.
refusal-agent-gone = Der Agent «{ $agent }» ist nicht mehr eingerichtet. Mit /agent einen anderen wählen: { $known }.
refusal-no-agent = Einen Agenten «{ $agent }» gibt es nicht. Eingerichtet sind: { $known }.
refusal-no-mode = Einen Modus «{ $mode }» gibt es nicht. Es gibt: { $known }.
refusal-no-project = Ein Projekt «{ $project }» gibt es nicht. Eingerichtet sind: { $known ->
    [none] keine, siehe [projects] in der Konfiguration
   *[other] { $known }
}.
refusal-no-command = In [agents.{ $agent }] fehlt command: Das Protokoll { $protocol } hat kein eigenes Programm.
refusal-prompt-too-long = Der Prompt ist zu lang für { $agent }: Als Argument hätte er { $n } Bytes, und { $most } sind das Höchste. In [agents.{ $agent }] command { $prompt } weglassen, damit er auf stdin kommt, oder { $file } benutzen, oder einen kürzeren senden.
refusal-no-program = Das Programm { $program } wurde nicht gefunden.
refusal-program-is-directory = { $program } ist ein Verzeichnis, kein Programm.
refusal-program-not-executable = { $program } ist nicht ausführbar.
refusal-keeps-no-sessions = { $agent } hat keine Sitzungen, die sich fortsetzen ließen.

# Anfragen von Agenten.
refusal-no-request = Diese Anfrage gibt es in diesem Thema nicht.
refusal-request-old = Das ist schon entschieden oder wird nicht mehr gefragt.
refusal-request-whose = { $name ->
    [none] Das darf nur entscheiden, wer gefragt hat, oder ein Admin.
   *[other] Das dürfen nur { $name } oder ein Admin entscheiden.
}
refusal-rule-gone = Das ist ohnehin nicht mehr erlaubt.
refusal-not-asked-for = Danach wurde nicht gefragt.
refusal-not-offered = Das stand nicht zur Wahl.
refusal-first-question = Das ist die erste Frage.
refusal-all-answered = Alle Fragen sind beantwortet.
refusal-wants-choice = Bei dieser Frage ist zu wählen: bitte einen Knopf drücken.
refusal-question-answered = Diese Frage ist schon beantwortet.
refusal-pick-one = Mindestens eines wählen, oder eine Antwort schreiben.
refusal-no-choice = Das stand nicht zur Wahl.
refusal-empty = Das ist leer.
refusal-too-long = Das ist länger als { $most } Zeichen.

# Durchgänge, Aufgaben, Sitzungen.
refusal-over = Das ist schon vorbei.
refusal-cannot-end-alone = Das kann der Agent nicht einzeln beenden. /stop beendet alles, was er hier tut.
refusal-nothing-to-continue = Hier gibt es nichts fortzusetzen.
refusal-goes-on-already = Das geht schon weiter.
refusal-session-deleted = Die Sitzung dieses Prompts wurde gelöscht. Bitte noch einmal senden.
refusal-no-session = Diese Sitzung gibt es hier nicht. /sessions listet sie auf.
refusal-before-stop = Das wurde vor dem Stopp gesendet, darum hat die Aufgabe nicht begonnen. Bitte noch einmal senden.
refusal-rests-since-stop = Danach kam ein Stopp, darum ruht es weiter.
refusal-queue-full = Hier warten schon { $n } Prompts; dieser wurde nicht angenommen. Warten, bis einige fertig sind, oder /stop und sie verwerfen.
refusal-nothing-to-retry = Hier gibt es noch keinen Prompt, der noch einmal laufen könnte.
refusal-task-turn-over = Der Durchgang, der diese Aufgabe beginnen wollte, ist vorbei.
refusal-nothing-to-resume = Hier gibt es nichts mehr fortzusetzen.
refusal-resumed-already = Das wurde schon fortgesetzt.
refusal-nothing-interrupted = Hier wurde nichts unterbrochen. /resume ID setzt eine Sitzung des Agenten fort, unter dessen eigener Id; /sessions listet die dieses Themas auf.
