#include "support/judging_topology.h"

#include "check.h"

static sf_status look_at(void *user, sf_context *context, const sf_record *record, sf_error *err)
{
    number_judge *judge = user;

    if (sf_bytes_to_int64(record->value) == judge->number) {
        if (judge->holds) {
            (void)sem_post(&judge->held);
            while (sem_wait(&judge->go)) /* a signal came */
                continue;
        }
        if (atomic_fetch_sub(&judge->failures, 1) > 0)
            return sf_reject(err, "the judge refuses");
    }
    return sf_context_forward(context, record, err);
}

sf_topology *judging_topology(const char *in, const char *out, number_judge *judge)
{
    const sf_consumed numbers = {.key = &sf_string_serde, .value = &sf_int64_serde};
    const sf_processor processor = {.process = look_at, .user = judge};
    sf_builder *builder = sf_builder_new();
    sf_topology *topology;

    sf_stream_to(
        sf_stream_process_values(sf_builder_stream(builder, in, &numbers), &processor, NULL), out);
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}
