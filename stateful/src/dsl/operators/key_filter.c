#include "dsl/operators/key_filter.h"

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_key_filter *filter = state;

    if (sf_bytes_is_null(record->key) && !filter->keeps_null_keys) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    return sf_context_forward(context, record, err);
}

sf_processor sf_key_filter_processor(sf_key_filter *filter)
{
    return (sf_processor){.process = process, .user = filter};
}
