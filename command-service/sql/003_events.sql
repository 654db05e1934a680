-- Events: outbox and event log in one. A row is written in the statement that changes the aggregate
-- and is never changed afterwards, but for what the relay notes about its publication.
--
-- Ids of one aggregate rise in commit order (they are drawn while its row is locked); over all
-- aggregates they do not, so the relay looks for unpublished rows, never for "id > last".

CREATE TABLE events (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id        uuid        NOT NULL DEFAULT gen_random_uuid(),
    aggregate_type  text        NOT NULL,
    aggregate_id    bigint      NOT NULL,
    version         bigint      NOT NULL,
    event_type      text        NOT NULL,
    schema          integer     NOT NULL DEFAULT 1, -- of the payload
    payload         json        NOT NULL,           -- published as it stands
    headers         json,                           -- flat object of texts: traceparent, correlationid, …
    occurred_at     timestamptz NOT NULL,
    state           text        NOT NULL DEFAULT 'pending'
                                CHECK (state IN ('pending', 'published', 'failed')),
    published_at    timestamptz,
    kafka_partition integer,
    kafka_offset    bigint,
    failure         text, -- why it can never be published as it is
    UNIQUE (aggregate_type, aggregate_id, version)
);

CREATE INDEX events_pending ON events (id) WHERE state = 'pending';
CREATE INDEX events_failed ON events (aggregate_type, aggregate_id) WHERE state = 'failed';
