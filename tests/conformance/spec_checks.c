#include "conformance/spec_checks.h"

#include <string.h>

#include "conformance/spec_compare.h"
#include "conformance/spec_json.h"
#include "conformance/spec_state.h"

static const cJSON *field(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
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
    spec_rows new = {.items = all->items ? all->items + run->looked_at[number] : NULL,
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

sf_status spec_checks_rows(spec_run *run, int64_t input, sf_error *err)
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

sf_status spec_checks_stores(spec_run *run, int64_t input, sf_error *err)
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

sf_status spec_checks_places(const spec_run *run, sf_error *err)
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

sf_status spec_checks_final_state(spec_run *run, sf_error *err)
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

sf_status spec_checks_dropped(spec_run *run, sf_error *err)
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

sf_status spec_checks_put(const spec_run *run, const cJSON *input, sf_error *err)
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
