"""Claude Code's plan, which a person is to approve: the tool `ExitPlanMode`.

With «yes» the mode goes back to the one before `plan`; a «no» with words asks for a better plan.
"""

from cli_runner.agents.claude_updates import accept_edits
from cli_runner.agents.json_lines import Fields
from orchestrator.domain.agent_events import ApprovalAnswer, ApprovalOption
from orchestrator.domain.states import Mode

TOOL = "ExitPlanMode"
TITLE = "Carry out the plan"
NOT_YET = "Keep planning: the plan is not approved yet."

_YES = ApprovalAnswer.ALLOW_ONCE
OPTIONS: tuple[tuple[ApprovalOption, Fields | None], ...] = (
    (ApprovalOption(option_id="approve", answer=_YES, label="Approve", mode=Mode.ASK), None),
    (
        ApprovalOption(option_id="approve-edits", answer=_YES, label="Approve, accept edits", mode=Mode.EDITS),
        accept_edits(),
    ),
    (ApprovalOption(option_id="keep-planning", answer=ApprovalAnswer.REJECT_ONCE, label="Keep planning"), None),
)
"""What may be answered, each with what it changes."""
