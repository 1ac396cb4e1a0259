-- What conversations on Telegram need beside turns: each part says below what it is for.

-- What the bot may do in a chat, as it was last told or asked for: `standing` is empty where nobody looked yet,
-- `missing` names the rights that it lacks there (words, with a space between). `introduced_by` is who added it.
ALTER TABLE chats ADD COLUMN standing TEXT NOT NULL DEFAULT '' CHECK (standing IN ('', 'in', 'out'));
ALTER TABLE chats ADD COLUMN missing TEXT NOT NULL DEFAULT '';
ALTER TABLE chats ADD COLUMN introduced_by TEXT NOT NULL DEFAULT '';
CREATE INDEX chats_undecided ON chats (asked_at) WHERE asked_at IS NOT NULL AND approved_by IS NULL;

-- Topics whose name nobody chose may be named after their first prompt, once: `implicit` says that nobody chose it,
-- `titled` that the bot has tried.
ALTER TABLE topics ADD COLUMN implicit INTEGER NOT NULL DEFAULT 0 CHECK (implicit IN (0, 1));
ALTER TABLE topics ADD COLUMN titled INTEGER NOT NULL DEFAULT 0 CHECK (titled IN (0, 1));

-- Whether more people than its author had asked in a turn's topic when it was stored: then it is said who asked.
ALTER TABLE turns ADD COLUMN several INTEGER NOT NULL DEFAULT 0 CHECK (several IN (0, 1));
CREATE INDEX turns_people ON turns (chat_id, thread_id, sender_id) WHERE sender_id IS NOT NULL;

-- How much a topic's live messages show, and what becomes of a prompt that comes while one works there; empty: as
-- it is configured.
ALTER TABLE topics ADD COLUMN verbosity TEXT NOT NULL DEFAULT '' CHECK (verbosity IN ('', 'quiet', 'normal', 'full'));
ALTER TABLE topics ADD COLUMN when_busy TEXT NOT NULL DEFAULT ''
    CHECK (when_busy IN ('', 'queue', 'steer', 'interrupt'));

-- Where topics work. `offer` of a topic says whether projects and directories were offered to it, and whether its first
-- prompts wait for an answer to that. `places` are directories that buttons name by their number. A topic's `worktrees`
-- are checkouts of their own that the bot made: `base` is the commit and `base_branch` the branch they were made from,
-- `source` where the topic worked before, `came_from` what had been chosen for it there.
ALTER TABLE topics ADD COLUMN offer TEXT NOT NULL DEFAULT '' CHECK (offer IN ('', 'made', 'asks', 'answered'));
CREATE TABLE places (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    path     TEXT    NOT NULL UNIQUE,
    shown_at INTEGER NOT NULL
) STRICT;
CREATE INDEX places_shown ON places (shown_at);
CREATE TABLE worktrees (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id     INTEGER NOT NULL,
    thread_id   INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'there', 'gone')),
    repository  TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    directory   TEXT    NOT NULL,
    branch      TEXT    NOT NULL,
    made_branch INTEGER NOT NULL CHECK (made_branch IN (0, 1)),
    base        TEXT    NOT NULL,
    base_branch TEXT    NOT NULL,
    project     TEXT    NOT NULL DEFAULT '',
    came_from   TEXT    NOT NULL DEFAULT '',
    made_at     INTEGER NOT NULL,
    gone_at     INTEGER,
    CHECK ((state = 'gone') = (gone_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX worktrees_path ON worktrees (path) WHERE state <> 'gone';
CREATE INDEX worktrees_topic ON worktrees (chat_id, thread_id) WHERE state <> 'gone';

-- The messages that became one prompt, in order: `head` is what was put before a message's own `text` for the agent
-- (whom it answers, who wrote it first). A prompt that is one message with no head has no rows here. `prompt_edits`
-- are texts of prompts that were changed after they began: offered to run again, once each.
CREATE TABLE prompt_parts (
    turn_id    INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    nth        INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    message_id INTEGER,
    head       TEXT    NOT NULL DEFAULT '',
    text       TEXT    NOT NULL,
    goes_on    INTEGER NOT NULL DEFAULT 0 CHECK (goes_on IN (0, 1)),
    PRIMARY KEY (turn_id, nth),
    UNIQUE (chat_id, message_id)
) STRICT;
CREATE TABLE prompt_edits (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    prompt  TEXT    NOT NULL,
    state   TEXT    NOT NULL DEFAULT 'offered' CHECK (state IN ('offered', 'run')),
    at      INTEGER NOT NULL
) STRICT;

-- Chats in which Telegram asked for silence (429), and until when (UTC epoch milliseconds): a restart does not end it.
CREATE TABLE chat_silences (
    chat_id INTEGER PRIMARY KEY,
    until INTEGER NOT NULL CHECK (until > 0)
) STRICT;

-- Menus. `position` is the place of a waiting prompt among those of its topic where that is not its own id: prompts
-- are moved by dealing out the same positions anew. An `unlisted` task was deleted from the list of tasks. What is
-- answered to a message of `menu_replies` is said to the page of a menu that the message shows. `usage` is what each
-- turn that its agent had has used, NULL where that was not told.
ALTER TABLE turns ADD COLUMN position INTEGER;
ALTER TABLE turns ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0 CHECK (unlisted IN (0, 1));
CREATE TABLE menu_replies (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    area       TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) STRICT;
CREATE INDEX menu_replies_at ON menu_replies (at);
CREATE TABLE usage (
    turn_id       INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    chat_id       INTEGER NOT NULL,
    thread_id     INTEGER NOT NULL,
    agent         TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    input_tokens  INTEGER,
    output_tokens INTEGER,
    cost_usd      REAL
) STRICT;
CREATE INDEX usage_chat ON usage (chat_id, at);

-- The models that a menu offers: those that people chose by name, and those that an agent told of, whose `place` is in
-- its own order.
CREATE TABLE models (
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    about TEXT NOT NULL DEFAULT '',
    place INTEGER,
    used_at INTEGER,
    PRIMARY KEY (agent, model)
) STRICT;

-- A rich message that Telegram refused becomes several letters: they are sent where the first one stood in its topic,
-- which `follows_id` names.
ALTER TABLE outbox ADD COLUMN follows_id INTEGER;
