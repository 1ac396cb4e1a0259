# /settings, and the menus of /agent, /model and /mode.

settings-title = **Settings of this topic**
settings-title-few = **How the agent works here**
settings-row = { $name }: **{ $value }**
settings-agent = Agent
settings-model = Model
settings-mode = Mode
settings-verbosity = Live messages
settings-busy = While one works
settings-project = Project
settings-directory = Directory
settings-place = Where it works
settings-none = none
settings-own-model = the agent's own default
settings-back = Settings
settings-back-few = Back

settings-page = { $name }: **{ $value }**
settings-option = • `{ $name }` { $about }
settings-default = Default ({ $value })
settings-type = Or write `{ $command }`.
settings-about-agent = Who works in this topic. Another agent begins with a fresh session.
settings-about-model = What the agent thinks with. These are the ones that it offers or that were used last.
settings-about-mode = What the agent may do without asking.
settings-about-verbosity = How much you see of a turn while it works. It holds at once.
settings-about-busy = What becomes of a prompt that comes while another one works.

settings-agent-about = { $protocol }: { $command }
settings-mode-ask = asks before edits and commands
settings-mode-edits = edits by itself, asks before commands
settings-mode-plan = plans, changes nothing
settings-mode-all = does everything by itself
settings-verbosity-quiet = one line
settings-verbosity-normal = the last steps, the plan, what it says
settings-verbosity-full = more of all, what tools return, what it thinks
settings-busy-queue = it waits its turn
settings-busy-steer = the agent gets it at once, if it can listen
settings-busy-interrupt = what works is stopped for it

settings-set = { $name }: { $value }
settings-set-afresh = { $name }: { $value }. A fresh session starts with the next prompt.
settings-as-it-is = It is that already.
settings-only-admins = ⚠ Only admins may change the settings of a topic.
settings-unknown = ⚠ There is no setting `{ $name }`. There are: { $names }.
settings-no-such-value = «{ $value }» can't be chosen. There are: { $known }.

command-settings = how this topic is set
command-settings-more = A menu of all that is chosen for this topic; or one thing at once. `verbosity` is how much live messages show: quiet, normal, full. `busy` is what becomes of a prompt that comes while one works: queue, steer, interrupt.
