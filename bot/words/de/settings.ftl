# /settings, und die Menüs von /agent, /model und /mode.

settings-title = **Einstellungen dieses Themas**
settings-title-few = **Wie der Agent hier arbeitet**
settings-row = { $name }: **{ $value }**
settings-agent = Agent
settings-model = Modell
settings-mode = Modus
settings-verbosity = Live-Nachrichten
settings-busy = Während einer arbeitet
settings-project = Projekt
settings-place = Wo es arbeitet
settings-directory = Verzeichnis
settings-none = keines
settings-own-model = das vom Agenten gewählte
settings-back = Einstellungen
settings-back-few = Zurück

settings-page = { $name }: **{ $value }**
settings-option = • `{ $name }` { $about }
settings-default = Voreinstellung ({ $value })
settings-type = Oder `{ $command }` schreiben.
settings-about-agent = Wer in diesem Thema arbeitet. Ein anderer Agent beginnt mit einer neuen Sitzung.
settings-about-model = Womit der Agent denkt. Hier stehen die Modelle, die er anbietet oder die zuletzt benutzt wurden.
settings-about-mode = Was der Agent ohne Rückfrage tun darf.
settings-about-verbosity = Wie viel von einem laufenden Durchgang zu sehen ist. Es gilt sofort.
settings-about-busy = Was aus einem Prompt wird, der kommt, während ein anderer läuft.

settings-agent-about = { $protocol }: { $command }
settings-mode-ask = fragt vor Änderungen und Befehlen
settings-mode-edits = ändert selbst, fragt vor Befehlen
settings-mode-plan = plant, ändert nichts
settings-mode-all = tut alles von selbst
settings-verbosity-quiet = eine Zeile
settings-verbosity-normal = die letzten Schritte, der Plan, was er sagt
settings-verbosity-full = von allem mehr, was Werkzeuge liefern, was er denkt
settings-busy-queue = er wartet, bis er an der Reihe ist
settings-busy-steer = der Agent bekommt ihn sofort, wenn er zuhören kann
settings-busy-interrupt = was läuft, wird dafür gestoppt

settings-set = { $name }: { $value }
settings-set-afresh = { $name }: { $value }. Mit dem nächsten Prompt beginnt eine neue Sitzung.
settings-as-it-is = Das ist schon so.
settings-only-admins = ⚠ Nur Admins dürfen die Einstellungen eines Themas ändern.
settings-unknown = ⚠ Eine Einstellung `{ $name }` gibt es nicht. Es gibt: { $names }.
settings-no-such-value = «{ $value }» lässt sich nicht wählen. Es gibt: { $known }.

command-settings = wie dieses Thema eingestellt ist
command-settings-more = Ein Menü für alles, was sich für dieses Thema wählen lässt; oder eines sofort. `verbosity` ist, wie viel Live-Nachrichten zeigen: quiet, normal, full. `busy` ist, was aus einem Prompt wird, der kommt, während einer läuft: queue, steer, interrupt.
