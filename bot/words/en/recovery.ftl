# What a restart of the bot meant, and what was interrupted.

recovery-restarted = 🔄 The bot was restarted.
recovery-upgraded = 🔄 The bot was upgraded to { $version }.
recovery-rebooted = 🔄 The machine was rebooted.
recovery-rebooted-upgraded = 🔄 The machine was rebooted, and the bot upgraded to { $version }.

recovery-still-running = **Still running**: { $prompt }
recovery-resumed-one = **Resumed**: { $prompt }
recovery-interrupted-one = { $tries ->
    [0] **Interrupted**: { $prompt }
    [one] **Interrupted**: { $prompt } · resumed { $tries } time before
   *[other] **Interrupted**: { $prompt } · resumed { $tries } times before
}
recovery-queued = { $n ->
    [one] { $n } waiting prompt
   *[other] { $n } waiting prompts
} will run.

recovery-resumed = **▶ Resumed**: { $prompt }
recovery-afresh = The old session could not be continued: started afresh with the request.
recovery-interrupted = **⚡ Interrupted**: { $why }

recovery-resume = ▶ Resume
recovery-resume-which = ▶ Resume { $prompt }
recovery-discard = ✖ Discard
recovery-toast-resuming = Resuming…
recovery-toast-discarded = Discarded.
recovery-usage = ⚠ Use `/resume` or `/resume ID` with the agent's own session id.

# Why a turn was interrupted.
recovery-why-vanished = Its program and its supervisor vanished.
recovery-why-exhausted = Its program and its supervisor vanished. It was resumed before and lost again.
recovery-why-stale = Its program and its supervisor vanished. That was too long ago to resume it unasked.
recovery-why-no-session = Its program and its supervisor vanished. Its agent keeps no session that could be continued.
recovery-why-nothing = It was resumed, and its agent ended at once without a word. Its session was set aside: resumed once more, it begins afresh with the request.
recovery-why-not-resumed = It could not be resumed: { $error }
recovery-why-shut-down = The bot was shut down and took its agents along.
