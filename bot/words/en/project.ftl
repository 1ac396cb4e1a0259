# Where topics work: projects, directories, worktrees, what changed there.

# Where a topic works.
project-works = 📁 **Works in** `{ $directory }`{ $project ->
    [none] { "" }
   *[other] { " " }(project { $project })
}
project-works-hint = Choose a project, or another directory. /dir PATH and /project NAME set it too.
project-works-none = No projects are configured: see `[projects]` in the configuration.
project-where = 📁 **Where should this work?** Your prompt waits until you choose.
project-offer = 📁 Works in `{ $directory }`. Choose another place for what comes next:
project-here = Here in { $directory }
project-none = No project
project-other = Other directory…
project-browse = Browse…
project-queued-where = nobody chose yet where to work: see above
project-bound = ✓ Project **{ $project }**: works in `{ $directory }`
project-toast-gone = There is no such project any more.
project-toast-so = That is where it works already.

# The browser of directories.
project-browser = 📂 `{ $directory }`
project-browser-empty = No directories in here.
project-browser-roots = 📂 **Where agents may work**
project-browser-up = ⬆ Up
project-browser-all = ⬆ All places
project-browser-use = ✓ Use this directory
project-browser-folder = 📁 { $name }
project-browser-repository = 🔀 { $name }

# Worktrees.
project-worktree = 🌿 **{ $branch }**: a worktree of { $name }{ $from ->
    [none] { "" }
   *[other] , made from { $from }
}
project-worktree-path = `{ $directory }`
project-worktree-changes = { $n ->
    [one] One change is not committed.
   *[other] { $n } changes are not committed.
}
project-worktree-ahead = { $n ->
    [one] One commit is not in { $into } yet.
   *[other] { $n } commits are not in { $into } yet.
}
project-worktree-merged = All of it is in { $into }.
project-worktree-missing = Its directory is gone.
project-worktree-made = ✓ The topic has a worktree of its own now.
project-worktree-taken = ✓ Back in this topic's worktree.
project-worktree-committed = ✓ Committed as `{ $commit }`.
project-worktree-clean = Nothing to commit.
project-worktree-merged-now = ✓ Merged into { $into } (`{ $commit }`).
project-worktree-merged-before = Nothing to merge: all of it is in { $into } already.
project-worktree-commit-first = ⚠ Not merged: what is not committed would be left out. Commit it first.
project-worktree-conflicts = ⚠ **Not merged**: it conflicts with { $into } in { $n ->
    [one] one file
   *[other] { $n } files
}. The merge was taken back, nothing changed. Let the agent merge { $into } into { $branch }, then try again.
project-worktree-more = … and { $n } more
project-worktree-afresh = A fresh session starts there with the next prompt; an old one is kept in /sessions.
project-worktree-removed = ✓ The worktree **{ $branch }** is removed. The topic works in `{ $directory }`.
project-worktree-removed-elsewhere = ✓ The worktree **{ $branch }** is removed.
project-worktree-branch-gone = Its branch is removed too: all of it is in { $into }.
project-worktree-branch-kept = Its branch is kept.
project-worktree-ask = Remove the worktree **{ $branch }**?
project-worktree-ask-again = ⚠ Really remove the worktree **{ $branch }**?
project-worktree-lost = { $n ->
    [one] **One change that is not committed is lost.**
   *[other] **{ $n } changes that are not committed are lost.**
}
project-worktree-unmerged = { $n ->
    [one] One commit is not in { $into }; the branch is kept with it.
   *[other] { $n } commits are not in { $into }; the branch is kept with them.
}
project-worktree-changed = ⚠ Not removed: there is something new in it since you were asked.
project-button-diff = Diff
project-button-commit = Commit all
project-button-merge = Merge into { $into }
project-button-remove = Remove…
project-button-remove-now = 🗑 Remove
project-button-remove-all = 🗑 Remove, with what is lost
project-button-keep = Keep
project-toast-working = On it…

project-worktree-none-left = This topic has no worktree. /worktree BRANCH makes one.

# What changed.
project-diff-none = Nothing changed in `{ $directory }`.
project-diff-head = **{ $files ->
    [one] One file
   *[other] { $files } files
}** · +{ $added } −{ $removed }
project-diff-uncommitted = Not committed, in `{ $directory }`:
project-diff-clean = All is committed.
project-diff-commits = { $n ->
    [one] One commit
   *[other] { $n } commits
} on { $branch }:
project-diff-file = { $path } +{ $added } −{ $removed }
project-diff-file-new = { $path } (new) +{ $added }
project-diff-file-binary = { $path } (binary)
project-diff-file-binary-new = { $path } (new, binary)
project-diff-cut = The diff is longer than Telegram takes: this is its beginning.

# Why not.
project-path-odd = That is no path of a directory. /dir lets you choose one.
project-no-home = There is no home directory for { $name } here.
project-silent = The directory does not answer (a network drive?). Choose another with /dir or /project.
project-unusable = The directory `{ $directory }` can't be used: { $why }. Choose another with /dir or /project.
project-outside = Agents may not work in `{ $directory }`: it is outside of what is allowed ({ $roots }). Choose one of these with /project or /dir, or add a project to [projects] in the configuration.
project-missing = The directory `{ $directory }` does not exist. { $near ->
    [none] Make it, or choose another with /dir or /project.
   *[other] Did you mean { $near }?
}
project-not-a-directory = The directory `{ $directory }` is not a directory. { $near ->
    [none] Choose another with /dir or /project.
   *[other] Did you mean { $near }?
}
project-no-git = There is no git on this machine. Install it (on Debian: apt-get install git).
project-git-not-run = git could not be run in `{ $directory }`: { $why }.
project-git-slow = git { $what } took longer than { $limit } s in `{ $directory }` and was ended.
project-no-repository = `{ $directory }` is in no git repository. Choose one that is with /project or /dir, or run git init there.
project-untrusted = git does not trust `{ $directory }`, since it belongs to another user: { $why }.
project-branch-words = «{ $branch }» is more than one word. Use something like fix-login or alice/fix-login.
project-branch-odd = «{ $branch }» can't be a branch's name. Use something like fix-login or alice/fix-login.
project-no-commits = `{ $directory }` has no commits yet: make the first one, then a worktree can be made.
project-branch-taken = The branch { $branch } is checked out in `{ $directory }` already. Take another name.
project-not-made = git could not make the worktree: { $why }.
project-repository-gone = The repository `{ $directory }` is gone.
project-not-looked = git could not look at `{ $directory }`: { $why }.
project-not-compared = git could not compare what is in `{ $directory }`: { $why }.
project-not-committed = git could not commit: { $why }. Tell the agent to do it.
project-not-taken-back = The merge has conflicts, and git could not take it back in `{ $directory }`: { $why }.
project-not-merged = git did not merge, and nothing changed: { $why }.
project-no-base = The worktree was made from no branch, so there is none to merge into. Merge { $branch } by hand.
project-other-inside = In the worktree { $there ->
    [none] no branch
   *[other] { $there }
} is checked out, not { $branch }: nothing was merged.
project-branch-lost = There is no branch { $branch } any more: nothing was merged.
project-other-branch = In `{ $directory }` { $there ->
    [none] no branch
   *[other] { $there }
} is checked out, not { $into }. Check out { $into } there, then merge.
project-dirty = `{ $directory }` has changes that are not committed. Commit or stash them there, then merge.
project-merging = In `{ $directory }` a merge is not finished. Finish or abort it there, then merge.
project-not-removed = git could not remove the worktree: { $why }.
project-gone = There is no such worktree here any more. /worktree shows what there is.
project-busy = Something still runs in this worktree. /stop ends it; then it can be removed.
project-no-worktree = This topic has no worktree. /worktree BRANCH makes one from the repository of `{ $directory }`.
