-- What agents ask of people. A request belongs to one run's own request id, so that reading the run's output again
-- finds it; `asked`, `draft` and `decision` are JSON. `rules` of a session (JSON) are what was allowed for the rest
-- of it; `fork` says that it begins as a copy of another session of the agent. What is said into a running turn is
-- stored in `steers`. `files` of a turn (JSON) came with its prompt. A turn that is `by_agent` was begun by the agent itself.

CREATE TABLE requests (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id    INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    run_id     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    chat_id    INTEGER NOT NULL,
    thread_id  INTEGER NOT NULL,
    asked      TEXT    NOT NULL,
    nonce      TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided', 'expired', 'void')),
    draft      TEXT    NOT NULL DEFAULT '{}',
    decision   TEXT    NOT NULL DEFAULT '',
    by_id      INTEGER,
    by_name    TEXT    NOT NULL DEFAULT '',
    asked_at   INTEGER NOT NULL,
    expires_at INTEGER,
    decided_at INTEGER,
    letter_id  INTEGER,
    UNIQUE (run_id, name),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK (state <> 'decided' OR decision <> '')
) STRICT;
CREATE INDEX requests_of_turn ON requests (turn_id);
CREATE INDEX requests_letter ON requests (letter_id) WHERE letter_id IS NOT NULL;

CREATE TABLE steers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id     INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    run_id      TEXT    NOT NULL,
    chat_id     INTEGER NOT NULL,
    message_id  INTEGER,
    sender_id   INTEGER,
    sender_name TEXT    NOT NULL DEFAULT '',
    text        TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'given' CHECK (state IN ('given', 'taken', 'prompt', 'void')),
    at          INTEGER NOT NULL,
    UNIQUE (chat_id, message_id)
) STRICT;
CREATE INDEX steers_of_turn ON steers (turn_id);

ALTER TABLE sessions ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sessions ADD COLUMN fork INTEGER NOT NULL DEFAULT 0 CHECK (fork IN (0, 1));
ALTER TABLE turns ADD COLUMN files TEXT NOT NULL DEFAULT '[]';
ALTER TABLE turns ADD COLUMN by_agent INTEGER NOT NULL DEFAULT 0 CHECK (by_agent IN (0, 1));
