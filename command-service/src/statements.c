#include "statements.h"

#define CLOCK "date_trunc('milliseconds', clock_timestamp())"
#define EVENT_COLUMNS \
    "aggregate_type, aggregate_id, version, event_type, occurred_at, headers, payload"
#define PRODUCT_PAYLOAD                                                                 \
    "format('{\"id\":%s,\"name\":%s,\"category\":%s,\"price\":%s}', id, to_json(name)," \
    "       to_json(category), money_text(price))::json"

static const char create_product[] =
    "WITH created AS ("
    "    INSERT INTO products (name, category, price, occurred_at)"
    "    VALUES ($1::text, $2::text, $3::numeric, " CLOCK ")"
    "    RETURNING id, version, name, category, price, occurred_at"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'product', id, version, 'ProductCreated', occurred_at, $4::json, " PRODUCT_PAYLOAD
    "      FROM created"
    ")"
    "SELECT id, version FROM created";

static const char update_product[] =
    "WITH present AS MATERIALIZED ("
    "    SELECT id, version, name, category, price, occurred_at"
    "      FROM products WHERE id = $1::bigint FOR NO KEY UPDATE"
    "), changed AS ("
    "    UPDATE products p"
    "       SET version = present.version + 1, name = $2::text, category = $3::text,"
    "           price = $4::numeric, occurred_at = greatest(" CLOCK ", present.occurred_at)"
    "      FROM present"
    "     WHERE p.id = present.id"
    "       AND ($5::bigint IS NULL OR present.version = $5::bigint)"
    "       AND (present.name, present.category, present.price)"
    "           IS DISTINCT FROM ($2::text, $3::text, $4::numeric)"
    "    RETURNING p.id, p.version, p.name, p.category, p.price, p.occurred_at"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'product', id, version, 'ProductUpdated', occurred_at, $6::json, " PRODUCT_PAYLOAD
    "      FROM changed"
    ")"
    "SELECT present.version, changed.version FROM present LEFT JOIN changed ON true";

static const char create_order[] =
    "WITH line AS MATERIALIZED ("
    "    SELECT (asked.line - 1)::integer AS line, asked.product_id, asked.quantity,"
    "           CASE WHEN $5::text = 'list' THEN product.price"
    "                ELSE coalesce(asked.price, product.price) END AS price,"
    "           product.price AS list_price, product.occurred_at"
    "      FROM unnest($2::bigint[], $3::integer[], $4::numeric[])"
    "           WITH ORDINALITY AS asked (product_id, quantity, price, line)"
    "      LEFT JOIN products product ON product.id = asked.product_id"
    "), verdict AS MATERIALIZED ("
    "    SELECT string_agg(line::text, ',' ORDER BY line) FILTER (WHERE list_price IS NULL)"
    "               AS unknown_lines,"
    "           min(line) FILTER (WHERE $5::text = 'strict' AND price <> list_price)"
    "               AS changed_line,"
    "           sum(quantity * price) <= $6::numeric AS total_is_fine,"
    "           greatest(" CLOCK ", max(occurred_at)) AS occurred_at"
    "      FROM line"
    "), created AS ("
    "    INSERT INTO orders (customer_id, status, created_at, occurred_at)"
    "    SELECT $1::bigint, 'CREATED', occurred_at, occurred_at"
    "      FROM verdict"
    "     WHERE unknown_lines IS NULL AND changed_line IS NULL AND total_is_fine"
    "    RETURNING id, version, customer_id, status, occurred_at"
    "), item AS ("
    "    INSERT INTO order_items (order_id, line, product_id, quantity, price, list_price)"
    "    SELECT created.id, line.line, line.product_id, line.quantity, line.price, line.list_price"
    "      FROM created, line"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'order', id, version, 'OrderCreated', occurred_at, $7::json,"
    "           format('{\"id\":%s,\"customerId\":%s,\"status\":%s,\"items\":[%s]}', id,"
    "                  customer_id, to_json(status),"
    "                  (SELECT string_agg(format('{\"productId\":%s,\"quantity\":%s,\"price\":%s,"
    "\"listPrice\":%s}', product_id, quantity, money_text(price), money_text(list_price)),"
    "                                     ',' ORDER BY line) FROM line))::json"
    "      FROM created"
    ")"
    "SELECT created.id, created.version, unknown_lines, changed_line,"
    "       (SELECT money_text(list_price) FROM line WHERE line.line = changed_line),"
    "       (SELECT string_agg(money_text(price), ',' ORDER BY line) FROM line)"
    "  FROM verdict LEFT JOIN created ON true";

static const char change_status[] =
    "WITH present AS MATERIALIZED ("
    "    SELECT id, version, customer_id, status, occurred_at"
    "      FROM orders WHERE id = $1::bigint FOR NO KEY UPDATE"
    "), changed AS ("
    "    UPDATE orders o"
    "       SET version = present.version + 1, status = $2::text,"
    "           occurred_at = greatest(" CLOCK ", present.occurred_at)"
    "      FROM present"
    "     WHERE o.id = present.id AND present.status = ANY ($3::text[])"
    "       AND ($4::bigint IS NULL OR present.version = $4::bigint)"
    "    RETURNING o.id, o.version, o.status, o.occurred_at, present.status AS previous"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'order', id, version, 'OrderStatusUpdated', occurred_at, $5::json,"
    "           format('{\"orderId\":%s,\"newStatus\":%s,\"previousStatus\":%s}', id,"
    "                  to_json(status), to_json(previous))::json"
    "      FROM changed"
    ")"
    "SELECT present.customer_id, present.status, present.version, changed.version,"
    "       (SELECT string_agg(product_id || ' ' || quantity || ' ' || money_text(price), ','"
    "                          ORDER BY line) FROM order_items WHERE order_id = present.id)"
    "  FROM present LEFT JOIN changed ON true";

const postgres_statement command_statements[STATEMENT_COUNT] = {
    [STATEMENT_CREATE_PRODUCT] = {"create_product", create_product},
    [STATEMENT_UPDATE_PRODUCT] = {"update_product", update_product},
    [STATEMENT_CREATE_ORDER] = {"create_order", create_order},
    [STATEMENT_CHANGE_STATUS] = {"change_status", change_status},
};
