# Was verbraucht wurde: /usage.

usage-here = **Hier verbraucht**
usage-here-days = **Hier verbraucht**, nach Tagen
usage-chat = **In diesem Chat verbraucht**
usage-none = Nichts in den letzten { $days } Tagen.
usage-turns = Läufe
usage-in = ein
usage-out = aus
usage-money = Geld
usage-today = Heute
usage-days = { $n } Tage
usage-by-agent = **Nach Agent**, { $days } Tage
usage-by-topic = **Nach Thema**, { $days } Tage
usage-line = { $n ->
    [one] { $n } Durchgang
   *[other] { $n } Durchgänge
} · { $input } ein, { $output } aus · { $money }
usage-not-told = nicht genannt
usage-untold = { $n ->
    [one] Von { $turns } Durchgängen hat { $n } die Kosten nicht genannt; dafür stehen + und –.
   *[other] Von { $turns } Durchgängen haben { $n } die Kosten nicht genannt; dafür stehen + und –.
}
usage-show-here = Hier
usage-show-days = Nach Tagen
usage-show-chat = Dieser Chat
usage-wrong = ⚠ Möglich sind `/usage` und `/usage all`.
