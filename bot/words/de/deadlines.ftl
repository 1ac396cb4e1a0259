# Fristen: was vorher gesagt wird, und was daraus wurde. Nichts davon sagt «Gestoppt»: Das sagt die Nachricht eines Stopps.

# { $task } ist die Nummer einer Aufgabe, und leer für das Gespräch.
deadline-near-timeout = { $task ->
    [none] ⏱ **Noch { $left }**: Bisher hat es { $since } gedauert.
   *[other] ⏱ Aufgabe { $task } · **Noch { $left }**: Bisher hat es { $since } gedauert.
}
deadline-near-silence = { $task ->
    [none] ⏱ **Noch { $left }**: kein Lebenszeichen seit { $since }.
   *[other] ⏱ Aufgabe { $task } · **Noch { $left }**: kein Lebenszeichen seit { $since }.
}
deadline-then-at-work = Es arbeitet noch und bekommt dann von selbst { $more } mehr (Verlängerung { $nth } von { $most }).
deadline-then-sign = Ein Lebenszeichen genügt, oder der Knopf. Sonst endet es dann, und die Sitzung bleibt erhalten.
deadline-then-ends = Dann endet es, und die Sitzung bleibt erhalten.
deadline-then-no-more = { $used ->
    [one] Mehr als { $used } Verlängerung gibt es nicht. Dann endet es, und die Sitzung bleibt erhalten.
   *[other] Mehr als { $used } Verlängerungen gibt es nicht. Dann endet es, und die Sitzung bleibt erhalten.
}
deadline-then-more = Es bekommt { $more } mehr, wenn es weiterarbeitet, oder durch den Knopf. Sonst endet es dann, und die Sitzung bleibt erhalten.

deadline-more-work = { $task ->
    [none] ⏱ **{ $more } mehr**: Es arbeitet (Verlängerung { $nth } von { $most }).
   *[other] ⏱ Aufgabe { $task } · **{ $more } mehr**: Es arbeitet (Verlängerung { $nth } von { $most }).
}
deadline-more-person = { $task ->
    [none] { $by ->
        [none] ⏱ **{ $more } mehr** (Verlängerung { $nth } von { $most }).
       *[other] ⏱ **{ $more } mehr**, von { $by } (Verlängerung { $nth } von { $most }).
    }
   *[other] { $by ->
        [none] ⏱ Aufgabe { $task } · **{ $more } mehr** (Verlängerung { $nth } von { $most }).
       *[other] ⏱ Aufgabe { $task } · **{ $more } mehr**, von { $by } (Verlängerung { $nth } von { $most }).
    }
}
deadline-sign = { $task ->
    [none] ⏱ Es gab ein Lebenszeichen, und es geht weiter.
   *[other] ⏱ Aufgabe { $task } · Es gab ein Lebenszeichen, und es geht weiter.
}
deadline-late = { $task ->
    [none] ⏱ Die Zeit war um.
   *[other] ⏱ Aufgabe { $task } · Die Zeit war um.
}
deadline-over = { $task ->
    [none] ⏱ Vorbei, bevor die Zeit um war.
   *[other] ⏱ Aufgabe { $task } · Vorbei, bevor die Zeit um war.
}
deadline-button = +{ $more }
deadline-toast-more = Mehr Zeit…
deadline-toast-over = Das ist schon vorbei.
deadline-toast-continue = Geht weiter…
deadline-refused-over = Hier braucht nichts mehr Zeit: Das ist vorbei.
deadline-refused-most = { $most ->
    [one] Mehr Zeit geht nicht: Es hatte { $most } Verlängerung, mehr gibt es nicht.
   *[other] Mehr Zeit geht nicht: Es hatte { $most } Verlängerungen, mehr gibt es nicht.
}
