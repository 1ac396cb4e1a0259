# /restart.

restart-begun = 🔄 Neustart… Was läuft, geht solange weiter.
restart-done = ✓ Neu gestartet. Dies ist topicd { $version }.
restart-only-admins = ⚠ Nur Admins dürfen mich neu starten.
restart-refused = ⚠ Nicht neu gestartet: Die Konfiguration hat einen Fehler, ich käme nicht zurück. { $fault }

command-restart = mich neu starten
command-restart-more = Die Konfiguration wird neu gelesen. Was läuft, geht solange weiter und wird wieder aufgenommen.
