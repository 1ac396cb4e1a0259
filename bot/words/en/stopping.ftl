# Stops: what they ended, what goes on.

stop-begun = ⏹ Stopping…

# How long it took: { $took } is empty for what nobody can notice.
stop-took = { $took ->
    [none] at once
   *[other] in { $took }
}
stop-done = { $ended ->
    [none] **⏹ Stopped** { $took }
   *[other] **⏹ Stopped** { $took } · ended { $ended }
}
stop-late-silence = { $ended ->
    [none] **⏱ Timed out**: it gave no sign of life for too long. Stopped { $took }.
   *[other] **⏱ Timed out**: it gave no sign of life for too long. Stopped { $took } · ended { $ended }.
}
stop-late-timeout = { $ended ->
    [none] **⏱ Timed out**: it took too long. Stopped { $took }.
   *[other] **⏱ Timed out**: it took too long. Stopped { $took } · ended { $ended }.
}

# What was ended: these stand one after the other, with commas.
stop-ended-turns = { $n ->
    [one] { $agent ->
        [none] the turn
       *[other] the turn of { $agent }
    }
   *[other] { $n } turns
}
stop-ended-tasks = { $n ->
    [one] { $n } task
   *[other] { $n } tasks
}
stop-ended-strays = what was left running
stop-ended-processes = { $n ->
    [one] { $n } process
   *[other] { $n } processes
}

stop-survivors = **⚠ Still alive, in spite of SIGKILL:** { $processes }
stop-dropped = { $n ->
    [one] { $n } waiting prompt
   *[other] { $n } waiting prompts
} dropped.
stop-held = { $n } waiting: nothing starts by itself.
stop-kept = What it did is kept in its session, and the button goes on there.
stop-continue = ▶ Continue

# Tasks are left alone by a stop of their topic.
stop-tasks-left = { $n ->
    [one] { $n } task in this topic goes on:
   *[other] { $n } tasks in this topic go on:
}
stop-task-left = ⚙ { $id } · { $prompt }
stop-tasks-more = and { $n } more: /tasks

stop-nothing = Nothing is running here.
stop-nothing-finished = Nothing is running here: the turn was finished already.
stop-nothing-answer-owed = Nothing is running here: the turn was finished already, and its answer is on its way.

stop-agent-task = **⏹ Ended**: { $title ->
    [none] a background task
   *[other] { $title }
}

# Buttons, and what a press of them says.
stop-button = ⏹ Stop
stop-button-task = ⏹ Stop task { $id }
stop-button-agent-task = ⏹ End: { $title }
stop-toast = Stopping…
stop-toast-cancelled = Cancelled.
stop-toast-over = Nothing to stop: this is over already.
stop-toast-ending = Ending…
stop-all-only-admins = ⚠ Only admins may use /stop_all. /stop ends what runs in this topic.
