# Das Leben der Themen: geschlossen, weg, wieder offen.

topic-named = Thema «{ $name }» in «{ $chat }»
topic-general-named = das Thema General in «{ $chat }»
topic-chat-named = «{ $chat }»

topic-closed-asks = ⚠ **Dieses Thema wurde geschlossen**, und { $n ->
    [one] etwas arbeitet hier noch. Stoppen?
   *[other] { $n } Durchgänge arbeiten hier noch. Stoppen?
}
topic-closed-asks-there = ⚠ **Geschlossen: { $where }.** { $n ->
    [one] Etwas arbeitet dort noch. Stoppen?
   *[other] { $n } Durchgänge arbeiten dort noch. Stoppen?
}
topic-closed-held = In geschlossene Themen darf ich nicht schreiben: Was dabei herauskommt, wird aufgehoben, bis das Thema wieder offen ist.
topic-stop = { $n ->
    [one] ⏹ Stoppen
   *[other] ⏹ Alle stoppen
}
topic-stop-there = ⏹ Stoppen, was dort arbeitet
topic-go-on = { $n ->
    [one] ▶ Weitermachen lassen
   *[other] ▶ Alle weitermachen lassen
}
topic-toast-goes-on = Es geht weiter.
topic-toast-nothing = Dort läuft nichts.
topic-toast-stopping = Wird gestoppt…

topic-held-before = 📨 { $n ->
    [one] Eine Nachricht wurde aufgehoben, solange dieses Thema geschlossen war; hier ist sie.
   *[other] { $n } Nachrichten wurden aufgehoben, solange dieses Thema geschlossen war; hier sind sie.
}

topic-lost = ⚠ Hierhin kann ich nicht schreiben: { $where } ({ $error }). Was dorthin gehört, wird aufgehoben.
topic-lost-closed = Es wird zugestellt, wenn das Thema wieder offen ist.
topic-lost-works = { $n ->
    [one] Etwas arbeitet dort noch.
   *[other] { $n } Durchgänge arbeiten dort noch.
}
topic-deliver = 📨 Hier zustellen
topic-toast-delivering = Wird zugestellt.
topic-toast-nothing-held = Dort ist nichts mehr aufgehoben.
