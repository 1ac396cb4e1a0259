# Was wartet, und was nach einem Stopp ruht.

queue-queued = **⏳ In der Warteschlange** · { $why }

queue-why-busy = { $ahead ->
    [0] läuft, wenn der jetzige Durchgang vorbei ist
   *[other] { $ahead } davor
}
queue-why-places = { $ahead ->
    [0] alle Plätze für Agenten sind belegt
   *[other] alle Plätze für Agenten sind belegt, { $ahead } davor
}
queue-why-unheard = { $ahead ->
    [0] der Agent nimmt bei der Arbeit nichts auf; dies läuft, wenn der Durchgang vorbei ist
   *[other] der Agent nimmt bei der Arbeit nichts auf; dies läuft, wenn der Durchgang vorbei ist, { $ahead } davor
}
queue-why-held = vor dem Stopp gesendet, und ruht
queue-why-resumes = wird fortgesetzt; { $ahead ->
    [one] { $ahead } anderer fortgesetzter Durchgang
   *[other] { $ahead } andere fortgesetzte Durchgänge
} zuvor

queue-cancel = ✖ Abbrechen
queue-cancelled = ✖ Abgebrochen
queue-run-held = { $n ->
    [one] ▶ Ausführen
   *[other] ▶ Die { $n } wartenden ausführen
}
queue-drop-held = ✖ Verwerfen
queue-held-runs = { $n ->
    [one] { $n } wartender Prompt läuft jetzt.
   *[other] { $n } wartende Prompts laufen jetzt, der Reihe nach.
}
queue-held-dropped = { $n ->
    [one] { $n } wartender Prompt
   *[other] { $n } wartende Prompts
} verworfen.
queue-nothing-held = Hier hat nichts gewartet.
