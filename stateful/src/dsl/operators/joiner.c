#include "dsl/operators/joiner.h"

sf_status sf_joiner_forward(const sf_joiner *joiner, sf_context *context, const sf_record *result,
                            sf_bytes left, sf_bytes right, sf_error *err)
{
    sf_record met = *result;
    sf_record out = *result;
    sf_status status;

    met.value = left;
    out.value = SF_NULL;
    status = joiner->join(joiner->user, sf_context_arena(context), &met, right, &out.value, err);
    return status ? status : sf_context_forward(context, &out, err);
}
