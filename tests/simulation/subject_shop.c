/* subject_shop.c - query-service's topology over random histories of a shop: whatever happens on the way,
 * products, categories and hours have the sums of the model, and the same total. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "simulation/subject_parts.h"
#include "simulation/subjects.h"
#include "state/product_sales.h"
#include "support/sales_model.h"
#include "topology/query_topology.h"

static const sf_simulation_topic TOPICS[] = {
    {"order-events", 3, SF_SIMULATION_INPUT},
    {"product-events", 3, SF_SIMULATION_INPUT},
    {"customer-events", 3, SF_SIMULATION_UNCHECKED},
};
static const char *const STORES[] = {
    PRODUCT_SALES_STORE,
    CATEGORY_REVENUE_STORE,
    HOURLY_SALES_STORE,
};

/* Topology and history, one after the other. */
typedef struct shop {
    query_topology *topology;
    sales_history history;
    const sales_event *arrivals[HISTORY_ARRIVALS_MAX];
    size_t count;
    size_t next;
} shop;

/* ---- the events ---- */

static void begin(void *user, sf_simulation_random *random)
{
    shop *one = user;
    sf_random own;

    sf_random_init(&own, sf_simulation_random_below(random, UINT64_MAX));
    sales_history_make(&one->history, &own);
    one->count = sales_history_arrive(&one->history, &own, ARRIVES_IN_STREAM_ORDER, one->arrivals);
    one->next = 0;
}

/* When all have arrived they begin to arrive again. */
static void generate(void *user, sf_simulation_random *random, sf_arena *arena,
                     sf_simulation_input *input)
{
    shop *one = user;
    const sales_event *event = one->arrivals[one->next++ % one->count];

    (void)random;
    input->topic = sales_event_topic(event);
    input->record = sales_event_record(event, arena);
}

/* ---- what came of them ---- */

/* The event that a record is: a stream has each version once. */
static const sales_event *event_of(const shop *one, const char *topic, const sf_record *record)
{
    for (size_t i = 0; i < one->count; i++) {
        const sales_event *event = one->arrivals[i];
        char id[16];
        char version[32];

        snprintf(id, sizeof(id), "%d", event->id);
        snprintf(version, sizeof(version), "\"version\":%d,", event->version);
        if (!strcmp(sales_event_topic(event), topic) &&
            sf_bytes_equal(record->key, sf_bytes_text(id)) &&
            memmem(record->value.data, record->value.size, version, strlen(version)))
            return event;
    }
    return NULL;
}

static size_t gather(const shop *one, const sf_simulation_outcome *outcome, const char *topic,
                     const sales_event **events)
{
    size_t count = 0;

    for (int32_t p = 0; p < sf_simulation_partitions(outcome, topic); p++) {
        for (size_t i = 0; i < sf_simulation_record_count(outcome, topic, p); i++)
            events[count++] = event_of(one, topic, sf_simulation_record(outcome, topic, p, i));
    }
    return count;
}

static sales_sum sum_of(sales_total total)
{
    return (sales_sum){total.amount.minor, total.lines};
}

static int product_of(sf_bytes key)
{
    return (int)(sf_get_be64(key.data) % MODEL_PRODUCTS);
}

static sf_status find_products(const sf_simulation_outcome *outcome, sales_sums *found,
                               sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < sf_simulation_row_count(outcome, PRODUCT_SALES_STORE); i++) {
        sf_simulation_row row = sf_simulation_row_at(outcome, PRODUCT_SALES_STORE, i);
        product_sales sales = {0};

        status = product_sales_decode(row.value, &sales, err);
        found->products[product_of(row.key)] = sum_of(sales.total);
    }
    return status;
}

static sf_status find_hours(const sf_simulation_outcome *outcome, sales_sums *found, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < sf_simulation_row_count(outcome, HOURLY_SALES_STORE); i++) {
        sf_simulation_row row = sf_simulation_row_at(outcome, HOURLY_SALES_STORE, i);
        int64_t hour = (row.start_ms - HISTORY_BEGIN_MS) / HOUR_MS;
        sales_total total = {0};

        status = sales_total_decode(row.value, &total, err);
        if (hour < 0 || hour >= MODEL_HOURS)
            return sf_fail(err, SF_CORRUPT, "sales in hour %" PRId64, hour);
        found->hours[product_of(row.key)][hour] = sum_of(total);
    }
    return status;
}

static sf_status find_categories(const sf_simulation_outcome *outcome, sales_sums *found,
                                 sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < sf_simulation_row_count(outcome, CATEGORY_REVENUE_STORE);
         i++) {
        sf_simulation_row row = sf_simulation_row_at(outcome, CATEGORY_REVENUE_STORE, i);
        sales_total total = {0};

        status = sales_total_decode(row.value, &total, err);
        for (int c = 0; c < MODEL_CATEGORIES; c++) {
            if (sf_bytes_equal(row.key, sf_bytes_text(sales_model_category(c))))
                found->categories[c] = sum_of(total);
        }
    }
    return status;
}

static sf_status compare(const sales_sums *expected, const sales_sums *found, sf_error *err)
{
    for (int c = 0; c < MODEL_CATEGORIES; c++) {
        if (memcmp(&expected->categories[c], &found->categories[c], sizeof(sales_sum)) != 0)
            return sf_fail(err, SF_CORRUPT,
                           "category %s: expected %" PRId64 " of %" PRId64 " lines, found %" PRId64
                           " of %" PRId64,
                           sales_model_category(c), expected->categories[c].minor,
                           expected->categories[c].lines, found->categories[c].minor,
                           found->categories[c].lines);
    }
    for (int p = 0; p < MODEL_PRODUCTS; p++) {
        if (memcmp(&expected->products[p], &found->products[p], sizeof(sales_sum)) != 0)
            return sf_fail(err, SF_CORRUPT,
                           "product %d: expected %" PRId64 " of %" PRId64 " lines, found %" PRId64
                           " of %" PRId64,
                           p, expected->products[p].minor, expected->products[p].lines,
                           found->products[p].minor, found->products[p].lines);
    }
    if (memcmp(expected->hours, found->hours, sizeof(expected->hours)) != 0)
        return sf_fail(err, SF_CORRUPT, "sales by the hour are not those expected");
    return sales_sums_agree(found)
               ? SF_OK
               : sf_fail(err, SF_CORRUPT, "products, categories and hours have different totals");
}

static sf_status model(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    const shop *one = user;
    size_t most = subject_count_records(outcome, "order-events") +
                  subject_count_records(outcome, "product-events");
    const sales_event **events = sf_zalloc((most + 1) * sizeof(events[0]));
    size_t count = gather(one, outcome, "product-events", events);
    sales_sums expected;
    sales_sums found = {0};
    sf_status status;

    count += gather(one, outcome, "order-events", events + count);
    sales_model_sums(events, count, &expected);
    free(events);
    for (size_t i = 0; i < 3; i++)
        sf_simulation_judged_store(outcome, STORES[i]);
    status = find_products(outcome, &found, err);
    if (!status)
        status = find_categories(outcome, &found, err);
    if (!status)
        status = find_hours(outcome, &found, err);
    return status ? status : compare(&expected, &found, err);
}

/* ---- life ---- */

sf_simulation_subject subject_shop(void)
{
    shop *one = sf_zalloc(sizeof(*one));
    sf_error error = {0};

    if (query_topology_new(
            &(query_topology_options){
                .product_topic = "product-events",
                .order_topic = "order-events",
                .customer_topic = "customer-events",
                .currency_exponent = 2,
            },
            &one->topology, &error)) {
        fprintf(stderr, "the shop cannot be built: %s\n", error.text);
        abort();
    }
    return (sf_simulation_subject){
        .name = "shop",
        .topology = query_topology_graph(one->topology),
        .topics = TOPICS,
        .topic_count = 3,
        .stores = STORES,
        .store_count = 3,
        .records = 45,
        .begin = begin,
        .generate = generate,
        .model = model,
        .user = one,
    };
}

void subject_shop_close(sf_simulation_subject *subject)
{
    shop *one = subject->user;

    query_topology_free(one->topology);
    free(one);
}
