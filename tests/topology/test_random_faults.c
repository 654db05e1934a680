/* Random inputs with aborts and crashes between them end in the state of the same inputs without: in
 * a key-value store and a window store behind a repartition topic, late records and refused ones
 * included. TEST_LONG: more histories. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/random.h"
#include "check.h"
#include "support/driven_topology.h"

enum { INPUTS_MAX = 60, SPAN_MS = 200 };

typedef struct input {
    char key[4];
    char value[8];
    int64_t timestamp;
} input;

typedef struct history {
    input inputs[INPUTS_MAX];
    size_t count;
} history;

static history random_history(sf_random *random)
{
    history made = {.count = 1 + sf_random_below(random, INPUTS_MAX)};
    int64_t now = 0;

    for (size_t i = 0; i < made.count; i++) {
        input *at = &made.inputs[i];

        now += (int64_t)sf_random_below(random, 20);
        at->timestamp = now - (int64_t)sf_random_below(random, SPAN_MS);
        if (at->timestamp < 0)
            at->timestamp = 0;
        (void)snprintf(at->key, sizeof(at->key), "k%d", (int)sf_random_below(random, 3));
        (void)snprintf(at->value, sizeof(at->value), "%s%c",
                       sf_random_below(random, 8) ? "v" : "bad",
                       (char)('a' + sf_random_below(random, 4)));
    }
    return made;
}

/* The value's last letter becomes the key; "bad" ones are refused, after it. */
static sf_status by_last_letter(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                                sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = sf_bytes_of(in->value.data + in->value.size - 1, 1);
    return SF_OK;
}

static sf_status refuse_bad(void *user, sf_arena *arena, const sf_record *record,
                            sf_bytes *aggregate, sf_error *err)
{
    if (record->value.data[0] == 'b')
        return sf_reject(err, "a bad one");
    return driven_concat(user, arena, record, aggregate, err);
}

static driven_topology *new_topology(bool caching_off)
{
    driven_topology *driven = driven_new();
    sf_consumed skipping = {.on_error = SF_ON_ERROR_SKIP};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &skipping);
    sf_grouped *letters = sf_stream_group_by(in, by_last_letter, NULL, "by-letter");
    sf_window window = {.size_ms = 20, .advance_ms = 10, .grace_ms = 5};
    sf_materialized windows = {
        .name = "windows", .caching_off = caching_off, .retention_ms = 3600000};
    sf_materialized texts = {.name = "texts", .caching_off = caching_off};
    sf_aggregation joining = {.add = refuse_bad, .initial = sf_bytes_text("")};
    sf_table *counted = sf_grouped_count_with(sf_grouped_windowed(letters, window), &windows);

    sf_stream_to(sf_table_to_stream(counted), "windows-out");
    sf_stream_to(sf_table_to_stream(sf_grouped_aggregate(letters, &joining, &texts)), "texts-out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = true});
    return driven;
}

static void add_bytes(sf_buffer *text, sf_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        sf_buffer_printf(text, bytes.data[i] >= ' ' && bytes.data[i] < 127 ? "%c" : "\\%d",
                         bytes.data[i]);
}

/* All rows of both stores as a text. */
static char *state_of(const driven_topology *driven)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_key_value_iterator *rows;
    sf_window_iterator *windows;
    sf_status status = SF_OK;
    sf_stored stored;
    sf_bytes key;
    int64_t start;

    assert_ok(sf_key_value_store_range(sf_test_driver_key_value_store(driven->driver, "texts", 0),
                                       SF_NULL, SF_NULL, false, &rows, err));
    while (sf_key_value_iterator_next(rows, &key, &stored, &status, NULL)) {
        add_bytes(&text, key);
        sf_buffer_add_text(&text, "=");
        add_bytes(&text, stored.value);
        sf_buffer_printf(&text, "@%lld\n", (long long)stored.timestamp);
    }
    sf_key_value_iterator_free(rows);
    assert_ok(sf_window_store_fetch_all(sf_test_driver_window_store(driven->driver, "windows", 0),
                                        0, INT64_MAX, &windows, err));
    while (sf_window_iterator_next(windows, &key, &start, &stored, &status, NULL)) {
        add_bytes(&text, key);
        sf_buffer_printf(&text, "/%lld=", (long long)start);
        add_bytes(&text, stored.value);
        sf_buffer_printf(&text, "@%lld\n", (long long)stored.timestamp);
    }
    sf_window_iterator_free(windows);
    assert_int_equal(status, SF_OK);
    return sf_buffer_detach(&text);
}

/* The last row of each key of a topic is what its store holds. */
static void check_output(driven_topology *driven)
{
    char last[128][256] = {{0}};
    sf_record row;

    while (sf_test_driver_read(driven->driver, "texts-out", &row))
        (void)snprintf(last[row.key.data[0] & 127], sizeof(last[0]), "%.*s", (int)row.value.size,
                       (const char *)row.value.data);
    for (char letter = 'a'; letter <= 'd'; letter++)
        if (last[(int)letter][0])
            assert_string_equal(driven_row(driven, "texts", (char[]){letter, 0}),
                                last[(int)letter]);
}

static void do_something_bad(driven_topology *driven, sf_random *random)
{
    switch (sf_random_below(random, 8)) {
    case 0:
        assert_ok(sf_test_driver_abort(driven->driver, err));
        break;
    case 1:
        assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_KEEPS_STATE, err));
        break;
    case 2:
        assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_LOSES_STATE, err));
        break;
    case 3:
    case 4:
        assert_ok(sf_test_driver_commit(driven->driver, err));
        break;
    default:
        break;
    }
}

static char *run(const history *inputs, bool caching_off, sf_random *faults)
{
    driven_topology *driven = new_topology(caching_off);
    char *text;

    for (size_t i = 0; i < inputs->count; i++) {
        const input *at = &inputs->inputs[i];

        driven_pipe(driven, "in", at->key, at->value, at->timestamp);
        if (faults)
            do_something_bad(driven, faults);
    }
    assert_ok(sf_test_driver_commit(driven->driver, err));
    check_output(driven);
    text = state_of(driven);
    driven_free(driven);
    return text;
}

static void quiet(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static void faults_leave_no_trace(void **state)
{
    size_t histories = getenv("TEST_LONG") ? 20000 : 400;
    uint64_t first = 1;

    (void)state;
    sf_log_set(quiet, NULL, SF_LOG_ERROR);
    for (uint64_t seed = first; seed < first + histories; seed++) {
        sf_random random;
        history inputs;
        char *expected, *faulty, *direct;

        sf_random_init(&random, seed);
        inputs = random_history(&random);
        expected = run(&inputs, false, NULL);
        faulty = run(&inputs, false, &random);
        direct = run(&inputs, true, &random);
        if (strcmp(expected, faulty) || strcmp(expected, direct))
            fail_msg("seed %llu: expected\n%s\nbut with faults\n%s\nand without caching\n%s",
                     (unsigned long long)seed, expected, faulty, direct);
        free(expected);
        free(faulty);
        free(direct);
    }
    sf_log_set(NULL, NULL, SF_LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_leave_no_trace),
    };

    return run_tests(tests);
}
