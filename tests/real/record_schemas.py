"""What Codex itself says about its app server's protocol, for the recordings beside it."""

import subprocess
import tempfile
from pathlib import Path

from tests.real.clis import CODEX
from tests.real.install import PREFIX
from tests.real.recording import TRANSCRIPTS

WHOLE = PREFIX / "codex-schemas"
"""All of it, some megabytes: for reading, not for the repository."""
KEPT = (
    "CommandExecutionRequestApprovalParams",
    "CommandExecutionRequestApprovalResponse",
    "FileChangeRequestApprovalParams",
    "FileChangeRequestApprovalResponse",
    "McpServerElicitationRequestParams",
    "McpServerElicitationRequestResponse",
    "PermissionsRequestApprovalParams",
    "PermissionsRequestApprovalResponse",
    "ToolRequestUserInputParams",
    "ToolRequestUserInputResponse",
    "v2/ErrorNotification",
    "v2/ThreadStartParams",
    "v2/ThreadTokenUsageUpdatedNotification",
    "v2/TurnInterruptParams",
    "v2/TurnPlanUpdatedNotification",
    "v2/TurnSteerParams",
)


def record_schemas() -> Path:
    """Write all schemas to `WHOLE`, and those of what is asked and answered beside the recordings."""
    with tempfile.TemporaryDirectory() as home:
        argv = [*CODEX.program, "app-server", "generate-json-schema", "--out", str(WHOLE)]
        subprocess.run(argv, env=CODEX.environment(Path(home), ""), check=True, capture_output=True, timeout=60)
    directory = TRANSCRIPTS / "codex" / "schemas"
    directory.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        source = WHOLE / f"{name}.json"
        (directory / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return directory
