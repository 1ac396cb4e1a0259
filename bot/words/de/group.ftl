# Der Platz des Bots in seinen Gruppen: hinzugefügt, Rechte, entfernt.

group-asks = Ich arbeite in diesem Chat noch nicht. Darf ich? Dann können mich hier alle benutzen, die auf meiner Liste stehen und Mitglied sind. Wenn binnen einer Stunde kein Admin zustimmt, gehe ich.
group-introduced = **{ $who } hat mich zu { $group } hinzugefügt.** Soll ich dort arbeiten? Dann können mich dort alle benutzen, die auf meiner Liste stehen und Mitglied sind. Wenn binnen einer Stunde kein Admin zustimmt, gehe ich.
group-channel = **{ $group } ist ein Kanal.** Ich arbeite in Gruppen, also gehe ich wieder.
group-named = «{ $title }» ({ $id })
group-work-here = ✓ Hier arbeiten
group-work-there = ✓ Dort arbeiten
group-leave = ✖ Verlassen
group-approved = ✓ Ab jetzt arbeite ich in diesem Chat. /help listet auf, was ich kann.
group-approved-elsewhere = ✓ Ab jetzt arbeite ich in { $group }.
group-left = Ich habe { $group } verlassen: Binnen einer Stunde hat niemand gesagt, dass ich dort arbeiten darf.
group-toast-approved = Erlaubt.
group-toast-approved-before = Dort arbeite ich schon.
group-toast-leaving = Ich gehe.
group-toast-listed = Dieser Chat steht in der Konfiguration. Erst aus [access] chats herausnehmen.
group-toast-decided = Das ist schon entschieden.

# Was fehlt, je eine Zeile, und was in Telegram zu tun ist.
group-lacks = **Was mir hier fehlt:**
group-lacks-there = **Was mir in { $group } fehlt:**
group-lacks-write = • Ich darf keine Nachrichten senden, also lässt sich nichts zustellen. In den Einstellungen der Gruppe: _Administratoren → Admin hinzufügen → @{ $bot }_, oder _Nachrichten senden_ unter _Berechtigungen_ erlauben.
group-lacks-hear = • Ich höre nur Befehle, Antworten und Erwähnungen. Mich zum Administrator machen (_Administratoren → Admin hinzufügen → @{ $bot }_), oder den Privatsphäre-Modus abschalten (@BotFather, /setprivacy, Disable) und mich der Gruppe neu hinzufügen.
group-lacks-topics = • Ich darf Themen nicht verwalten, also kann ich nicht in geschlossene schreiben. Das Recht geben: _Administratoren → @{ $bot } → Themen verwalten_.
group-lacks-forum = • Die Gruppe hat keine Themen, also ist alles ein einziges Gespräch. Für je eines pro Thema: _Bearbeiten → Themen_.
group-lacks-nothing = Ich darf alles, was ich brauche.

# An Admins im privaten Chat, einmal für jede Änderung.
group-out = ⚠ **Ich bin nicht mehr in { $group }.** Was dafür arbeitet, geht weiter, und was dort aussteht, wird aufgehoben, bis ich zurück bin: _Administratoren → Admin hinzufügen → @{ $bot }_.
group-muted = ⚠ **Ich kann nicht in { $group } schreiben.** Was dort arbeitet, geht weiter, und was aussteht, wird aufgehoben, bis ich darf.
group-weaker = ⚠ **Mir fehlen jetzt Rechte in { $group }.**
group-back = ✓ Ich kann wieder in { $group } schreiben.{ $n ->
    [0] {""}
    [one] {" "}Eine aufgehobene Nachricht folgt dort.
   *[other] {" "}{ $n } aufgehobene Nachrichten folgen dort.
}
