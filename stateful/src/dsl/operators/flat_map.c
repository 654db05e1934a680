#include "dsl/operators/flat_map.h"

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_flat_map_step *step = state;

    return step->flat_map(step->user, context, record, err);
}

sf_processor sf_flat_map_processor(sf_flat_map_step *step)
{
    return (sf_processor){.process = process, .user = step};
}
