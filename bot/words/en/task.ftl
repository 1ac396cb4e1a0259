# Tasks: the menu of /tasks.

task-list = **Tasks of this chat**
task-list-empty = None yet. `/bg PROMPT` starts one.
task-own = **Agents' own, in the background**
task-left = **Left running by this topic's turns**: /stop ends them
task-pid = (pid { $pid })

task-state = { $state ->
    [queued] waits
    [starting] starts
    [running] works
    [waiting] waits for you
    [stopping] is being stopped
    [done] done
    [failed] failed
    [stopped] stopped
    [timed_out] timed out
    [lost] interrupted
   *[other] { $state }
}
task-head = Task { $id }
task-answer = It answered:
task-error = What went wrong: { $error }
task-message = Its message

task-switch = ▶ Go on with it here
task-stop = ⏹ Stop
task-stop-id = ⏹ Stop { $id }
task-delete = 🗑 Delete
task-ask-delete = Delete task **{ $id }** from this list? Its session can't be continued then.
task-ask-delete-works = It works now: it is stopped first, with all its processes.
task-yes-delete = Delete
task-keep = Keep

task-toast-stopping = Stopping…
task-toast-over = Nothing to stop: this is over already.
task-toast-deleted = Deleted.
task-toast-no-session = Its session is gone: there is nothing to go on with.

task-gone = There is no task { $id } here. /tasks lists them.
task-deleted = ✓ Task { $id } is deleted.
task-no-such = ⚠ There is no task { $id } in this chat. /tasks lists them.
task-usage = ⚠ Use `/tasks`, `/tasks 12`, `/tasks stop 12` or `/tasks delete 12`.
task-over = Nothing is running: task { $id } is over ({ $state }).
task-bg-usage = ⚠ Say what the task is: `/bg run the tests and report`
