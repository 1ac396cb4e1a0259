# Was einem Agenten bei der Arbeit gesagt wird.

steer-usage = ⚠ Was soll ihm gesagt werden? `/steer TEXT` schreiben, oder auf die Live-Nachricht antworten.
