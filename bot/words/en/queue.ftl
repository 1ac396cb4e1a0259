# What waits, and what rests after a stop.

queue-queued = **⏳ Queued** · { $why }

queue-why-busy = { $ahead ->
    [0] runs when the current turn is over
   *[other] { $ahead } more before it
}
queue-why-places = { $ahead ->
    [0] all places for agents are taken
   *[other] all places for agents are taken, { $ahead } before it
}
queue-why-unheard = { $ahead ->
    [0] its agent takes nothing in while it works; this runs when the turn is over
   *[other] its agent takes nothing in while it works; this runs when the turn is over, { $ahead } before it
}
queue-why-held = it was sent before the stop, and rests
queue-why-resumes = will be resumed; { $ahead ->
    [one] { $ahead } other resumed turn
   *[other] { $ahead } other resumed turns
} must be through before

queue-cancel = ✖ Cancel
queue-cancelled = ✖ Cancelled
queue-run-held = { $n ->
    [one] ▶ Run it
   *[other] ▶ Run the { $n } waiting
}
queue-drop-held = ✖ Drop
queue-held-runs = { $n ->
    [one] { $n } waiting prompt
   *[other] { $n } waiting prompts
} running now, in order.
queue-held-dropped = { $n ->
    [one] { $n } waiting prompt
   *[other] { $n } waiting prompts
} dropped.
queue-nothing-held = Nothing was waiting here.
