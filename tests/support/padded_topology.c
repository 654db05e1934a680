#include "support/padded_topology.h"

#include <string.h>

#include "check.h"

static sf_status pad(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                     sf_error *err)
{
    size_t size = (size_t)sf_bytes_to_int64(in->value);
    uint8_t *bytes = sf_arena_alloc(arena, size + 1);

    (void)user;
    (void)err;
    memset(bytes, 'x', size);
    *out = *in;
    out->value = sf_bytes_of(bytes, size);
    return SF_OK;
}

sf_topology *padded_topology(const char *in, const char *out, sf_on_error on_error)
{
    const sf_consumed numbers = {
        .key = &sf_string_serde, .value = &sf_int64_serde, .on_error = on_error};
    sf_builder *builder = sf_builder_new();
    sf_stream *values = sf_stream_map_values(sf_builder_stream(builder, in, &numbers), pad, NULL);
    sf_topology *topology;

    sf_stream_to(sf_stream_as(values, NULL, &sf_bytes_serde), out);
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}
