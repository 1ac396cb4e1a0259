# Prompts, die warten: das Menü von /queue.

waiting-list = **Was hier wartet**
waiting-empty = Hier wartet nichts.
waiting-works = Läuft jetzt: { $prompt }
waiting-resting = **Ruht seit dem letzten Stopp**
waiting-by = von { $name }
waiting-first = Als Nächstes an der Reihe.
waiting-ahead = { $ahead ->
    [one] { $ahead } kommt davor.
   *[other] { $ahead } kommen davor.
}
waiting-rests = Ruht seit dem letzten Stopp.

waiting-up = ⬆ Nach vorn
waiting-now = ▶ Jetzt ausführen
waiting-now-stops = ▶ Jetzt ausführen (stoppt das Laufende)
waiting-cancel = ✖ Abbrechen
waiting-run-all = { $n ->
    [one] ▶ Ausführen
   *[other] ▶ Die { $n } ruhenden ausführen
}
waiting-drop-all = { $n ->
    [one] ✖ Verwerfen
   *[other] ✖ Die { $n } ruhenden verwerfen
}

waiting-toast-moved = Nach vorn gerückt.
waiting-toast-first = Ist schon als Nächstes an der Reihe.
waiting-toast-rests = Er ruht. Jetzt ausführen, oder alle ausführen, die ruhen.
waiting-toast-now = Läuft als Nächstes.
waiting-toast-begun = Hat schon begonnen.
waiting-toast-over = Das ist schon vorbei.
waiting-toast-cancelled = Abgebrochen.
waiting-toast-none-rest = Hier ruht nichts mehr.
waiting-cancelled = ✖ Abgebrochen

queue-moved = { $ahead ->
    [0] ✓ Prompt { $id } ist als Nächstes an der Reihe.
    [one] ✓ Prompt { $id } ist nach vorn gerückt, { $ahead } kommt davor.
   *[other] ✓ Prompt { $id } ist nach vorn gerückt, { $ahead } kommen davor.
}
queue-runs-now = ✓ Prompt { $id } läuft jetzt.
queue-begun = Prompt { $id } hat schon begonnen.
queue-gone = Ein Prompt { $id } wartet hier nicht. /queue listet auf, was wartet.
queue-rests = Prompt { $id } ruht seit dem letzten Stopp. Mit `/queue now { $id }` ausführen.
queue-stopped-since = Danach kam ein Stopp, darum ruht er weiter.
waiting-usage = ⚠ Möglich sind `/queue`, `/queue up 12`, `/queue now 12` und `/queue cancel 12`.
