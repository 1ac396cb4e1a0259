# Menüs: was für alle gilt.

menu-unknown = Dieser Knopf sagt mir nichts.
menu-admins-only = Das dürfen nur Admins.
menu-admins-only-command = ⚠ Dieses Menü ist nur für Admins.
menu-old = Dieses Menü war veraltet. Hier ist es neu; bitte noch einmal drücken.
menu-gone = Das gibt es nicht mehr. Hier steht, was es jetzt gibt.
menu-slow = ⏳ Kommt in etwa { $seconds } s: Dieser Chat hatte in einer Minute schon viele Nachrichten.
menu-back = Zurück
menu-general = General
menu-topic = Thema { $id }
