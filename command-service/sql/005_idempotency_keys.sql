-- Idempotency keys: what came of a command that may be sent again. A row is written in the transaction
-- of its command. Without a result it only says that the key was seen with a command that was refused,
-- and means nothing; a concurrent command of the same key waits for the row, and then sees the result.

CREATE TABLE idempotency_keys (
    key         text        PRIMARY KEY CHECK (char_length(key) BETWEEN 1 AND 512),
    fingerprint text        NOT NULL, -- SHA-256 of the command, in hexadecimal digits
    result      json,                 -- the row that the statement returned, as an array of texts
    created_at  timestamptz NOT NULL
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Whether the command of a key that was claimed in this transaction is to run.
CREATE FUNCTION has_no_result(asked text) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM idempotency_keys WHERE key = asked AND result IS NULL);
