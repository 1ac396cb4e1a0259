"""What can be configured: every key, its type and its default. Times are seconds.

A value of this type is complete and free of contradictions only if it comes from
`bot.settings_file.load_settings`; `bot.settings_rules` says what no single key can tell.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.durations import parse_duration
from bot.settings_values import (
    absolute_path,
    api_address,
    bot_token,
    listen_address,
    person_id,
    positive,
    sender_chat_id,
    service_address,
    webhook_address,
    webhook_secret,
)
from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.states import Mode

Whole: TypeAlias = Annotated[int, Strict()]
PersonId: TypeAlias = Annotated[Whole, AfterValidator(person_id)]
SenderChatId: TypeAlias = Annotated[Whole, AfterValidator(sender_chat_id)]
SomeTime: TypeAlias = Annotated[float, BeforeValidator(parse_duration)]
Time: TypeAlias = Annotated[SomeTime, AfterValidator(positive)]
AbsolutePath: TypeAlias = Annotated[Path, AfterValidator(absolute_path)]
Word: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
"""Of an agent or a project: short, since it stands in buttons; lower case, since variables have no case."""

Protocol: TypeAlias = Literal["claude", "codex", "acp", "text", "demo"]

_OWN_PROGRAMS: dict[str, tuple[str, ...]] = {"claude": ("claude",), "codex": ("codex",)}
_NAMED_AS_THEIR_PROTOCOL = ("claude", "codex", "demo")


class Section(BaseModel):
    """A table of the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WebhookSettings(Section):
    """`[telegram.webhook]`: where Telegram delivers to."""

    listen: Annotated[str, AfterValidator(listen_address)] = "127.0.0.1:8080"
    url: Annotated[str, AfterValidator(webhook_address)]
    secret: Annotated[SecretStr, AfterValidator(webhook_secret)]


class TelegramSettings(Section):
    """`[telegram]`. After loading, `token` is there whichever way it was given."""

    token: Annotated[SecretStr, AfterValidator(bot_token)] = SecretStr("")
    token_file: AbsolutePath | None = None
    api_url: Annotated[str, AfterValidator(api_address)] = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook: WebhookSettings | None = None


class AccessSettings(Section):
    """`[access]`: who may use the bot, and where."""

    users: tuple[PersonId, ...] = ()
    admins: tuple[PersonId, ...] = Field(default_factory=lambda given: given.get("users", ()))
    chats: tuple[Whole, ...] = ()
    sender_chats: tuple[SenderChatId, ...] = ()


class StateSettings(Section):
    """`[state]`: where the bot keeps what it must not lose."""

    directory: AbsolutePath = Field(default=Path("~/.local/state/topicd"), validate_default=True)


class AgentSettings(Section):
    """`[agents.NAME]`."""

    protocol: Protocol
    command: tuple[Word, ...] = Field(default_factory=lambda given: _OWN_PROGRAMS.get(given.get("protocol", ""), ()))
    model: str = ""
    mode: Mode = Mode.ASK
    env: dict[Word, SecretStr] = {}
    pass_env: tuple[Word, ...] = ()
    serve_files: bool = False
    session_args: tuple[Word, ...] = ()
    resume_args: tuple[Word, ...] = ()


class ProjectSettings(Section):
    """`[projects.NAME]`. What is empty is taken from the agent, or from `[defaults]`."""

    path: AbsolutePath
    agent: str = ""
    model: str = ""
    mode: Mode | None = None


class DefaultSettings(Section):
    """`[defaults]`: what a topic begins with."""

    agent: str = "claude"
    directory: AbsolutePath = Field(default=Path("~"), validate_default=True)
    project: str = ""


class WorktreeSettings(Section):
    """`[worktrees]`. Without a directory they are in that of the state."""

    directory: AbsolutePath | None = None


class TurnSettings(Section):
    """`[turns]`. With `answer_wait` 0 a question stays open for ever."""

    timeout: Time = 3600.0
    silence: Time = 1200.0
    warn_before: tuple[Time, ...] = (60.0, 10.0)
    extend_by: Time = 600.0
    max_extensions: Annotated[Whole, Field(ge=0)] = 6
    when_busy: Literal["queue", "steer", "interrupt"] = "queue"
    queue_limit: Annotated[Whole, Field(ge=1)] = 50
    answer_wait: SomeTime = 86400.0


class VoiceSettings(Section):
    """`[voice]`: what writes down voices; nothing does without `command` or `url`."""

    command: tuple[Word, ...] = ()
    url: Annotated[str, AfterValidator(service_address)] = ""
    model: Word = "whisper-1"
    api_key: SecretStr = SecretStr("")
    api_key_file: AbsolutePath | None = None
    timeout: Time = 120.0


class StopSettings(Section):
    """`[stop]`: the stop ladder's steps."""

    polite: Time = 3.0
    grace: Time = 5.0


class RunSettings(Section):
    """`[runs]`."""

    limit: Annotated[Whole, Field(ge=1)] = 8
    warm: Annotated[Whole, Field(ge=0)] = 4
    idle: Time = 600.0
    strays: Literal["keep", "kill"] = "keep"
    strays_ttl: Time = 43200.0


class RecoverySettings(Section):
    """`[recovery]`: of turns whose run is gone."""

    resume_attempts: Annotated[Whole, Field(ge=0)] = 2
    fresh: Time = 3600.0
    concurrent: Annotated[Whole, Field(ge=1)] = 2


class ShutdownSettings(Section):
    """`[shutdown]`."""

    agents: Literal["keep", "stop"] = "keep"


class DeliverySettings(Section):
    """`[delivery]`. Twenty messages and edits a minute is what Telegram allows in a group."""

    live_interval: Time = 3.0
    rich: Literal["off", "auto"] = "off"
    verbosity: Literal["quiet", "normal", "full"] = "normal"
    drafts: Literal["off", "auto"] = "auto"
    language: str = "en"
    group_per_minute: Annotated[Whole, Field(ge=1, le=20)] = 20


class RetentionSettings(Section):
    """`[retention]`."""

    turns: Time = 90 * 86400.0
    files: Time = 30 * 86400.0


class TopicSettings(Section):
    """`[topics]`: whether the bot names topics that nobody named, and gives them icons."""

    name: Annotated[bool, Strict()] = False
    icon: Annotated[bool, Strict()] = False


class LogSettings(Section):
    """`[log]`. `auto` is `console` where stderr is a terminal, else `json`."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    telegram: TelegramSettings = TelegramSettings()
    access: AccessSettings = AccessSettings()
    state: StateSettings = StateSettings()
    agents: dict[Name, AgentSettings] = {"claude": AgentSettings(protocol="claude")}
    projects: dict[Name, ProjectSettings] = {}
    defaults: DefaultSettings = DefaultSettings()
    worktrees: WorktreeSettings = WorktreeSettings()
    turns: TurnSettings = TurnSettings()
    voice: VoiceSettings = VoiceSettings()
    stop: StopSettings = StopSettings()
    runs: RunSettings = RunSettings()
    recovery: RecoverySettings = RecoverySettings()
    shutdown: ShutdownSettings = ShutdownSettings()
    delivery: DeliverySettings = DeliverySettings()
    retention: RetentionSettings = RetentionSettings()
    topics: TopicSettings = TopicSettings()
    log: LogSettings = LogSettings()

    _source: Path | None = PrivateAttr(default=None)

    @property
    def source(self) -> Path | None:
        """The file that this was read from, if any was."""
        return self._source

    def read_from(self, path: Path | None) -> "Settings":
        """The same, which knows its file."""
        self._source = path
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed: the loader adds the file and the environment that it was given."""
        return (init_settings,)

    @model_validator(mode="before")
    @classmethod
    def _name_is_protocol(cls, given: dict[str, Any]) -> dict[str, Any]:
        """An agent called `claude`, `codex` or `demo` needs no `protocol`."""
        agents = given.get("agents")
        if not isinstance(agents, dict):
            return given
        named = {
            name: {"protocol": name, **agent} if name in _NAMED_AS_THEIR_PROTOCOL and isinstance(agent, dict) else agent
            for name, agent in agents.items()
        }
        return {**given, "agents": named}

    def agent_specs(self) -> dict[str, AgentSpec]:
        """The agents in the words of the domain, by name."""
        return {
            name: AgentSpec(
                name=name,
                protocol=agent.protocol,
                command=agent.command,
                model=agent.model,
                mode=agent.mode,
                env={variable: value.get_secret_value() for variable, value in agent.env.items()},
                pass_env=agent.pass_env,
                serve_files=agent.serve_files,
                session_args=agent.session_args,
                resume_args=agent.resume_args,
            )
            for name, agent in self.agents.items()
        }

    def secrets(self) -> tuple[str, ...]:
        """What no log line and no error may contain."""
        webhook = self.telegram.webhook
        given = [self.telegram.token, self.voice.api_key, *([webhook.secret] if webhook else [])]
        return tuple(secret.get_secret_value() for secret in given if secret.get_secret_value())
