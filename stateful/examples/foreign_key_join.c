/* foreign_key_join.c - two tables meet by a key that stands in the rows of one: each order with the name
 * of the customer it belongs to, right again whenever either side changes.
 *
 *   foreign_key_join runs a few records through the test driver, without any broker
 *
 * An order is "<customer id> <what>". Orders and customers may be partitioned as they like.
 */
#include <stdio.h>
#include <string.h>

#include <stateful/stateful.h>

/* ---- the program ---- */

static sf_status customer_of(void *user, sf_arena *arena, const sf_record *order, sf_record *out,
                             sf_error *err)
{
    const uint8_t *space = memchr(order->value.data, ' ', order->value.size);

    (void)user;
    (void)arena;
    if (!space)
        return sf_reject(err, "an order names its customer and what is ordered");
    out->key = sf_bytes_of(order->value.data, (size_t)(space - order->value.data));
    return SF_OK;
}

static sf_status name_customer(void *user, sf_arena *arena, const sf_record *order, sf_bytes name,
                               sf_bytes *result, sf_error *err)
{
    const char *what = (const char *)memchr(order->value.data, ' ', order->value.size) + 1;
    int size = (int)(order->value.size - (size_t)(what - (const char *)order->value.data));

    (void)user;
    (void)err;
    *result = sf_bytes_text(sf_arena_printf(arena, "%.*s for %.*s", size, what, (int)name.size,
                                            (const char *)name.data));
    return SF_OK;
}

static sf_status named_orders(sf_topology **topology, sf_error *err)
{
    sf_consumed texts = {.key = &sf_string_serde, .value = &sf_string_serde};
    sf_foreign_key customer = {.name = "order-customer", .select = customer_of};
    sf_builder *builder = sf_builder_new();
    sf_table *orders =
        sf_builder_table(builder, "orders", &texts, &(sf_materialized){.name = "orders-kept"});
    sf_table *customers = sf_builder_table(builder, "customers", &texts,
                                           &(sf_materialized){.name = "customers-kept"});
    sf_table *named = sf_table_join_foreign_key(orders, customers, &customer, name_customer, NULL,
                                                &(sf_materialized){.name = "named-orders-kept"});
    sf_status status;

    sf_stream_to(sf_table_to_stream(named), "named-orders");
    status = sf_builder_build(builder, topology, err);
    sf_builder_free(builder);
    return status;
}

/* ---- a few records ---- */

typedef struct input {
    const char *topic;
    const char *key;
    const char *value;
} input;

static const input inputs[] = {
    {"customers", "c1", "Ann"},   {"orders", "o1", "c1 tea"}, {"orders", "o2", "c2 milk"},
    {"orders", "o3", "c1 bread"}, {"customers", "c2", "Bob"}, /* o2 has waited for him */
    {"customers", "c1", "Anna"},                              /* both her orders follow */
    {"orders", "o3", "c2 bread"}, {"orders", "o1", NULL},     /* cancelled */
};

static void print_orders(sf_test_driver *driver)
{
    sf_record record;

    while (sf_test_driver_read(driver, "named-orders", &record))
        printf("%.*s: %.*s\n", (int)record.key.size, (const char *)record.key.data,
               sf_bytes_is_null(record.value) ? 4 : (int)record.value.size,
               sf_bytes_is_null(record.value) ? "gone" : (const char *)record.value.data);
}

static sf_status run(const sf_topology *topology, sf_error *err)
{
    sf_test_driver *driver = NULL;
    sf_status status = sf_test_driver_new(topology, NULL, &driver, err);

    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs) && !status; i++) {
        status = sf_test_driver_pipe_text(driver, inputs[i].topic, inputs[i].key, inputs[i].value,
                                          (int64_t)i, err);
        if (!status)
            print_orders(driver);
    }
    sf_test_driver_free(driver);
    return status;
}

int main(void)
{
    sf_error err = {0};
    sf_topology *topology = NULL;
    sf_status status = named_orders(&topology, &err);

    if (!status)
        status = run(topology, &err);
    if (status)
        fprintf(stderr, "foreign_key_join: %s\n", err.text);
    sf_topology_free(topology);
    return status ? 1 : 0;
}
