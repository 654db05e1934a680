#include "dsl/operators/map.h"

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_map_step *step = state;
    sf_record out = *record;
    sf_status status = step->map(step->user, sf_context_arena(context), record, &out, err);

    return status ? status : sf_context_forward(context, &out, err);
}

static sf_status process_key(void *state, sf_context *context, const sf_record *record,
                             sf_error *err)
{
    const sf_map_step *step = state;
    sf_record out = *record;
    sf_status status = step->map(step->user, sf_context_arena(context), record, &out, err);

    out.value = record->value;
    return status ? status : sf_context_forward(context, &out, err);
}

static sf_status process_value(void *state, sf_context *context, const sf_record *record,
                               sf_error *err)
{
    const sf_map_step *step = state;
    sf_record out = *record;
    sf_status status = step->map(step->user, sf_context_arena(context), record, &out, err);

    out.key = record->key;
    return status ? status : sf_context_forward(context, &out, err);
}

sf_processor sf_map_processor(sf_map_step *step)
{
    return (sf_processor){.process = process, .user = step};
}

sf_processor sf_map_key_processor(sf_map_step *step)
{
    return (sf_processor){.process = process_key, .user = step};
}

sf_processor sf_map_value_processor(sf_map_step *step)
{
    return (sf_processor){.process = process_value, .user = step};
}
