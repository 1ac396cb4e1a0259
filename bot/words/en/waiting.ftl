# Prompts that wait: the menu of /queue.

waiting-list = **Waiting here**
waiting-empty = Nothing waits here.
waiting-works = Works now: { $prompt }
waiting-resting = **Resting since the last stop**
waiting-by = by { $name }
waiting-first = It is the next one.
waiting-ahead = { $ahead ->
    [one] { $ahead } goes before it.
   *[other] { $ahead } go before it.
}
waiting-rests = It rests since the last stop.

waiting-up = ⬆ Move up
waiting-now = ▶ Run now
waiting-now-stops = ▶ Run now (stops the current)
waiting-cancel = ✖ Cancel
waiting-run-all = { $n ->
    [one] ▶ Run it
   *[other] ▶ Run the { $n } resting
}
waiting-drop-all = { $n ->
    [one] ✖ Drop it
   *[other] ✖ Drop the { $n } resting
}

waiting-toast-moved = Moved up.
waiting-toast-first = It is the next one already.
waiting-toast-rests = It rests. Run it now, or run all that rests.
waiting-toast-now = It runs next.
waiting-toast-begun = It has begun already.
waiting-toast-over = It is over already.
waiting-toast-cancelled = Cancelled.
waiting-toast-none-rest = Nothing rests here any more.
waiting-cancelled = ✖ Cancelled

queue-moved = { $ahead ->
    [0] ✓ Prompt { $id } is the next one.
    [one] ✓ Prompt { $id } moved up, { $ahead } goes before it.
   *[other] ✓ Prompt { $id } moved up, { $ahead } go before it.
}
queue-runs-now = ✓ Prompt { $id } runs now.
queue-begun = Prompt { $id } has begun already.
queue-gone = No prompt { $id } waits here. /queue lists what does.
queue-rests = Prompt { $id } rests since the last stop. Run it with `/queue now { $id }`.
queue-stopped-since = A stop came after that, so it still rests.
waiting-usage = ⚠ Use `/queue`, `/queue up 12`, `/queue now 12` or `/queue cancel 12`.
