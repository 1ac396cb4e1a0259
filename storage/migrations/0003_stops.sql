-- The last stop of each topic (thread_id -1: of the whole chat), so that what was sent before it and is
-- handled after it does not start by itself.

CREATE TABLE stops (
    chat_id    INTEGER NOT NULL,
    thread_id  INTEGER NOT NULL,
    update_id  INTEGER NOT NULL,
    everything INTEGER NOT NULL CHECK (everything IN (0, 1)),
    at         INTEGER NOT NULL,
    PRIMARY KEY (chat_id, thread_id)
) STRICT;
