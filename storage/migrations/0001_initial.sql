-- Everything that topicd must not forget. Times are UTC epoch milliseconds.
-- thread_id 0 stands for the General topic and for chats without topics.

CREATE TABLE inbox (
    update_id   INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    raw         TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'failed')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    error       TEXT,
    handled_at  INTEGER
) STRICT;
CREATE INDEX inbox_new ON inbox (update_id) WHERE state = 'new';
CREATE INDEX inbox_handled ON inbox (handled_at) WHERE state <> 'new';

CREATE TABLE chats (
    chat_id     INTEGER PRIMARY KEY,
    type        TEXT    NOT NULL,
    title       TEXT    NOT NULL DEFAULT '',
    is_forum    INTEGER NOT NULL DEFAULT 0 CHECK (is_forum IN (0, 1)),
    approved_by INTEGER,
    asked_at    INTEGER,
    migrated_to INTEGER
) STRICT;

CREATE TABLE topics (
    chat_id            INTEGER NOT NULL,
    thread_id          INTEGER NOT NULL,
    name               TEXT    NOT NULL DEFAULT '',
    project            TEXT    NOT NULL DEFAULT '',
    agent              TEXT    NOT NULL DEFAULT '',
    model              TEXT    NOT NULL DEFAULT '',
    mode               TEXT    NOT NULL DEFAULT '' CHECK (mode IN ('', 'ask', 'edits', 'plan', 'all')),
    directory          TEXT    NOT NULL DEFAULT '',
    current_session_id INTEGER REFERENCES sessions (id),
    condition          TEXT    NOT NULL DEFAULT 'open' CHECK (condition IN ('open', 'closed', 'gone')),
    PRIMARY KEY (chat_id, thread_id)
) STRICT;

CREATE TABLE sessions (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id        INTEGER NOT NULL,
    thread_id      INTEGER NOT NULL,
    kind           TEXT    NOT NULL DEFAULT 'foreground' CHECK (kind IN ('foreground', 'task')),
    name           TEXT    NOT NULL DEFAULT '',
    agent          TEXT    NOT NULL,
    directory      TEXT    NOT NULL,
    model          TEXT    NOT NULL DEFAULT '',
    mode           TEXT    NOT NULL CHECK (mode IN ('ask', 'edits', 'plan', 'all')),
    cli_session_id TEXT    NOT NULL DEFAULT '',
    begun          INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1)),
    created_at     INTEGER NOT NULL,
    used_at        INTEGER NOT NULL,
    deleted_at     INTEGER
) STRICT;
CREATE INDEX sessions_topic ON sessions (chat_id, thread_id, used_at) WHERE deleted_at IS NULL;

CREATE TABLE runs (
    id         TEXT    PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    state      TEXT    NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'lingering', 'ended', 'lost')),
    agent      TEXT    NOT NULL,
    directory  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX runs_one_live_per_session ON runs (session_id) WHERE state = 'live';

CREATE TABLE turns (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id      INTEGER NOT NULL REFERENCES sessions (id),
    chat_id         INTEGER NOT NULL,
    thread_id       INTEGER NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('foreground', 'task')),
    parent_id       INTEGER REFERENCES turns (id),
    state           TEXT    NOT NULL DEFAULT 'queued' CHECK (state IN
        ('queued', 'starting', 'running', 'waiting', 'stopping', 'done', 'failed', 'stopped', 'timed_out', 'lost')),
    held            INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
    cause           TEXT    NOT NULL DEFAULT '' CHECK (cause IN ('', 'person', 'takeover', 'deadline', 'shutdown')),
    prompt          TEXT    NOT NULL,
    message_id      INTEGER,
    reply_to        INTEGER,
    sender_id       INTEGER,
    sender_name     TEXT    NOT NULL DEFAULT '',
    run_id          TEXT    REFERENCES runs (id),
    resumes_id      INTEGER REFERENCES turns (id),
    created_at      INTEGER NOT NULL,
    started_at      INTEGER,
    ended_at        INTEGER,
    answer          TEXT    NOT NULL DEFAULT '',
    error           TEXT    NOT NULL DEFAULT '',
    live_message_id INTEGER,
    live_open       INTEGER NOT NULL DEFAULT 0 CHECK (live_open IN (0, 1)),
    CHECK ((state IN ('done', 'failed', 'stopped', 'timed_out', 'lost')) = (ended_at IS NOT NULL)),
    CHECK (state <> 'running' OR run_id IS NOT NULL),
    CHECK (held = 0 OR state IN ('queued', 'stopped', 'failed')),
    UNIQUE (chat_id, message_id)
) STRICT;
CREATE UNIQUE INDEX turns_one_active_per_session ON turns (session_id)
    WHERE state IN ('starting', 'running', 'waiting', 'stopping');
CREATE INDEX turns_unfinished ON turns (chat_id, thread_id)
    WHERE state IN ('queued', 'starting', 'running', 'waiting', 'stopping');
CREATE INDEX turns_session ON turns (session_id, id);
CREATE INDEX turns_run ON turns (run_id);
CREATE INDEX turns_live ON turns (chat_id, live_message_id) WHERE live_message_id IS NOT NULL;

CREATE TABLE turn_history (
    turn_id    INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    from_state TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    to_state   TEXT    NOT NULL,
    why        TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX turn_history_turn ON turn_history (turn_id, at);

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL,
    thread_id  INTEGER NOT NULL,
    turn_id    INTEGER REFERENCES turns (id),
    fenced     INTEGER NOT NULL DEFAULT 0 CHECK (fenced IN (0, 1)),
    priority   TEXT    NOT NULL CHECK (priority IN ('urgent', 'answer', 'notice', 'live')),
    body       TEXT    NOT NULL,
    edits_id   INTEGER REFERENCES outbox (id),
    state      TEXT    NOT NULL DEFAULT 'stored' CHECK (state IN
        ('stored', 'sending', 'sent', 'unknown', 'void', 'failed', 'held')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    message_id INTEGER,
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    error      TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_owed ON outbox (chat_id, id) WHERE state IN ('stored', 'sending', 'unknown');
CREATE INDEX outbox_held ON outbox (chat_id, thread_id, id) WHERE state = 'held';
CREATE INDEX outbox_turn ON outbox (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX outbox_message ON outbox (chat_id, message_id) WHERE message_id IS NOT NULL;

CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
