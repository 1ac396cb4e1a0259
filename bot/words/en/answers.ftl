# Answers, and what stands beside them.

answer-wordless = _The agent ended its turn without a word._
answer-beside = _Beside this, the agent went on by itself:_
answer-task = **Task { $id }**
answer-file = The whole answer
answer-goes-on = _… This is the beginning: the answer has { $n } characters. All of it is in the file below._
answer-file-cut = The first { $n } characters of the answer; the rest is more than Telegram takes
answer-failed = { $agent ->
    [none] **✗ The agent failed**: { $error }
   *[other] **✗ { $agent } failed**: { $error }
}
answer-no-reason = it did not say why
answer-remark = _⚠ { $remark }_
answer-left-running = _⚙ Left running: { $processes }_

answer-remark-resumed = Resumed: this was interrupted, and taken up again.
answer-remark-afresh = The old session could not be continued: this began afresh, with the request alone.
answer-remark-denied = Not allowed: { $title }
answer-remark-by-itself = Begun by the agent itself: { $prompt }

# Why a turn failed, where the agent did not say it.
answer-error-stopped-first = It was stopped before it began.
answer-error-not-started = The agent could not be started: { $error }.
answer-error-never-began = Its run ended each time before the agent had the prompt. Is there memory left on this machine?
answer-error-no-answer = The agent ended without an answer.
answer-error-nothing = It was resumed, and its agent ended at once without a word.
