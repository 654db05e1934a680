-- Products: what can be ordered. One row an aggregate; version counts its events.

CREATE TABLE products (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     bigint        NOT NULL DEFAULT 1 CHECK (version >= 1),
    name        text          NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    category    text          NOT NULL CHECK (char_length(category) BETWEEN 1 AND 100),
    price       numeric(19,4) NOT NULL CHECK (price >= 0),
    occurred_at timestamptz   NOT NULL -- of the newest event; never goes back
);

-- Money as the service's JSON has it: shortest, plain, at least one digit after the point. Not STRICT,
-- so that the planner can put it in line; null stays null all the same.
CREATE FUNCTION money_text(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN scale(trim_scale(amount)) = 0 THEN trim_scale(amount)::text || '.0'
                ELSE trim_scale(amount)::text END;
