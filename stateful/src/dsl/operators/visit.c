#include "dsl/operators/visit.h"

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_visit_step *step = state;
    sf_status status = step->visit(step->user, record, err);

    return status ? status : sf_context_forward(context, record, err);
}

sf_processor sf_visit_processor(sf_visit_step *step)
{
    return (sf_processor){.process = process, .user = step};
}
