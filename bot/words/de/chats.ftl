# An Admins im privaten Chat, und was überall gleich ist.

chat-alarm = ⚠ { $trouble } Bis dahin nehme ich keine neuen Nachrichten an; verloren geht keine.
chat-given-up = ⚠ Etwas, das an mich ging, ließ sich nicht bearbeiten, und nach drei Versuchen habe ich es aufgegeben: Update { $id }. Das Log sagt, warum.
chat-sent-again = ♻ Noch einmal gesendet: Telegram hat das erste Mal nicht bestätigt, vielleicht ist es doppelt.
chat-file-cut = Der Anfang der Antwort; die ganze ist Telegram zu groß.
