-- Turns that take up lost ones. `taken_up` says who wanted it, empty for all other turns; `attempts` how often
-- the request was resumed by itself, this turn included; `afresh` that the agent's old session could not be
-- continued, so that the turn has a new one. `owed` is what a turn that is over still needs: if it was lost, the
-- verdict whether it is resumed, or the notice that it is not; if it was stopped, the notice of its stop.

ALTER TABLE turns ADD COLUMN taken_up TEXT NOT NULL DEFAULT '' CHECK (taken_up IN ('', 'itself', 'person'));
ALTER TABLE turns ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);
ALTER TABLE turns ADD COLUMN afresh INTEGER NOT NULL DEFAULT 0 CHECK (afresh IN (0, 1));
ALTER TABLE turns ADD COLUMN owed TEXT NOT NULL DEFAULT '' CHECK (owed IN ('', 'verdict', 'notice', 'stop'));
CREATE INDEX turns_owed ON turns (id) WHERE owed <> '';
