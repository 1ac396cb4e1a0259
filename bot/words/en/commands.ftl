# The commands: one line each for the menu of Telegram and for /help, and more for /help COMMAND.

command-stop = end what runs in this topic
command-stop-more = Ends this topic's turn: the agent and every process of it. What waited rests until you run or drop it. As a reply to a task's message it ends that task. In a chat without topics it ends everything.
command-new = start a fresh session here
command-new-more = The old session is kept in /sessions. What runs in it is stopped.
command-steer = say something to the agent while it works
command-steer-more = Replying to the live message does the same. 👌 shows that the agent took it in. Where an agent can't, it waits as a prompt, and that is said.
command-retry = run the last prompt again
command-retry-more = In the session of this topic, before what waits. What runs now is stopped for it.
command-resume = go on with what was interrupted
command-resume-more = With an id: a session that the agent's program knows by it, such as one that you began in a terminal. /status shows the id of this topic's session.
command-status = what runs here, and how it is set
command-sessions = the sessions of this topic
command-sessions-more = A session is one conversation with one agent in one directory. Stopping one ends what it does and what it left running; it can be continued. Deleting asks first.
command-bg = start a task in the background
command-bg-more = It works in a session of its own and doesn't hold up the conversation here.
command-tasks = the tasks of this chat
command-tasks-more = What works in the background here, what it does and what it answered. Deleting one stops it first.
command-queue = what waits here
command-queue-more = In the order in which it will run. N is the number shown: it belongs to the prompt, wherever that stands.
command-usage = tokens and money
command-usage-more = Of this topic today, in 7 and in 30 days, and by agent; with all of the chat, by topic. What an agent does not tell is not counted as nothing.
command-agent = which agent works here
command-model = which model it uses
command-mode = what it may do without asking
command-project = which project this topic is for
command-dir = which directory it works in
command-worktree = give this topic a git worktree and branch of its own
command-worktree-more = The branch is made if it is new. The topic works there with a fresh session; buttons commit, merge and remove it.
command-diff = what changed where this topic works
command-get = send a file of this topic's directory
command-get-more = Images come as photos, all else as files of up to 50 MB. A directory, or a pattern that fits several files, is listed with sizes.
command-whoami = your ids, and what you may do
command-help = what I can do
command-stop-all = end everything in this chat
command-stop-all-more = Every topic's turn, what waits, and all tasks.

# /help and /start.
help-title = **Commands**
help-row = /{ $name } _{ $short }_
help-tail = Anything else that you write is a prompt for the agent of this topic.
help-one = **/{ $name }**: { $short }.
help-admins-only = For admins only.
help-no-command = ⚠ There is no command `/{ $name }`. /help lists them all.
help-start = **Hello. I run coding agents.**
    Each topic of a forum is one conversation with one agent in one directory. Write what you want done, watch it work, stop it at any time.

    Here **{ $agent }** works in `{ $directory }`.

    /agent and /dir change that, /help lists all commands.
