/* page_views.c - a stream meets a table: each page view with the region its user lives in, and how many
 * views each region has.
 *
 *   page_views       runs a few records through the test driver, without any broker
 *
 * The same topology runs on a broker as word_count.c does it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <stateful/stateful.h>

/* ---- the program ---- */

/* "home" by ann, who lives in "europe": "europe home". The table moves on, views never do again. */
static sf_status add_region(void *user, sf_arena *arena, const sf_record *view, sf_bytes region,
                            sf_bytes *result, sf_error *err)
{
    const char *text = sf_bytes_is_null(region) ? "nowhere" : (const char *)region.data;
    int size = sf_bytes_is_null(region) ? (int)strlen(text) : (int)region.size;

    (void)user;
    (void)err;
    *result = sf_bytes_text(sf_arena_printf(arena, "%.*s %.*s", size, text, (int)view->value.size,
                                            (const char *)view->value.data));
    return SF_OK;
}

/* The first word becomes the key: records of one region meet in one task. */
static sf_status by_region(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                           sf_error *err)
{
    const uint8_t *space = memchr(in->value.data, ' ', in->value.size);

    (void)user;
    (void)arena;
    (void)err;
    out->key = sf_bytes_of(in->value.data, (size_t)(space - in->value.data));
    return SF_OK;
}

static sf_status page_views(sf_topology **topology, sf_error *err)
{
    sf_consumed texts = {.key = &sf_string_serde, .value = &sf_string_serde};
    sf_builder *builder = sf_builder_new();
    sf_stream *views = sf_builder_stream(builder, "page-views", &texts);
    sf_table *users =
        sf_builder_table(builder, "users", &texts, &(sf_materialized){.name = "user-regions"});
    sf_stream *placed = sf_stream_left_join_table(views, users, add_region, NULL, NULL);
    sf_table *counts =
        sf_grouped_count(sf_stream_group_by(placed, by_region, NULL, "by-region"), "region-counts");
    sf_status status;

    sf_stream_to(placed, "placed-views");
    sf_stream_to(sf_table_to_stream(counts), "region-counts-out");
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
    {"users", "ann", "europe"},    {"page-views", "ann", "home"}, {"page-views", "bob", "home"},
    {"users", "bob", "africa"},    {"page-views", "bob", "cart"}, {"users", "ann", "asia"},
    {"page-views", "ann", "cart"}, {"page-views", "ann", "pay"},
};

static void print_views(sf_test_driver *driver)
{
    sf_record record;

    while (sf_test_driver_read(driver, "placed-views", &record))
        printf("%.*s: %.*s\n", (int)record.key.size, (const char *)record.key.data,
               (int)record.value.size, (const char *)record.value.data);
}

/* A count is 8 bytes on the wire; its serde brings it back. */
static sf_status print_counts(sf_test_driver *driver, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    sf_status status = SF_OK;
    sf_record record;

    while (!status && sf_test_driver_read(driver, "region-counts-out", &record)) {
        sf_bytes count;

        status = sf_serde_decode(&sf_int64_serde, record.value, arena, &count, err);
        if (!status)
            printf("%.*s has %" PRId64 "\n", (int)record.key.size, (const char *)record.key.data,
                   sf_bytes_to_int64(count));
    }
    sf_arena_free(arena);
    return status;
}

static sf_status run(const sf_topology *topology, sf_error *err)
{
    sf_test_driver *driver = NULL;
    sf_status status = sf_test_driver_new(topology, NULL, &driver, err);

    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs) && !status; i++)
        status = sf_test_driver_pipe_text(driver, inputs[i].topic, inputs[i].key, inputs[i].value,
                                          (int64_t)i, err);
    if (!status) {
        print_views(driver);
        status = print_counts(driver, err);
    }
    sf_test_driver_free(driver);
    return status;
}

int main(void)
{
    sf_error err = {0};
    sf_topology *topology = NULL;
    sf_status status = page_views(&topology, &err);

    if (!status)
        status = run(topology, &err);
    if (status)
        fprintf(stderr, "page_views: %s\n", err.text);
    sf_topology_free(topology);
    return status ? 1 : 0;
}
