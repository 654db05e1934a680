-- Outbox: which events are still to be published. An event itself is never changed any more; what is
-- pending is said by a row here, which names all events of one statement, so that entering and taking off
-- cost a fraction of what a mark at each event did.
--
--   1 position is the id of the row's last event. An event's id is drawn while its aggregate is locked, so
--     whatever follows an event of its aggregate stands in a row of a higher position, or behind it in the
--     same one
--   2 events are ids in rising order, all in one block of 1,024: whether an event is pending is asked of
--     the rows of its block, from its own id on
--   3 events that have been here before are in front of all others, a row a block: their position is the
--     block's last id less 2^62
--   4 an event that can never be published as it is goes to outbox_stopped, with the reason, and whatever
--     follows it of its aggregate goes there without one, until the first is tried again

LOCK TABLE events IN ACCESS EXCLUSIVE MODE; -- an instance of the version before may be writing

-- The rows are short-lived: they are cleared away by the number of dead ones, whatever the table's size.
CREATE TABLE outbox (
    position bigint   PRIMARY KEY,
    events   bigint[] NOT NULL CHECK (cardinality(events) > 0)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE outbox_stopped (
    id             bigint PRIMARY KEY REFERENCES events,
    aggregate_type text   NOT NULL,
    aggregate_id   bigint NOT NULL,
    failure        text   -- null: it waits behind one that has a reason
);
CREATE INDEX outbox_stopped_aggregate ON outbox_stopped (aggregate_type, aggregate_id, id);

-- Where events went, a row for all that the relay noted at once. What was published twice is here twice.
CREATE TABLE publications (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    events       bigint[]    NOT NULL, -- the same length, all three
    partitions   integer[]   NOT NULL,
    offsets      bigint[]    NOT NULL
);
-- Compressing them took ten times as long as writing them.
ALTER TABLE publications ALTER COLUMN events SET STORAGE EXTERNAL,
    ALTER COLUMN partitions SET STORAGE EXTERNAL, ALTER COLUMN offsets SET STORAGE EXTERNAL;

INSERT INTO outbox_stopped
SELECT id, aggregate_type, aggregate_id, coalesce(failure, 'nobody knows') FROM events WHERE state = 'failed';

INSERT INTO outbox
SELECT max(id), array_agg(id ORDER BY id) FROM events WHERE state = 'pending' GROUP BY id >> 10;

INSERT INTO publications (published_at, events, partitions, offsets)
SELECT max(published_at), array_agg(id ORDER BY id), array_agg(kafka_partition ORDER BY id),
       array_agg(kafka_offset ORDER BY id)
  FROM events WHERE state = 'published' AND kafka_offset IS NOT NULL GROUP BY id >> 10 ORDER BY id >> 10;

DROP INDEX events_pending, events_failed;
ALTER TABLE events DROP COLUMN state, DROP COLUMN published_at, DROP COLUMN kafka_partition,
    DROP COLUMN kafka_offset, DROP COLUMN failure;

-- Whoever writes an event enters it: nobody can forget it, an instance of the version before included.
CREATE FUNCTION enter_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (position, events)
    SELECT max(id), array_agg(id ORDER BY id) FROM added GROUP BY id >> 10;
    RETURN NULL;
END $$;
CREATE TRIGGER enter AFTER INSERT ON events
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enter_events();

-- Enters events that have been here before.
CREATE FUNCTION enter_again(ids bigint[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO outbox AS present (position, events)
    SELECT (id | 1023) - (1::bigint << 62), array_agg(id ORDER BY id) FROM unnest(ids) AS id GROUP BY 1
    ON CONFLICT (position) DO UPDATE
       SET events = (SELECT array_agg(DISTINCT id ORDER BY id)
                       FROM unnest(present.events || excluded.events) AS id);
END;

-- For people: how each event stands.
CREATE VIEW event_states AS
SELECT e.id, e.aggregate_type, e.aggregate_id, e.version, e.event_type, e.occurred_at,
       CASE WHEN stopped.failure IS NOT NULL THEN 'failed'
            WHEN stopped.id IS NOT NULL OR pending.id IS NOT NULL THEN 'pending'
            ELSE 'published' END AS state,
       stopped.failure
  FROM events e
  LEFT JOIN outbox_stopped stopped ON stopped.id = e.id
  LEFT JOIN (SELECT DISTINCT unnest(events) AS id FROM outbox) pending ON pending.id = e.id;

CREATE VIEW event_publications AS
SELECT place.id, published_at, place.kafka_partition, place.kafka_offset
  FROM publications,
       unnest(events, partitions, offsets) AS place (id, kafka_partition, kafka_offset);
