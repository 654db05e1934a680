/* subject_foreign_key.c - orders with the customers they name (KIP-213): through two topics there and back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simulation/subject_parts.h"
#include "simulation/subjects.h"

static const sf_simulation_topic TOPICS[] = {
    {"orders", 3, SF_SIMULATION_INPUT},
    {"customers", 2, SF_SIMULATION_INPUT},
};
static const char *const STORES[] = {"orders-rows", "customers-rows", "joined"};

enum { CUSTOMERS = 4 };

/* An order's value is the customer's key, a colon, and a number. */
static sf_status customer_of(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err)
{
    const uint8_t *end = memchr(in->value.data, ':', in->value.size);

    (void)user;
    (void)arena;
    (void)err;
    out->key = sf_bytes_of(in->value.data, (size_t)(end - in->value.data));
    return SF_OK;
}

static sf_topology *topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_table *orders = sf_builder_table(builder, "orders", &subject_texts,
                                        &(sf_materialized){.name = "orders-rows"});
    sf_table *customers = sf_builder_table(builder, "customers", &subject_texts,
                                           &(sf_materialized){.name = "customers-rows"});

    (void)sf_table_join_foreign_key(
        orders, customers, &(sf_foreign_key){.name = "of-customer", .select = customer_of},
        subject_pair, NULL, &(sf_materialized){.name = "joined", .value = &sf_string_serde});
    return subject_build(builder);
}

static void generate(void *user, sf_simulation_random *random, sf_arena *arena,
                     sf_simulation_input *input)
{
    int customer = (int)sf_simulation_random_below(random, CUSTOMERS);
    int number = (int)sf_simulation_random_below(random, 100000);
    bool is_order = sf_simulation_random_below(random, 3) > 0;
    bool is_deletion = sf_simulation_random_below(random, 5) == 0;

    (void)user;
    input->topic = is_order ? "orders" : "customers";
    input->record.key = is_order ? subject_draw_key(random, arena)
                                 : sf_bytes_text(sf_arena_printf(arena, "c%d", customer));
    if (is_deletion)
        return;
    input->record.value =
        sf_bytes_text(is_order ? sf_arena_printf(arena, "c%d:%d", customer, number)
                               : sf_arena_printf(arena, "n%d", number));
}

static void expect_order(sf_simulation_outcome *outcome, const char *key)
{
    const sf_record *order = subject_last_of(outcome, "orders", sf_bytes_text(key));
    const sf_record *customer;
    char name[8];
    char both[96];

    if (!order)
        return;
    sf_simulation_expect_row(outcome, "orders-rows", sf_bytes_text(key), order->value);
    snprintf(name, sizeof(name), "%.2s", (const char *)order->value.data);
    customer = subject_last_of(outcome, "customers", sf_bytes_text(name));
    if (!customer)
        return;
    snprintf(both, sizeof(both), "%.*s|%.*s", TEXT(order->value), TEXT(customer->value));
    sf_simulation_expect_row(outcome, "joined", sf_bytes_text(key), sf_bytes_text(both));
}

static sf_status model(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int c = 0; c < CUSTOMERS; c++) {
        const char key[] = {'c', (char)('0' + c), 0};
        const sf_record *customer = subject_last_of(outcome, "customers", sf_bytes_text(key));

        if (customer)
            sf_simulation_expect_row(outcome, "customers-rows", sf_bytes_text(key),
                                     customer->value);
    }
    for (int k = 0; k < SUBJECT_KEYS; k++) {
        char key[16];

        snprintf(key, sizeof(key), "key-%d", k);
        expect_order(outcome, key);
    }
    return SF_OK;
}

sf_simulation_subject subject_foreign_key(void)
{
    return (sf_simulation_subject){
        .name = "foreign-key",
        .topology = topology(),
        .topics = TOPICS,
        .topic_count = 2,
        .stores = STORES,
        .store_count = 3,
        .generate = generate,
        .model = model,
    };
}
