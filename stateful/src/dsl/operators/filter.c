#include "dsl/operators/filter.h"

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_filter *filter = state;

    if (filter->predicate(filter->user, record) == filter->negated)
        return SF_OK;
    return sf_context_forward(context, record, err);
}

sf_processor sf_filter_processor(sf_filter *filter)
{
    return (sf_processor){.process = process, .user = filter};
}
