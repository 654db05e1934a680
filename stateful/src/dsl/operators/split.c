#include "dsl/operators/split.h"

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_split *split = state;

    for (size_t i = 0; i < split->count; i++) {
        const sf_branch *branch = &split->branches[i];

        if (!branch->predicate || branch->predicate(branch->user, record))
            return sf_context_forward_to(context, split->children[i], record, err);
    }
    return SF_OK;
}

sf_processor sf_split_processor(sf_split *split)
{
    return (sf_processor){.process = process, .user = split};
}
