-- Orders and their lines. A line belongs to its order for ever; only the status changes.

CREATE TABLE orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     bigint      NOT NULL DEFAULT 1 CHECK (version >= 1),
    customer_id bigint      NOT NULL CHECK (customer_id >= 1),
    status      text        NOT NULL,
    created_at  timestamptz NOT NULL,
    occurred_at timestamptz NOT NULL -- of the newest event; never goes back
);

CREATE TABLE order_items (
    order_id   bigint        NOT NULL REFERENCES orders,
    line       integer       NOT NULL CHECK (line >= 0), -- place in the order, from 0
    product_id bigint        NOT NULL REFERENCES products,
    quantity   integer       NOT NULL CHECK (quantity >= 1),
    price      numeric(19,4) NOT NULL CHECK (price >= 0), -- agreed, of one piece
    list_price numeric(19,4) NOT NULL CHECK (list_price >= 0),
    PRIMARY KEY (order_id, line)
);
