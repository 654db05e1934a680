#include "rebuild.h"

#include "base/memory.h"

/* The order is that of the commands: aggregates before events. */
static const char begin[] =
    "BEGIN;"
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s';"
    "LOCK TABLE products, customers, orders, order_items, events IN ACCESS EXCLUSIVE MODE";

static const char find_gap[] =
    "SELECT aggregate_type, aggregate_id, count(*), max(version) FROM events"
    " GROUP BY aggregate_type, aggregate_id HAVING count(*) <> max(version) OR min(version) <> 1"
    " ORDER BY 1, 2 LIMIT 1";

static const char find_unknown[] =
    "SELECT id, event_type, schema FROM events"
    " WHERE schema <> 1 OR (aggregate_type, event_type) NOT IN"
    "       (('product', 'ProductCreated'), ('product', 'ProductUpdated'),"
    "        ('customer', 'CustomerCreated'), ('customer', 'CustomerUpdated'),"
    "        ('order', 'OrderCreated'), ('order', 'OrderStatusUpdated'))"
    " ORDER BY id LIMIT 1";

static const char set_aside[] =
    "CREATE TEMP TABLE old_products ON COMMIT DROP AS TABLE products;"
    "CREATE TEMP TABLE old_customers ON COMMIT DROP AS TABLE customers;"
    "CREATE TEMP TABLE old_orders ON COMMIT DROP AS TABLE orders;"
    "CREATE TEMP TABLE old_order_items ON COMMIT DROP AS TABLE order_items;"
    "TRUNCATE products, customers, orders, order_items";

static const char make_anew[] =
    "INSERT INTO products (id, version, name, category, price, occurred_at)"
    " OVERRIDING SYSTEM VALUE"
    " SELECT DISTINCT ON (aggregate_id) aggregate_id, version, payload->>'name',"
    "        payload->>'category', (payload->>'price')::numeric, occurred_at"
    "   FROM events WHERE aggregate_type = 'product' ORDER BY aggregate_id, version DESC;"

    "INSERT INTO customers (id, version, name, email, occurred_at)"
    " SELECT DISTINCT ON (aggregate_id) aggregate_id, version, payload->>'name',"
    "        payload->>'email', occurred_at"
    "   FROM events WHERE aggregate_type = 'customer' ORDER BY aggregate_id, version DESC;"

    "INSERT INTO orders (id, version, customer_id, status, created_at, occurred_at)"
    " OVERRIDING SYSTEM VALUE"
    " SELECT aggregate_id, last.version, (first.payload->>'customerId')::bigint,"
    "        coalesce(last.payload->>'newStatus', last.payload->>'status'),"
    "        first.occurred_at, last.occurred_at"
    "   FROM (SELECT aggregate_id, payload, occurred_at"
    "           FROM events WHERE aggregate_type = 'order' AND version = 1) first"
    "   JOIN (SELECT DISTINCT ON (aggregate_id) aggregate_id, version, payload, occurred_at"
    "           FROM events WHERE aggregate_type = 'order'"
    "          ORDER BY aggregate_id, version DESC) last USING (aggregate_id);"

    "INSERT INTO order_items (order_id, line, product_id, quantity, price, list_price)"
    " SELECT aggregate_id, number - 1, (line->>'productId')::bigint, (line->>'quantity')::integer,"
    "        (line->>'price')::numeric, (line->>'listPrice')::numeric"
    "   FROM events, json_array_elements(payload->'items') WITH ORDINALITY AS item (line, number)"
    "  WHERE aggregate_type = 'order' AND version = 1";

static const char find_torn_line[] =
    "SELECT order_id, product_id FROM order_items"
    " WHERE NOT EXISTS (SELECT FROM products WHERE id = product_id) ORDER BY 1, 2 LIMIT 1";

/* Ids that were drawn stay drawn; those of customers that clients chose are passed over anyway. */
static const char move_sequences[] = "SELECT setval('products_id_seq', max(id)) FROM products"
                                     " HAVING max(id) > (SELECT last_value FROM products_id_seq);"
                                     "SELECT setval('orders_id_seq', max(id)) FROM orders"
                                     " HAVING max(id) > (SELECT last_value FROM orders_id_seq)";

#define DIFFERENCE(table)                                                        \
    "(SELECT count(*) FROM (TABLE " table " EXCEPT TABLE old_" table ") made) +" \
    "(SELECT count(*) FROM (TABLE old_" table " EXCEPT TABLE " table ") gone)"

static const char count_all[] =
    "SELECT (SELECT count(*) FROM events),"
    "       (SELECT count(*) FROM products) + (SELECT count(*) FROM customers) +"
    "       (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_items),"
    "       " DIFFERENCE("products") "+" DIFFERENCE("customers") "+" DIFFERENCE(
        "orders") "+" DIFFERENCE("order_items");

static sf_status refuse_gap(postgres *connection, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = postgres_script(connection, find_gap, &rows, err);

    if (!status && postgres_rows_count(rows))
        status = sf_fail(err, SF_INVALID,
                         "events of %s/%s are missing: there are %s of %s; nothing was changed",
                         postgres_text(rows, 0, 0), postgres_text(rows, 0, 1),
                         postgres_text(rows, 0, 2), postgres_text(rows, 0, 3));
    postgres_rows_free(rows);
    return status;
}

static sf_status refuse_unknown(postgres *connection, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = postgres_script(connection, find_unknown, &rows, err);

    if (!status && postgres_rows_count(rows))
        status = sf_fail(err, SF_INVALID,
                         "event %s is a '%s' of schema %s, which this version of command-service "
                         "does not know; nothing was changed",
                         postgres_text(rows, 0, 0), postgres_text(rows, 0, 1),
                         postgres_text(rows, 0, 2));
    postgres_rows_free(rows);
    return status;
}

static sf_status refuse_torn_line(postgres *connection, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = postgres_script(connection, find_torn_line, &rows, err);

    if (!status && postgres_rows_count(rows))
        status = sf_fail(err, SF_INVALID,
                         "order %s names product %s, of which there is no event; nothing was "
                         "changed",
                         postgres_text(rows, 0, 0), postgres_text(rows, 0, 1));
    postgres_rows_free(rows);
    return status;
}

static sf_status count(postgres *connection, rebuild_report *report, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = postgres_script(connection, count_all, &rows, err);

    if (!status)
        *report = (rebuild_report){
            .events = postgres_int64(rows, 0, 0),
            .rows = postgres_int64(rows, 0, 1),
            .differing = postgres_int64(rows, 0, 2),
        };
    postgres_rows_free(rows);
    return status;
}

static sf_status rebuild_locked(postgres *connection, rebuild_report *report, sf_error *err)
{
    static const char *const steps[] = {set_aside, make_anew, move_sequences};
    sf_status status = refuse_gap(connection, err);

    if (!status)
        status = refuse_unknown(connection, err);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(steps) && !status; i++)
        status = postgres_script(connection, steps[i], NULL, err);
    if (!status)
        status = refuse_torn_line(connection, err);
    if (!status)
        status = count(connection, report, err);
    return status;
}

sf_status rebuild(postgres *connection, bool is_trial, rebuild_report *report, sf_error *err)
{
    rebuild_report made = {0};
    sf_status status = postgres_script(connection, begin, NULL, err);

    if (!status)
        status = rebuild_locked(connection, &made, err);
    if (status || is_trial)
        /* A lost connection did it already. */
        (void)postgres_script(connection, "ROLLBACK", NULL, NULL);
    else
        status = postgres_script(connection, "COMMIT", NULL, err);
    if (!status)
        *report = made;
    return status;
}
