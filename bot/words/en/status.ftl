# /status.

status-head = { $model ->
    [none] **{ $agent }** · its own model · mode { $mode }
   *[other] **{ $agent }** · { $model } · mode { $mode }
}
status-directory = Directory: `{ $directory }`
status-project = Project: { $project }
status-no-session = Session: none yet, the first prompt opens one
status-session = { $name ->
    [none] Session { $id }: { $known }
   *[other] Session { $id } «{ $name }»: { $known }
}
status-session-not-begun = not begun
status-rules = Allowed for this session:
status-rule = { $by ->
    [none] • { $rule }
   *[other] • { $rule } _({ $by })_
}
status-nothing = Nothing is running here.
status-turn = { $task ->
    [yes] **Task { $id }** { $state }, { $took }: { $prompt }
   *[no] **Turn { $id }** { $state }, { $took }: { $prompt }
}
status-state = { $state ->
    [queued] queued
    [starting] starting
    [running] running
    [waiting] waiting for you
    [stopping] stopping
   *[other] { $state }
}
status-waiting = Waiting: { $n ->
    [one] { $n } prompt
   *[other] { $n } prompts
}
status-resting = Resting since the last stop: { $n ->
    [one] { $n } prompt
   *[other] { $n } prompts
}
status-left-running = Left running: { $processes }
status-access = _Access: { $users ->
    [one] { $users } user
   *[other] { $users } users
}, { $admins ->
    [one] { $admins } admin
   *[other] { $admins } admins
}, { $chats ->
    [0] chats that an admin approved
    [one] { $chats } listed chat
   *[other] { $chats } listed chats
}._

# /status all
status-chat = **This chat**
status-chat-nothing = Nothing is running in this chat.
status-chat-places = { $n } waiting for a free place.
status-chat-general = **General**
status-chat-topic = **Topic { $id }**
