-- How much time each turn at work has left, so that a restart changes nothing of it. Gone with the turn's end.

CREATE TABLE deadlines (
    turn_id       INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    total_at      INTEGER NOT NULL,
    silence_at    INTEGER NOT NULL,
    extensions    INTEGER NOT NULL DEFAULT 0,
    warned        INTEGER NOT NULL DEFAULT 0,
    warned_end    INTEGER,
    waiting_since INTEGER,
    letter_id     INTEGER REFERENCES outbox (id) ON DELETE SET NULL,
    letter_open   INTEGER NOT NULL DEFAULT 0 CHECK (letter_open IN (0, 1))
) STRICT;
CREATE INDEX deadlines_letter ON deadlines (letter_id) WHERE letter_id IS NOT NULL;
