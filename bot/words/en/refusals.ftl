# What could not be done, and why: one line for the person who asked.

# Words that come from elsewhere, as they are: from the operating system, an agent's program.
refusal-as-it-is = { $text }

# Agents, models, modes, projects.
refusal-agent-gone = The agent «{ $agent }» is not configured any more. Choose another with /agent: { $known }.
refusal-no-agent = There is no agent «{ $agent }». Configured are: { $known }.
refusal-no-mode = There is no mode «{ $mode }». Modes are: { $known }.
refusal-no-project = There is no project «{ $project }». Configured are: { $known ->
    [none] none, see [projects] in the configuration
   *[other] { $known }
}.
refusal-no-command = [agents.{ $agent }] command is missing: protocol { $protocol } has no program of its own.
refusal-prompt-too-long = The prompt is too long for { $agent }: as an argument it would have { $n } bytes, and { $most } is the most. Leave { $prompt } out of [agents.{ $agent }] command, so that it goes to stdin, or use { $file }, or send a shorter one.
refusal-no-program = The program { $program } was not found.
refusal-program-is-directory = { $program } is a directory, not a program.
refusal-program-not-executable = { $program } is not executable.
refusal-keeps-no-sessions = { $agent } keeps no sessions that could be continued.

# Requests of agents.
refusal-no-request = There is no such request in this topic.
refusal-request-old = That is decided already, or not asked any more.
refusal-request-whose = { $name ->
    [none] Only the person who asked or an admin may decide this.
   *[other] Only { $name } or an admin may decide this.
}
refusal-rule-gone = That is not allowed any more anyway.
refusal-not-asked-for = That is not what was asked for.
refusal-not-offered = That was not offered.
refusal-first-question = This is the first question.
refusal-all-answered = All questions are answered.
refusal-wants-choice = This question wants one of its choices: press a button.
refusal-question-answered = That question was answered already.
refusal-pick-one = Pick at least one, or write an answer.
refusal-no-choice = That is not one of the choices.
refusal-empty = That is empty.
refusal-too-long = That is longer than { $most } characters.

# Turns, tasks, sessions.
refusal-over = That is over already.
refusal-cannot-end-alone = Its agent can't end that alone. /stop ends all that it does here.
refusal-nothing-to-continue = There is nothing to continue here.
refusal-goes-on-already = That goes on already.
refusal-session-deleted = The session of this prompt was deleted. Send it again.
refusal-no-session = There is no such session here. /sessions lists them.
refusal-before-stop = This was sent before the stop, so the task was not started. Send it again.
refusal-rests-since-stop = A stop came after that, so it still rests.
refusal-queue-full = { $n } prompts wait here already; this one was not taken. Wait for some to finish, or /stop and drop them.
refusal-nothing-to-retry = There is no prompt here yet that could run again.
refusal-task-turn-over = The turn that wanted to start this task is over.
refusal-nothing-to-resume = There is nothing to resume any more.
refusal-resumed-already = That was resumed already.
refusal-nothing-interrupted = Nothing was interrupted here. /resume ID goes on with a session of the agent, by its own id; /sessions lists those of this topic.
