# Die Live-Nachricht eines Durchgangs, und was von ihr bleibt.

live-works = { $agent } arbeitet
live-thinks = { $agent } denkt nach
live-writes = { $agent } schreibt
live-tool = { $agent }: { $tool }
live-waits-person = { $agent } wartet auf eine Entscheidung
live-waits-place = Wartet auf einen freien Platz
live-waits-model = Wartet: { $reason }
live-task = Aufgabe { $id }

live-steps = { $n ->
    [one] { $n } Schritt
   *[other] { $n } Schritte
}
live-steps-before = … { $n ->
    [one] { $n } Schritt
   *[other] { $n } Schritte
} davor
live-told = ↪ Gesagt: { $text }
live-plan = Plan { $done }/{ $all }

live-done = ✓ Fertig nach { $took }
live-failed = ✗ Gescheitert nach { $took }
live-interrupted = ⚡ Unterbrochen nach { $took }
live-ended = ⏹ Beendet nach { $took }
live-stop-requested = ⏹ Stopp verlangt nach { $took }
live-tokens = { $n } Tokens
