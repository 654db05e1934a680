#include "conformance/spec_case.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "conformance/spec_json.h"

static sf_status read_step(const cJSON *json, size_t input_count, spec_step *step, sf_error *err)
{
    sf_status status = spec_fields(json, "a step", "before_input", "wall_clock_ms restart", err);

    if (!status)
        status = spec_read_natural(json, "before_input", &step->before_input, err);
    if (!status)
        status = spec_read_natural(json, "wall_clock_ms", &step->wall_clock_ms, err);
    if (!status)
        status = spec_read_flag(json, "restart", &step->restarts, err);
    if (!status && cJSON_GetArraySize(json) != 2)
        status = sf_fail(err, SF_INVALID, "a step sets the wall clock or restarts");
    if (!status && cJSON_GetObjectItemCaseSensitive(json, "restart") && !step->restarts)
        status = sf_fail(err, SF_INVALID, "a step that does not restart is none");
    if (!status && (size_t)step->before_input >= input_count)
        status = sf_fail(err, SF_INVALID, "a step stands before an input that is not there");
    return status;
}

static sf_status read_steps(spec_case *read, const cJSON *list, sf_error *err)
{
    const cJSON *json;
    sf_status status = SF_OK;

    if (!list)
        return SF_OK;
    if (!cJSON_IsArray(list))
        return sf_fail(err, SF_INVALID, "'steps' is not a list");
    read->steps = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*read->steps));
    cJSON_ArrayForEach(json, list)
    {
        if (!status)
            status = read_step(json, (size_t)cJSON_GetArraySize(read->inputs),
                               &read->steps[read->step_count++], err);
    }
    return status;
}

static sf_status read_config(spec_case *read, const cJSON *config, sf_error *err)
{
    int commit = 0;
    sf_status status;

    if (!config)
        return SF_OK;
    status =
        spec_fields(config, "config", "", "caching commit emit_interval_ms optimize steps", err);
    if (!status)
        status = spec_read_word(config, "caching", "on off both", &read->caching, err);
    if (!status)
        status = spec_read_word(config, "commit", "record end", &commit, err);
    if (!status)
        status = spec_read_natural(config, "emit_interval_ms", &read->emit_interval_ms, err);
    read->commits_at_the_end = commit == 1;
    return status ? status
                  : read_steps(read, cJSON_GetObjectItemCaseSensitive(config, "steps"), err);
}

static sf_status parse(spec_case *read, const sf_buffer *text, sf_error *err)
{
    const char *end = NULL;

    read->root = cJSON_ParseWithLengthOpts((const char *)text->data, text->size, &end, false);
    if (!read->root)
        return sf_fail(err, SF_INVALID, "not JSON, from byte %zu on",
                       end ? (size_t)(end - (const char *)text->data) : 0);
    return spec_fields(read->root, "the case",
                       "name category source topology spec inputs checkpoints expected notes",
                       "final_state state_checks dropped_records compare", err);
}

static sf_status check_forms(const spec_case *read, sf_error *err)
{
    if (!cJSON_IsArray(read->inputs) || !cJSON_IsArray(read->expected))
        return sf_fail(err, SF_INVALID, "'inputs' or 'expected' is not a list");
    if (!cJSON_IsObject(read->checkpoints) || !cJSON_IsObject(read->spec))
        return sf_fail(err, SF_INVALID, "'checkpoints' or 'spec' is not an object");
    return SF_OK;
}

sf_status spec_case_read(spec_case *read, const char *path, sf_error *err)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_status status = sf_file_read(path, &text, err);

    *read = (spec_case){0};
    if (!status)
        status = parse(read, &text, err);
    sf_buffer_done(&text);
    if (status)
        return status;
    read->spec = cJSON_GetObjectItemCaseSensitive(read->root, "spec");
    read->inputs = cJSON_GetObjectItemCaseSensitive(read->root, "inputs");
    read->checkpoints = cJSON_GetObjectItemCaseSensitive(read->root, "checkpoints");
    read->expected = cJSON_GetObjectItemCaseSensitive(read->root, "expected");
    status = check_forms(read, err);
    if (!status)
        status = read_config(read, cJSON_GetObjectItemCaseSensitive(read->spec, "config"), err);
    return status;
}

void spec_case_done(spec_case *read)
{
    cJSON_Delete(read->root);
    free(read->steps);
}
