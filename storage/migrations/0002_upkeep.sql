-- What retention deletes is looked up by those who refer to it: without these each row would cost a scan.

CREATE INDEX turns_parent ON turns (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX turns_resumes ON turns (resumes_id) WHERE resumes_id IS NOT NULL;
CREATE INDEX turns_ended ON turns (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX outbox_edits ON outbox (edits_id) WHERE edits_id IS NOT NULL;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX runs_session ON runs (session_id);
CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX topics_session ON topics (current_session_id) WHERE current_session_id IS NOT NULL;
