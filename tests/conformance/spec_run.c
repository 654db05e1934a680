/* spec_run.c - a case from its first input to its last check.
 *
 * Rows of each output topic are gathered as they come. At a checkpoint those since the last one are
 * compared (those not yet looked at, if a prefix was enough); the first difference ends the case.
 */
#include "conformance/spec_run.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/spec_case.h"
#include "conformance/spec_compare.h"
#include "conformance/spec_json.h"
#include "conformance/spec_state.h"

typedef struct spec_run {
    const spec_case *read;
    spec_topology *topology;
    sf_test_driver *driver;
    sf_arena *arena;
    spec_rows *outputs; /* one for each topic of the topology */
    size_t *looked_at;  /* rows of it that checkpoints have seen */
    int64_t now_ms;
    uint64_t dropped; /* before the last restart */
    bool differs;     /* a table of rows is in the report */
    FILE *report;
} spec_run;

static const cJSON *field(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* ---- in ---- */

static sf_status read_input(spec_run *run, const cJSON *json, const spec_topic **topic,
                            sf_record *record, sf_error *err)
{
    const char *name = NULL;
    sf_bytes key;
    sf_bytes value;
    sf_status status =
        spec_fields(json, "the input", "topic key value ts", "headers put_returns", err);

    *record = (sf_record){0};
    if (!status)
        status = spec_read_text(json, "topic", &name, err);
    if (status)
        return status;
    *topic = spec_topology_topic(run->topology, name, true);
    if (!*topic)
        return sf_fail(err, SF_INVALID, "the topic '%s' is no source of the spec", name);
    status = spec_key_read(field(json, "key"), (*topic)->key, "the key", run->arena, &key, err);
    if (!status)
        status = spec_value_read(field(json, "value"), (*topic)->value, "the value", run->arena,
                                 &value, err);
    if (!status)
        status = spec_whole_number(field(json, "ts"), "ts", &record->timestamp, err);
    if (!status)
        status = spec_headers_read(field(json, "headers"), run->arena, &record->headers, err);
    if (!status)
        status = sf_serde_encode(spec_key_serde((*topic)->key), key, run->arena, &record->key, err);
    if (!status)
        status =
            sf_serde_encode(spec_serde((*topic)->value), value, run->arena, &record->value, err);
    return status;
}

static sf_status do_step(spec_run *run, const spec_step *step, sf_error *err)
{
    sf_status status;

    if (step->restarts) {
        run->dropped += sf_test_driver_counters(run->driver).dropped;
        return sf_test_driver_restart(run->driver, SF_CRASH_KEEPS_STATE, err);
    }
    status = sf_test_driver_advance(run->driver, step->wall_clock_ms - run->now_ms, err);
    run->now_ms = step->wall_clock_ms;
    return status;
}

static sf_status do_steps(spec_run *run, int64_t input, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < run->read->step_count && !status; i++)
        if (run->read->steps[i].before_input == input)
            status = do_step(run, &run->read->steps[i], err);
    return status;
}

/* ---- out ---- */

static sf_status gather(spec_run *run, sf_error *err)
{
    sf_status status = SF_OK;
    sf_record record;

    for (size_t i = 0; i < run->topology->topic_count; i++) {
        const spec_topic *topic = &run->topology->topics[i];

        while (!status && !topic->is_source &&
               sf_test_driver_read(run->driver, topic->name, &record)) {
            spec_row row;

            status = spec_row_of_record(&record, topic, run->arena, &row, err);
            if (!status)
                spec_rows_add(&run->outputs[i], &row, run->arena);
        }
    }
    return status;
}

/* ---- checkpoints ---- */

static sf_status expected_rows(spec_run *run, const spec_topic *topic, int64_t input,
                               spec_rows *rows, sf_error *err)
{
    const cJSON *json;

    *rows = (spec_rows){0};
    cJSON_ArrayForEach(json, run->read->expected)
    {
        int64_t after = -1;
        const char *name = NULL;
        spec_row row;
        sf_status status =
            spec_fields(json, "an expected row", "after_input topic key value", "ts headers", err);

        if (!status)
            status = spec_read_text(json, "topic", &name, err);
        if (!status)
            status = spec_read_natural(json, "after_input", &after, err);
        if (status)
            return status;
        if (after != input || strcmp(name, topic->name) != 0)
            continue;
        status = spec_row_read(json, topic, run->arena, &row, err);
        if (status)
            return status;
        spec_rows_add(rows, &row, run->arena);
    }
    return SF_OK;
}

static sf_status look_at(spec_run *run, const spec_topic *topic, int64_t input, sf_error *err)
{
    size_t number = (size_t)(topic - run->topology->topics);
    const spec_rows *all = &run->outputs[number];
    spec_rows new = {.items = all->items + run->looked_at[number],
                     .count = all->count - run->looked_at[number]};
    spec_rows expected;
    size_t taken = 0;
    int mode;
    sf_status status =
        spec_compare_read(field(run->read->root, "compare"), topic->name, &mode, err);

    if (!status)
        status = expected_rows(run, topic, input, &expected, err);
    if (status)
        return status;
    run->differs = !spec_compare_rows((spec_compare)mode, topic, &expected, &new, &taken,
                                      run->arena, run->report);
    run->looked_at[number] += taken;
    if (run->differs)
        return sf_fail(err, SF_BAD_DATA, "rows of the topic '%s' differ (expected | actual)",
                       topic->name);
    return SF_OK;
}

static bool lists(const cJSON *positions, int64_t input)
{
    const cJSON *position;

    cJSON_ArrayForEach(position, positions)
    {
        if (cJSON_IsNumber(position) && position->valuedouble == (double)input)
            return true;
    }
    return false;
}

static sf_status look_at_topics(spec_run *run, int64_t input, sf_error *err)
{
    const cJSON *positions;
    sf_status status = SF_OK;

    cJSON_ArrayForEach(positions, run->read->checkpoints)
    {
        const spec_topic *topic = spec_topology_topic(run->topology, positions->string, false);

        if (!topic)
            return sf_fail(err, SF_INVALID, "checkpoints: the spec does not write '%s'",
                           positions->string);
        if (!status && lists(positions, input))
            status = look_at(run, topic, input, err);
    }
    return status;
}

static sf_status check_stores(spec_run *run, int64_t input, sf_error *err)
{
    const cJSON *check;
    sf_status status = SF_OK;

    cJSON_ArrayForEach(check, field(run->read->root, "state_checks"))
    {
        int64_t after = 0;

        if (!status)
            status = spec_whole_number(field(check, "after_input"), "after_input", &after, err);
        if (!status && after == input)
            status = spec_state_check(run->topology, run->driver, check, run->arena, err);
    }
    return status;
}

/* Every expected row stands at a checkpoint of its topic, else nobody would look for it. */
static sf_status check_places(const spec_run *run, sf_error *err)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, run->read->expected)
    {
        const char *topic = NULL;
        int64_t after = -1;
        sf_status status = spec_read_text(row, "topic", &topic, err);

        if (!status)
            status = spec_read_natural(row, "after_input", &after, err);
        if (status)
            return status;
        if (!topic || !lists(field(run->read->checkpoints, topic), after))
            return sf_fail(err, SF_INVALID,
                           "a row of '%s' is expected after input %lld, which is no checkpoint",
                           topic ? topic : "", (long long)after);
    }
    return SF_OK;
}

/* ---- the end ---- */

static sf_status check_last_row(spec_run *run, const cJSON *json, sf_error *err)
{
    const char *name = NULL;
    const spec_topic *topic;
    const spec_rows *rows;
    spec_row wanted;
    sf_status status = spec_fields(json, "a row of final_state", "topic key value", "ts", err);

    if (!status)
        status = spec_read_text(json, "topic", &name, err);
    if (status)
        return status;
    topic = spec_topology_topic(run->topology, name, false);
    if (!topic)
        return sf_fail(err, SF_INVALID, "final_state: the spec does not write '%s'", name);
    status = spec_row_read(json, topic, run->arena, &wanted, err);
    if (status)
        return status;
    rows = &run->outputs[topic - run->topology->topics];
    for (size_t i = rows->count; i--;) {
        if (strcmp(rows->items[i].key_shown, wanted.key_shown) != 0)
            continue;
        if (spec_row_fits(&wanted, &rows->items[i]))
            return SF_OK;
        return sf_fail(err, SF_BAD_DATA, "the last row of its key on '%s' is %s, not %s", name,
                       spec_row_shown(&rows->items[i], run->arena),
                       spec_row_shown(&wanted, run->arena));
    }
    return sf_fail(err, SF_BAD_DATA, "'%s' has no row %s", name,
                   spec_row_shown(&wanted, run->arena));
}

static sf_status check_final_state(spec_run *run, sf_error *err)
{
    const cJSON *row;
    sf_status status = SF_OK;

    cJSON_ArrayForEach(row, field(run->read->root, "final_state"))
    {
        if (status)
            break;
        if (field(row, "store"))
            status = spec_state_final(run->topology, run->driver, row, run->arena, err);
        else
            status = check_last_row(run, row, err);
    }
    return status;
}

static sf_status check_dropped(spec_run *run, sf_error *err)
{
    uint64_t dropped = run->dropped + sf_test_driver_counters(run->driver).dropped;
    int64_t wanted = -1;
    sf_status status = spec_read_natural(run->read->root, "dropped_records", &wanted, err);

    if (!status && wanted >= 0 && (uint64_t)wanted != dropped)
        status = sf_fail(err, SF_BAD_DATA, "%llu records were dropped, not %lld",
                         (unsigned long long)dropped, (long long)wanted);
    return status;
}

/* ---- store calls ---- */

/* What the last put returned, if the input says what it should have been. */
static sf_status check_put(const spec_run *run, const cJSON *input, sf_error *err)
{
    const cJSON *expected = field(input, "put_returns");
    const spec_put_returns *puts = &run->topology->puts;
    int64_t wanted;
    int64_t came;
    int word = 0;
    sf_status status;

    if (!expected)
        return SF_OK;
    if (!puts->count)
        return sf_fail(err, SF_INVALID, "'put_returns' stands at an input that is no put");
    came = puts->items[puts->count - 1];
    if (cJSON_IsNumber(expected)) {
        status = spec_whole_number(expected, "put_returns", &wanted, err);
    } else {
        status = spec_read_word(input, "put_returns", "valid_to_undefined not_put", &word, err);
        wanted = word ? SF_VERSION_NOT_PUT : SF_VERSION_NOW;
    }
    if (!status && came != wanted)
        status = sf_fail(err, SF_BAD_DATA, "the put returned %lld, not %lld (%lld: undefined)",
                         (long long)came, (long long)wanted, (long long)SF_VERSION_NOW);
    return status;
}

/* ---- the whole ---- */

static sf_status do_input(spec_run *run, const cJSON *input, int64_t number, sf_error *err)
{
    const spec_topic *topic;
    sf_record record;
    bool is_last = number + 1 == cJSON_GetArraySize(run->read->inputs);
    sf_status status = do_steps(run, number, err);

    if (!status)
        status = read_input(run, input, &topic, &record, err);
    if (!status)
        status = sf_test_driver_pipe(run->driver, topic->name, &record, err);
    if (!status && is_last && run->read->commits_at_the_end)
        status = sf_test_driver_commit(run->driver, err);
    if (!status)
        status = check_put(run, input, err);
    if (!status)
        status = gather(run, err);
    if (!status)
        status = look_at_topics(run, number, err);
    if (!status)
        status = check_stores(run, number, err);
    return status ? sf_error_prefix(err, status, "after input %lld", (long long)number) : SF_OK;
}

static sf_status do_inputs(spec_run *run, sf_error *err)
{
    const cJSON *input;
    int64_t number = 0;
    sf_status status = check_places(run, err);

    if (!status)
        status = check_stores(run, -1, err);
    cJSON_ArrayForEach(input, run->read->inputs)
    {
        if (!status)
            status = do_input(run, input, number++, err);
    }
    if (!status)
        status = check_final_state(run, err);
    return status ? status : check_dropped(run, err);
}

static sf_status run_with(const spec_case *read, bool caching_off, bool *differs, FILE *report,
                          sf_error *err)
{
    spec_run run = {.read = read, .arena = sf_arena_new(), .report = report};
    sf_test_driver_options options = {
        .commit_by_hand = read->commits_at_the_end,
        .caching_off = caching_off,
        .emit_interval_ms = read->emit_interval_ms,
    };
    sf_status status = spec_topology_make(read->spec, &run.topology, err);

    if (!status) {
        size_t count = run.topology->topic_count + 1;

        run.outputs = sf_arena_zalloc(run.arena, count * sizeof(*run.outputs));
        run.looked_at = sf_arena_zalloc(run.arena, count * sizeof(*run.looked_at));
        status = sf_test_driver_new(run.topology->topology, &options, &run.driver, err);
    }
    if (!status)
        status = do_inputs(&run, err);
    *differs = run.differs;
    sf_test_driver_free(run.driver);
    spec_topology_free(run.topology);
    sf_arena_free(run.arena);
    return status;
}

static bool run_case(const spec_case *read, bool caching_off, FILE *report)
{
    sf_error err = {0};
    char *table = NULL;
    size_t size;
    FILE *rows = open_memstream(&table, &size);
    bool differs;
    sf_status status = run_with(read, caching_off, &differs, rows, &err);

    fclose(rows);
    if (status)
        fprintf(report, "caching %s: %s\n%s", caching_off ? "off" : "on", err.text,
                differs ? table : "");
    free(table);
    return !status;
}

bool spec_run_file(const char *path, FILE *report)
{
    spec_case read;
    sf_error err = {0};
    bool passed = true;

    if (spec_case_read(&read, path, &err)) {
        fprintf(report, "%s\n", err.text);
        passed = false;
    }
    if (passed && read.caching != CACHING_OFF)
        passed = run_case(&read, false, report);
    if (passed && read.caching != CACHING_ON)
        passed = run_case(&read, true, report);
    spec_case_done(&read);
    return passed;
}
