/* spec_run.c - a case from its first input to its last check.
 *
 * Rows of each output topic are gathered as they come. At a checkpoint those since the last one are
 * compared (those not yet looked at, if a prefix was enough); the first difference ends the case.
 */
#include "conformance/spec_run.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/spec_checks.h"
#include "conformance/spec_json.h"

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
        status = spec_checks_put(run, input, err);
    if (!status)
        status = gather(run, err);
    if (!status)
        status = spec_checks_rows(run, number, err);
    if (!status)
        status = spec_checks_stores(run, number, err);
    return status ? sf_error_prefix(err, status, "after input %lld", (long long)number) : SF_OK;
}

static sf_status do_inputs(spec_run *run, sf_error *err)
{
    const cJSON *input;
    int64_t number = 0;
    sf_status status = spec_checks_places(run, err);

    if (!status)
        status = spec_checks_stores(run, -1, err);
    cJSON_ArrayForEach(input, run->read->inputs)
    {
        if (!status)
            status = do_input(run, input, number++, err);
    }
    if (!status)
        status = spec_checks_final_state(run, err);
    return status ? status : spec_checks_dropped(run, err);
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
