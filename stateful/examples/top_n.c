/* top_n.c - a step written by hand: the three products that sold most, told every hour of stream time.
 *
 *   top_n            runs a few records through the test driver, without any broker
 *
 * A processor keeps totals in a store of its own and forwards what it likes, when it likes. What it keeps
 * in the store survives crashes and moves with the task; what it keeps elsewhere does not.
 */
#include <inttypes.h>
#include <stdio.h>

#include <stateful/stateful.h>

enum { TOP = 3, HOUR = 3600 * 1000 };

/* ---- the processor: its state is its store ---- */

static sf_status tell_top(void *state, sf_context *context, int64_t time, sf_error *err);

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_schedule hourly = {
        .clock = SF_STREAM_TIME, .interval_ms = HOUR, .punctuate = tell_top};

    (void)user;
    *state = sf_context_key_value_store(context, "totals");
    return sf_context_schedule(context, &hourly, NULL, err);
}

/* Stores hold bytes: the same serde writes them and reads them. */
static sf_status read_total(sf_arena *arena, const sf_stored *stored, int64_t *total, sf_error *err)
{
    sf_bytes number;
    sf_status status = sf_serde_decode(&sf_int64_serde, stored->value, arena, &number, err);

    if (!status)
        *total = sf_bytes_to_int64(number);
    return status;
}

static sf_status add_sale(void *state, sf_context *context, const sf_record *sale, sf_error *err)
{
    sf_arena *arena = sf_context_arena(context);
    sf_stored stored;
    sf_bytes wire;
    int64_t total = 0;
    sf_status status = sf_key_value_store_get(state, sale->key, &stored, err);

    if (!status)
        status = read_total(arena, &stored, &total, err);
    if (!status)
        status = sf_serde_encode(&sf_int64_serde,
                                 sf_bytes_from_int64(total + sf_bytes_to_int64(sale->value), arena),
                                 arena, &wire, err);
    return status ? status : sf_key_value_store_put(state, sale->key, wire, sale->timestamp, err);
}

typedef struct product {
    sf_bytes name;
    int64_t total;
} product;

/* The places are in order; the last one falls out. */
static void take_place(product *top, product next)
{
    for (size_t i = 0; i < TOP; i++) {
        if (top[i].total >= next.total)
            continue;
        product moved = top[i];

        top[i] = next;
        next = moved;
    }
}

static sf_status find_top(sf_key_value_store *totals, sf_arena *arena, product *top, sf_error *err)
{
    sf_key_value_iterator *all;
    sf_stored stored;
    product next;
    sf_status status = sf_key_value_store_range(totals, SF_NULL, SF_NULL, false, &all, err);

    if (status)
        return status;
    while (!status && sf_key_value_iterator_next(all, &next.name, &stored, &status, err)) {
        status = read_total(arena, &stored, &next.total, err);
        next.name = sf_arena_copy(arena, next.name); /* the iterator's is gone with the next step */
        if (!status)
            take_place(top, next);
    }
    sf_key_value_iterator_free(all);
    return status;
}

static sf_status tell_top(void *state, sf_context *context, int64_t time, sf_error *err)
{
    sf_arena *arena = sf_context_arena(context);
    product top[TOP] = {0};
    sf_status status = find_top(state, arena, top, err);

    for (size_t i = 0; i < TOP && !status; i++) {
        sf_record place = {.key = top[i].name,
                           .value = sf_bytes_from_int64(top[i].total, arena),
                           .timestamp = time};

        if (top[i].total)
            status = sf_context_forward(context, &place, err);
    }
    return status;
}

/* ---- the program ---- */

static sf_status top_products(sf_topology **topology, sf_error *err)
{
    static const sf_processor processor = {.init = init, .process = add_sale};
    static const char *const stores[] = {"totals", NULL};
    sf_consumed consumed = {.key = &sf_string_serde, .value = &sf_int64_serde};
    sf_builder *builder = sf_builder_new();
    sf_stream *sales = sf_builder_stream(builder, "sales", &consumed);
    sf_status status;

    sf_builder_add_store(builder, &(sf_store_options){.name = "totals"});
    sf_stream_to(sf_stream_process(sales, &processor, stores), "top-products");
    status = sf_builder_build(builder, topology, err);
    sf_builder_free(builder);
    return status;
}

/* ---- a few records ---- */

typedef struct sale {
    const char *product;
    int64_t amount;
    int64_t minute;
} sale;

static const sale sales[] = {
    {"tea", 2, 1},   {"milk", 7, 20},   {"bread", 4, 30},
    {"salt", 1, 50}, {"tea", 4, 61}, /* the hour is over */
    {"salt", 9, 62}, {"bread", 1, 119}, {"tea", 1, 121},
};

static sf_status pipe_sale(sf_test_driver *driver, sf_arena *arena, const sale *sold, sf_error *err)
{
    sf_record record = {.key = sf_bytes_text(sold->product), .timestamp = sold->minute * 60 * 1000};
    sf_status status = sf_serde_encode(&sf_int64_serde, sf_bytes_from_int64(sold->amount, arena),
                                       arena, &record.value, err);

    return status ? status : sf_test_driver_pipe(driver, "sales", &record, err);
}

static sf_status print_top(sf_test_driver *driver, sf_arena *arena, sf_error *err)
{
    sf_status status = SF_OK;
    sf_record record;

    while (!status && sf_test_driver_read(driver, "top-products", &record)) {
        sf_bytes total;

        status = sf_serde_decode(&sf_int64_serde, record.value, arena, &total, err);
        if (!status)
            printf("minute %" PRId64 ": %.*s %" PRId64 "\n", record.timestamp / 60000,
                   (int)record.key.size, (const char *)record.key.data, sf_bytes_to_int64(total));
    }
    return status;
}

static sf_status run(const sf_topology *topology, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    sf_test_driver *driver = NULL;
    sf_status status = sf_test_driver_new(topology, NULL, &driver, err);

    for (size_t i = 0; i < sizeof(sales) / sizeof(*sales) && !status; i++)
        status = pipe_sale(driver, arena, &sales[i], err);
    if (!status)
        status = print_top(driver, arena, err);
    sf_test_driver_free(driver);
    sf_arena_free(arena);
    return status;
}

int main(void)
{
    sf_error err = {0};
    sf_topology *topology = NULL;
    sf_status status = top_products(&topology, &err);

    if (!status)
        status = run(topology, &err);
    if (status)
        fprintf(stderr, "top_n: %s\n", err.text);
    sf_topology_free(topology);
    return status ? 1 : 0;
}
