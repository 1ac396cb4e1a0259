# What agents ask: permissions, plans, questions.

# Who asks. { $id } is a task's number, and empty for the conversation.
request-who = { $id ->
    [none] { $agent ->
        [none] The agent
       *[other] { $agent }
    }
   *[other] Task { $id }: { $agent ->
        [none] The agent
       *[other] { $agent }
    }
}
request-plan = **📋 { $who } has a plan**
request-tool = **🔐 { $who } asks to use { $tool ->
    [none] a tool
   *[other] { $tool }
}**
request-in = in `{ $directory }`
request-in-file = **⚠ { $n ->
    [one] { $n } line
   *[other] { $n } lines
}; all of it is in the file above.**
request-file-caption = What is asked for below, whole

request-question = { $of ->
    [1] **❓ { $who } asks**
   *[other] **❓ { $who } asks ({ $nth } of { $of })**
}
request-question-answered = ✓ { $question } **{ $answer }**
request-hint-several = _Choose one or more, then press Done._
request-hint-own-words = _Reply to this message with your own words._
request-hint-reply = _Reply to this message to answer._
request-hint-several-own-words = _Choose one or more, then press Done. Or reply to this message with your own words._
request-choice = { $detail ->
    [none] { $number }. **{ $label }**
   *[other] { $number }. **{ $label }** – { $detail }
}

# Buttons. The first four are for what agents call so themselves.
request-allow-once = Allow once
request-deny = Deny
request-approve = Approve
request-keep-planning = Keep planning
request-allow = Allow
request-allow-what = Allow: { $what }
request-deny-what = Deny: { $what }
request-revise-why = ✏ Revise…
request-deny-why = Deny, say why…
request-done = Done
request-back = ‹ Back
request-no-answer = Don't answer
request-take-back = ↩ Take back: { $what }

# What was decided; { $task } is a task's number, { $by } who decided, each may be empty.
request-decided = { $task ->
    [none] { $by ->
        [none] **{ $what }**
       *[other] **{ $what } · { $by }**
    }
   *[other] { $by ->
        [none] **Task { $task } · { $what }**
       *[other] **Task { $task } · { $what } · { $by }**
    }
}
request-by-earlier = an earlier decision
request-what-expired = ⌛ Denied: nobody answered in time
request-what-allowed = ✅ { $label }
request-what-refused = ⛔ { $label }
request-what-answered = ✅ Answered
request-what-unanswered = ⛔ Not answered
request-what-revise = ✏ To be revised
request-what-denied = ⛔ Denied
request-what-decided = Decided
request-what-over = ⌛ Not asked any more: { $why }

# Why something is not asked any more.
request-over-stop = a stop was asked for
request-over-time = its time was up
request-over-shutdown = the bot was shut down
request-over-newer = something newer came
request-over-withdrawn = the agent does not ask for it any more
request-over-agent-gone = the agent is gone
request-over-turn = the turn is over

# What a press says.
request-toast-passed-on = Passed on.
request-toast-taking-back = Taking it back…
request-how-to-revise = Reply to this message and say what should be different: the agent plans again.
request-how-to-deny = Reply to this message with your reason: it is denied, and the agent is told why.
