#include "statements.h"

#include "pending.h"

#define CLOCK "date_trunc('milliseconds', clock_timestamp())"
#define EVENT_COLUMNS \
    "aggregate_type, aggregate_id, version, event_type, occurred_at, headers, payload"

#define PRODUCT_PAYLOAD                                                                 \
    "format('{\"id\":%s,\"name\":%s,\"category\":%s,\"price\":%s}', id, to_json(name)," \
    "       to_json(category), money_text(price))::json"
#define CUSTOMER_PAYLOAD                                                        \
    "format('{\"id\":%s,\"name\":%s%s}', id, to_json(name),                   " \
    "       ',\"email\":' || to_json(email))::json"

/* A row that is there already is given back as it is, once a rival that has it is done; it is taken over
 * when it has no result, or is older than results are kept. */
#define IS_FREE \
    "(kept.result IS NULL OR kept.created_at < excluded.created_at - ($3::text[])[1]::interval)"

static const char claim_key[] =
    "INSERT INTO idempotency_keys AS kept (key, fingerprint, created_at)"
    " SELECT key, fingerprint, clock_timestamp()"
    "   FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (key, fingerprint, number)"
    "  ORDER BY number"
    " ON CONFLICT (key) DO UPDATE SET"
    "    fingerprint = CASE WHEN " IS_FREE " THEN excluded.fingerprint ELSE kept.fingerprint END,"
    "    result = CASE WHEN " IS_FREE " THEN NULL ELSE kept.result END,"
    "    created_at = CASE WHEN " IS_FREE " THEN excluded.created_at ELSE kept.created_at END"
    " RETURNING fingerprint, result";

static const char create_product[] =
    "WITH created AS ("
    "    INSERT INTO products (name, category, price, occurred_at)"
    "    SELECT $1::text, $2::text, $3::numeric, " CLOCK
    "     WHERE $5::text IS NULL OR has_no_result($5::text)"
    "    RETURNING id, version, name, category, price, occurred_at"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'product', id, version, 'ProductCreated', occurred_at, $4::json, " PRODUCT_PAYLOAD
    "      FROM created"
    "), settled AS ("
    "    UPDATE idempotency_keys SET result = json_build_array(id::text, version::text)"
    "      FROM created WHERE key = $5::text"
    ")"
    "SELECT id, version FROM created";

static const char update_product[] =
    "WITH present AS MATERIALIZED ("
    "    SELECT id, version, name, category, price, occurred_at"
    "      FROM products"
    "     WHERE id = $1::bigint AND ($7::text IS NULL OR has_no_result($7::text))"
    "       FOR NO KEY UPDATE"
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
    "), settled AS ("
    "    UPDATE idempotency_keys"
    "       SET result = json_build_array(present.version::text, changed.version::text)"
    "      FROM present LEFT JOIN changed ON true"
    "     WHERE key = $7::text AND ($5::bigint IS NULL OR present.version = $5::bigint)"
    ")"
    "SELECT present.version, changed.version FROM present LEFT JOIN changed ON true";

static const char create_customer[] =
    "WITH asked AS MATERIALIZED ("
    "    SELECT coalesce($1::bigint, next_customer_id()) AS id"
    "     WHERE $5::text IS NULL OR has_no_result($5::text)"
    "), created AS ("
    "    INSERT INTO customers (id, name, email, occurred_at)"
    "    SELECT id, $2::text, $3::text, " CLOCK " FROM asked"
    "    ON CONFLICT (id) DO NOTHING"
    "    RETURNING id, version, name, email, occurred_at"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'customer', id, version, 'CustomerCreated', occurred_at, $4::json,"
    "           " CUSTOMER_PAYLOAD "      FROM created"
    "), settled AS ("
    "    UPDATE idempotency_keys SET result = json_build_array(id::text, version::text)"
    "      FROM created WHERE key = $5::text"
    ")"
    "SELECT id, version FROM created";

static const char update_customer[] =
    "WITH present AS MATERIALIZED ("
    "    SELECT id, version, name, email, occurred_at"
    "      FROM customers"
    "     WHERE id = $1::bigint AND ($6::text IS NULL OR has_no_result($6::text))"
    "       FOR NO KEY UPDATE"
    "), changed AS ("
    "    UPDATE customers c"
    "       SET version = present.version + 1, name = $2::text, email = $3::text,"
    "           occurred_at = greatest(" CLOCK ", present.occurred_at)"
    "      FROM present"
    "     WHERE c.id = present.id"
    "       AND ($4::bigint IS NULL OR present.version = $4::bigint)"
    "       AND (present.name, present.email) IS DISTINCT FROM ($2::text, $3::text)"
    "    RETURNING c.id, c.version, c.name, c.email, c.occurred_at"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'customer', id, version, 'CustomerUpdated', occurred_at, $5::json,"
    "           " CUSTOMER_PAYLOAD "      FROM changed"
    "), settled AS ("
    "    UPDATE idempotency_keys"
    "       SET result = json_build_array(present.version::text, changed.version::text)"
    "      FROM present LEFT JOIN changed ON true"
    "     WHERE key = $6::text AND ($4::bigint IS NULL OR present.version = $4::bigint)"
    ")"
    "SELECT present.version, changed.version FROM present LEFT JOIN changed ON true";

/* Each order is judged by the subquery at its lines, and gets an id if it is accepted; everything else
 * follows from that one table. */
static const char create_order[] =
    "WITH judged AS MATERIALIZED ("
    "    SELECT asked.*, verdict.*,"
    "           customer_policy = 'open'"
    "               OR coalesce((SELECT true FROM customers WHERE id = customer_id::bigint), false)"
    "               AS customer_will_do"
    "      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],"
    "                  $7::text[], $8::text[], $9::text[]) WITH ORDINALITY"
    "           AS asked (customer_id, product_ids, quantities, asked_prices, policy, "
    "largest_total,"
    "                     customer_policy, headers, key, number)"
    "     CROSS JOIN LATERAL ("
    "          SELECT string_agg(line::text, ',') FILTER (WHERE list_price IS NULL)"
    "                     AS unknown_lines,"
    "                 min(line) FILTER (WHERE policy = 'strict' AND price <> list_price)"
    "                     AS changed_line,"
    "                 sum(quantity * price) <= largest_total::numeric AS total_is_fine,"
    "                 greatest(" CLOCK ", max(occurred_at)) AS occurred_at,"
    "                 array_agg(price) AS prices, array_agg(list_price) AS list_prices,"
    "                 string_agg(money_text(price), ',') AS all_prices,"
    "                 string_agg(format('{\"productId\":%s,\"quantity\":%s,\"price\":%s,"
    "\"listPrice\":%s}', product_id, quantity, money_text(price), money_text(list_price)), ',')"
    "                     AS items"
    "            FROM (SELECT (item.line - 1)::integer AS line, item.product_id, item.quantity,"
    "                         CASE WHEN policy = 'list' THEN product.price"
    "                              ELSE coalesce(item.price, product.price) END AS price,"
    "                         product.price AS list_price, product.occurred_at"
    "                    FROM unnest(product_ids::bigint[], quantities::integer[],"
    "                                asked_prices::numeric[])"
    "                         WITH ORDINALITY AS item (product_id, quantity, price, line)"
    "                    LEFT JOIN LATERAL (SELECT price, occurred_at FROM products"
    "                                        WHERE id = item.product_id LIMIT 1) product ON true"
    "                   ORDER BY item.line) line"
    "     ) verdict"
    "), decided AS MATERIALIZED ("
    "    SELECT judged.*,"
    "           CASE WHEN unknown_lines IS NULL AND changed_line IS NULL AND total_is_fine"
    "                     AND customer_will_do AND (key IS NULL OR has_no_result(key))"
    "                THEN nextval('orders_id_seq') END AS id"
    "      FROM judged"
    "), created AS ("
    "    INSERT INTO orders (id, customer_id, status, created_at, occurred_at)"
    "    OVERRIDING SYSTEM VALUE"
    "    SELECT id, customer_id::bigint, 'CREATED', occurred_at, occurred_at"
    "      FROM decided WHERE id IS NOT NULL"
    "), item AS ("
    "    INSERT INTO order_items (order_id, line, product_id, quantity, price, list_price)"
    "    SELECT id, line - 1, item.product_id, item.quantity, item.price, item.list_price"
    "      FROM decided, unnest(product_ids::bigint[], quantities::integer[], prices, list_prices)"
    "           WITH ORDINALITY AS item (product_id, quantity, price, list_price, line)"
    "     WHERE id IS NOT NULL"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'order', id, 1, 'OrderCreated', occurred_at, headers::json,"
    "           format('{\"id\":%s,\"customerId\":%s,\"status\":\"CREATED\",\"items\":[%s]}', id,"
    "                  customer_id, items)::json"
    "      FROM decided WHERE id IS NOT NULL"
    "), settled AS ("
    "    UPDATE idempotency_keys SET result ="
    "           json_build_array(id::text, '1', NULL, NULL, NULL, all_prices, 't')"
    "      FROM decided WHERE idempotency_keys.key = decided.key AND id IS NOT NULL"
    ")"
    "SELECT id, 1, unknown_lines, changed_line, money_text(list_prices[changed_line + 1]),"
    "       all_prices, customer_will_do"
    "  FROM decided ORDER BY number";

static const char change_status[] =
    "WITH present AS MATERIALIZED ("
    "    SELECT id, version, customer_id, status, occurred_at"
    "      FROM orders"
    "     WHERE id = $1::bigint AND ($6::text IS NULL OR has_no_result($6::text))"
    "       FOR NO KEY UPDATE"
    "), changed AS ("
    "    UPDATE orders o"
    "       SET version = present.version + 1, status = $2::text,"
    "           occurred_at = greatest(" CLOCK ", present.occurred_at)"
    "      FROM present"
    "     WHERE o.id = present.id AND present.status = ANY ($4::text[])"
    "       AND ($3::bigint IS NULL OR present.version = $3::bigint)"
    "    RETURNING o.id, o.version, o.status, o.occurred_at, present.status AS previous"
    "), event AS ("
    "    INSERT INTO events (" EVENT_COLUMNS ")"
    "    SELECT 'order', id, version, 'OrderStatusUpdated', occurred_at, $5::json,"
    "           format('{\"orderId\":%s,\"newStatus\":%s,\"previousStatus\":%s}', id,"
    "                  to_json(status), to_json(previous))::json"
    "      FROM changed"
    "), lines AS MATERIALIZED ("
    "    SELECT string_agg(product_id || ' ' || quantity || ' ' || money_text(price), ','"
    "                      ORDER BY line) AS all_lines"
    "      FROM order_items WHERE order_id = (SELECT id FROM present)"
    "), settled AS ("
    "    UPDATE idempotency_keys"
    "       SET result = json_build_array(present.customer_id::text, present.status,"
    "                                     present.version::text, changed.version::text, all_lines)"
    "      FROM lines, present LEFT JOIN changed ON true"
    "     WHERE key = $6::text AND ($3::bigint IS NULL OR present.version = $3::bigint)"
    "       AND (changed.version IS NOT NULL OR present.status = $2::text)"
    ")"
    "SELECT present.customer_id, present.status, present.version, changed.version, all_lines"
    "  FROM lines, present LEFT JOIN changed ON true";

static const char read_order_events[] =
    "SELECT event_id, event_type, version, schema,"
    "       (extract(epoch FROM occurred_at) * 1000)::bigint, payload, NOT " EVENT_IS_PENDING(
        "events.id") "  FROM events WHERE aggregate_type = 'order' AND aggregate_id = $1::bigint"
                     " ORDER BY version";

const postgres_statement command_statements[STATEMENT_COUNT] = {
    [STATEMENT_CLAIM_KEY] = {.name = "claim_key", .sql = claim_key, .takes_many = true},
    [STATEMENT_CREATE_PRODUCT] = {.name = "create_product", .sql = create_product},
    [STATEMENT_UPDATE_PRODUCT] = {.name = "update_product", .sql = update_product},
    [STATEMENT_CREATE_CUSTOMER] = {.name = "create_customer", .sql = create_customer},
    [STATEMENT_UPDATE_CUSTOMER] = {.name = "update_customer", .sql = update_customer},
    [STATEMENT_CREATE_ORDER] = {.name = "create_order", .sql = create_order, .takes_many = true},
    [STATEMENT_CHANGE_STATUS] = {.name = "change_status", .sql = change_status},
    [STATEMENT_READ_ORDER_EVENTS] = {.name = "read_order_events", .sql = read_order_events},
};
