# Sessions: the menu of /sessions, and what is done with them.

session-list-here = **Sessions here**
session-list-chat = **Sessions of this chat**
session-list-empty = None yet: the first prompt opens one.
session-here = Only here
session-chat = Of the whole chat

session-state = { $state ->
    [queued] waits
    [starting] starts
    [running] works
    [waiting] waits for you
    [stopping] is being stopped
    [left] left something running
   *[idle] idle
}
session-ago = { $time } ago
session-current = this topic goes on with it
session-in-topic = in { $topic }
session-last-prompt = Last prompt: { $prompt }
session-agent-id = Its agent knows it as { $id }
session-waiting = { $n ->
    [one] { $n } prompt waits for it
   *[other] { $n } prompts wait for it
}

session-switch = ▶ Go on with it
session-name = ✎ Name
session-stop = ⏹ Stop
session-stop-id = ⏹ Stop { $id }
session-delete = 🗑 Delete

session-ask-name = Reply to this message with a name for session { $id }, or write `/sessions name WORDS` for the current one.
session-ask-delete = Delete **{ $name }**? Its conversation can't be continued from here then.
session-ask-delete-works = It works now: that is stopped first, with all its processes.
session-ask-delete-waiting = { $n ->
    [one] { $n } prompt that waits for it is dropped.
   *[other] { $n } prompts that wait for it are dropped.
}
session-yes-delete = Delete
session-keep = Keep

session-toast-switched = Your next prompt goes on with it.
session-toast-current = This topic goes on with it already.
session-toast-elsewhere = It belongs to another topic. Go on with it there.
session-toast-works = It still works. Go on with it once that is done, or stop it.
session-toast-stopping = Stopping…
session-toast-idle = Nothing is running there.
session-toast-deleted = Deleted.

session-named = ✓ Session { $id } is called **{ $name }** now.
session-deleted = ✓ Deleted: **{ $name }**.
session-name-unusable = A name is words, { $most } characters at most, and not just a number.
session-name-taken = Session { $id } is called { $name } already. Take another name, or rename that one.
session-none-yet = There is no session here yet: the first prompt opens one.
session-gone = There is no session { $id } here. /sessions lists them.
session-no-such = ⚠ There is no session **{ $name }** in this chat. /sessions all lists them.
session-works = Task { $id } still works in that session. Go on with it once that is done, or stop it.
session-usage = ⚠ Use `/sessions`, `/sessions all`, `/sessions 3`, `/sessions name WORDS`, `/sessions switch 3` (or a name), `/sessions stop 3` or `/sessions delete 3`.

# A fresh session, and settings of the topic as they are now.
session-opened = { $kept ->
    [yes] **✨ A fresh session** with { $agent } in `{ $directory }`.
        The old one is kept in /sessions.
   *[no] **✨ A fresh session** with { $agent } in `{ $directory }`.
}
# A setting of the topic as it is now. { $setting } is its name in data.
session-chosen = ✓ { $setting ->
    [agent] Agent
    [model] Model
    [mode] Mode
    [project] Project
    [directory] Directory
    [verbosity] Live messages
    [when_busy] While one works
    [session] Session
    [allowed] Allowed for this session
   *[other] { $setting }
}: **{ $value }**
session-refused = ⚠ { $why }

# Values and remarks of settings.
session-own-model = the agent's own default
session-no-project = none
session-taken-up = { $id } of { $agent } in { $directory }
session-switched = { $name ->
    [none] session { $id }, { $agent } in { $directory }
   *[other] { $name }, { $agent } in { $directory }
}
session-remark-copy = A copy of it: it is another topic's, which keeps it.
session-remark-untouched = What runs now is not touched.
session-remark-holds-now = It holds for what runs now, too.
session-remark-runs-there = { $n ->
    [one] Your prompt runs there now.
   *[other] What waited runs there now.
}
session-remark-afresh = { $kept ->
    [yes] A fresh session starts with the next prompt, the old one is kept in /sessions.
   *[no] A fresh session starts with the next prompt.
}
session-allows-nothing = nothing
session-remark-taken-back = { $busy ->
    [yes] Taken back: { $rule }. What runs now may still use it; the next prompt may not.
   *[no] Taken back: { $rule }.
}
