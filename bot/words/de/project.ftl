# Wo Themen arbeiten: Projekte, Verzeichnisse, Worktrees, was sich dort geändert hat.

# Wo ein Thema arbeitet.
project-works = 📁 **Arbeitet in** `{ $directory }`{ $project ->
    [none] { "" }
   *[other] { " " }(Projekt { $project })
}
project-works-hint = Ein Projekt wählen, oder ein anderes Verzeichnis. /dir PATH und /project NAME tun dasselbe.
project-works-none = Es sind keine Projekte eingerichtet: siehe `[projects]` in der Konfiguration.
project-where = 📁 **Wo soll das laufen?** Der Prompt wartet auf die Wahl.
project-offer = 📁 Arbeitet in `{ $directory }`. Für das Nächste einen anderen Ort wählen:
project-here = Hier in { $directory }
project-none = Kein Projekt
project-other = Anderes Verzeichnis…
project-browse = Durchsuchen…
project-queued-where = noch hat niemand gewählt, wo es laufen soll: siehe oben
project-bound = ✓ Projekt **{ $project }**: arbeitet in `{ $directory }`
project-toast-gone = Dieses Projekt gibt es nicht mehr.
project-toast-so = Dort wird schon gearbeitet.

# Das Durchsuchen der Verzeichnisse.
project-browser = 📂 `{ $directory }`
project-browser-empty = Hier gibt es keine Verzeichnisse.
project-browser-roots = 📂 **Wo Agenten arbeiten dürfen**
project-browser-up = ⬆ Nach oben
project-browser-all = ⬆ Alle Orte
project-browser-use = ✓ Dieses Verzeichnis nehmen
project-browser-folder = 📁 { $name }
project-browser-repository = 🔀 { $name }

# Worktrees.
project-worktree = 🌿 **{ $branch }**: ein Worktree von { $name }{ $from ->
    [none] { "" }
   *[other] , angelegt von { $from }
}
project-worktree-path = `{ $directory }`
project-worktree-changes = { $n ->
    [one] Eine Änderung ist nicht committet.
   *[other] { $n } Änderungen sind nicht committet.
}
project-worktree-ahead = { $n ->
    [one] Ein Commit ist noch nicht in { $into }.
   *[other] { $n } Commits sind noch nicht in { $into }.
}
project-worktree-merged = Alles davon ist in { $into }.
project-worktree-missing = Das Verzeichnis ist weg.
project-worktree-made = ✓ Das Thema hat jetzt einen eigenen Worktree.
project-worktree-taken = ✓ Zurück im Worktree dieses Themas.
project-worktree-committed = ✓ Committet als `{ $commit }`.
project-worktree-clean = Nichts zu committen.
project-worktree-merged-now = ✓ In { $into } gemergt (`{ $commit }`).
project-worktree-merged-before = Nichts zu mergen: Alles ist schon in { $into }.
project-worktree-commit-first = ⚠ Nicht gemergt: Was nicht committet ist, bliebe draußen. Erst committen.
project-worktree-conflicts = ⚠ **Nicht gemergt**: Konflikte mit { $into } in { $n ->
    [one] einer Datei
   *[other] { $n } Dateien
}. Der Merge wurde zurückgenommen, nichts hat sich geändert. Den Agenten { $into } in { $branch } mergen lassen, dann noch einmal versuchen.
project-worktree-more = … und { $n } weitere
project-worktree-afresh = Mit dem nächsten Prompt beginnt dort eine neue Sitzung; die alte bleibt in /sessions.
project-worktree-removed = ✓ Der Worktree **{ $branch }** ist entfernt. Das Thema arbeitet in `{ $directory }`.
project-worktree-removed-elsewhere = ✓ Der Worktree **{ $branch }** ist entfernt.
project-worktree-branch-gone = Auch sein Branch ist entfernt: Alles davon ist in { $into }.
project-worktree-branch-kept = Sein Branch bleibt.
project-worktree-ask = Den Worktree **{ $branch }** entfernen?
project-worktree-ask-again = ⚠ Den Worktree **{ $branch }** wirklich entfernen?
project-worktree-lost = { $n ->
    [one] **Eine Änderung, die nicht committet ist, geht verloren.**
   *[other] **{ $n } Änderungen, die nicht committet sind, gehen verloren.**
}
project-worktree-unmerged = { $n ->
    [one] Ein Commit ist nicht in { $into }; der Branch bleibt mit ihm.
   *[other] { $n } Commits sind nicht in { $into }; der Branch bleibt mit ihnen.
}
project-worktree-changed = ⚠ Nicht entfernt: Seit der Frage ist etwas Neues darin.
project-button-diff = Diff
project-button-commit = Alles committen
project-button-merge = In { $into } mergen
project-button-remove = Entfernen…
project-button-remove-now = 🗑 Entfernen
project-button-remove-all = 🗑 Entfernen, samt Verlust
project-button-keep = Behalten
project-toast-working = Läuft…

project-worktree-none-left = Dieses Thema hat keinen Worktree. /worktree BRANCH legt einen an.

# Was sich geändert hat.
project-diff-none = In `{ $directory }` hat sich nichts geändert.
project-diff-head = **{ $files ->
    [one] Eine Datei
   *[other] { $files } Dateien
}** · +{ $added } −{ $removed }
project-diff-uncommitted = Nicht committet, in `{ $directory }`:
project-diff-clean = Alles ist committet.
project-diff-commits = { $n ->
    [one] Ein Commit
   *[other] { $n } Commits
} auf { $branch }:
project-diff-file = { $path } +{ $added } −{ $removed }
project-diff-file-new = { $path } (neu) +{ $added }
project-diff-file-binary = { $path } (binär)
project-diff-file-binary-new = { $path } (neu, binär)
project-diff-cut = Der Diff ist länger, als Telegram annimmt: Dies ist sein Anfang.

# Warum nicht.
project-path-odd = Das ist kein Pfad eines Verzeichnisses. Mit /dir lässt sich eines wählen.
project-no-home = Für { $name } gibt es hier kein Home-Verzeichnis.
project-silent = Das Verzeichnis antwortet nicht (ein Netzlaufwerk?). Mit /dir oder /project ein anderes wählen.
project-unusable = Das Verzeichnis `{ $directory }` ist nicht zu benutzen: { $why }. Mit /dir oder /project ein anderes wählen.
project-outside = In `{ $directory }` dürfen Agenten nicht arbeiten: Es liegt außerhalb des Erlaubten ({ $roots }). Mit /project oder /dir eines davon wählen, oder in der Konfiguration ein Projekt unter [projects] eintragen.
project-missing = Das Verzeichnis `{ $directory }` gibt es nicht. { $near ->
    [none] Es anlegen, oder mit /dir oder /project ein anderes wählen.
   *[other] Vielleicht { $near }?
}
project-not-a-directory = `{ $directory }` ist kein Verzeichnis. { $near ->
    [none] Mit /dir oder /project ein anderes wählen.
   *[other] Vielleicht { $near }?
}
project-no-git = Auf dieser Maschine gibt es kein git. Es installieren (auf Debian: apt-get install git).
project-git-not-run = git ließ sich in `{ $directory }` nicht ausführen: { $why }.
project-git-slow = git { $what } hat in `{ $directory }` länger als { $limit } s gedauert und wurde beendet.
project-no-repository = `{ $directory }` liegt in keinem git-Repository. Mit /project oder /dir eines wählen, oder dort git init ausführen.
project-untrusted = git traut `{ $directory }` nicht, weil es einem anderen Benutzer gehört: { $why }.
project-branch-words = «{ $branch }» ist mehr als ein Wort. Etwas wie fix-login oder alice/fix-login nehmen.
project-branch-odd = «{ $branch }» kann kein Branch heißen. Etwas wie fix-login oder alice/fix-login nehmen.
project-no-commits = `{ $directory }` hat noch keine Commits: erst den ersten machen, dann lässt sich ein Worktree anlegen.
project-branch-taken = Der Branch { $branch } ist schon in `{ $directory }` ausgecheckt. Einen anderen Namen nehmen.
project-not-made = git konnte den Worktree nicht anlegen: { $why }.
project-repository-gone = Das Repository `{ $directory }` ist weg.
project-not-looked = git konnte `{ $directory }` nicht ansehen: { $why }.
project-not-compared = git konnte nicht vergleichen, was in `{ $directory }` ist: { $why }.
project-not-committed = git konnte nicht committen: { $why }. Den Agenten darum bitten.
project-not-taken-back = Der Merge hat Konflikte, und git konnte ihn in `{ $directory }` nicht zurücknehmen: { $why }.
project-not-merged = git hat nicht gemergt, und nichts hat sich geändert: { $why }.
project-no-base = Der Worktree wurde von keinem Branch angelegt, also gibt es keinen, in den zu mergen wäre. { $branch } von Hand mergen.
project-other-inside = Im Worktree ist { $there ->
    [none] kein Branch
   *[other] { $there }
} ausgecheckt, nicht { $branch }: Nichts wurde gemergt.
project-branch-lost = Den Branch { $branch } gibt es nicht mehr: Nichts wurde gemergt.
project-other-branch = In `{ $directory }` ist { $there ->
    [none] kein Branch
   *[other] { $there }
} ausgecheckt, nicht { $into }. Dort { $into } auschecken, dann mergen.
project-dirty = `{ $directory }` hat Änderungen, die nicht committet sind. Sie dort committen oder stashen, dann mergen.
project-merging = In `{ $directory }` ist ein Merge nicht beendet. Ihn dort beenden oder abbrechen, dann mergen.
project-not-removed = git konnte den Worktree nicht entfernen: { $why }.
project-gone = Diesen Worktree gibt es hier nicht mehr. /worktree zeigt, was es gibt.
project-busy = In diesem Worktree läuft noch etwas. /stop beendet es; dann lässt er sich entfernen.
project-no-worktree = Dieses Thema hat keinen Worktree. /worktree BRANCH legt einen aus dem Repository von `{ $directory }` an.
