/* spec_suppress.c - the node that holds updates back. */
#include "conformance/spec_json.h"
#include "conformance/spec_node.h"

static sf_status read_limit(const cJSON *node, sf_suppressed *suppressed, sf_error *err)
{
    const cJSON *limit = cJSON_GetObjectItemCaseSensitive(node, "limit_ms");
    int forever;

    if (suppressed->until == SF_UNTIL_WINDOW_CLOSES)
        return limit ? sf_fail(err, SF_INVALID, "'limit_ms' has no place here") : SF_OK;
    if (!limit)
        return sf_fail(err, SF_INVALID, "'limit_ms' is missing");
    if (!cJSON_IsString(limit))
        return spec_read_natural(node, "limit_ms", &suppressed->limit_ms, err);
    suppressed->limit_ms = -1;
    return spec_read_word(node, "limit_ms", "forever", &forever, err);
}

static sf_status read_buffer(const cJSON *node, sf_suppressed *suppressed, sf_error *err)
{
    const cJSON *buffer = cJSON_GetObjectItemCaseSensitive(node, "buffer");
    int64_t records = 0;
    int64_t bytes = 0;
    int when_full = 0;
    sf_status status;

    if (!buffer)
        return SF_OK;
    status = spec_fields(buffer, "buffer", "when_full", "max_records max_bytes", err);
    if (!status)
        status = spec_read_natural(buffer, "max_records", &records, err);
    if (!status)
        status = spec_read_natural(buffer, "max_bytes", &bytes, err);
    if (!status)
        status = spec_read_word(buffer, "when_full", "emit stop", &when_full, err);
    if (!status && cJSON_GetArraySize(buffer) == 1)
        status = sf_fail(err, SF_INVALID, "the buffer has no bound");
    suppressed->max_records = (size_t)records;
    suppressed->max_bytes = (size_t)bytes;
    suppressed->when_full = when_full ? SF_WHEN_FULL_STOP : SF_WHEN_FULL_EMIT_EARLY;
    return status;
}

sf_status spec_make_suppress(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    sf_suppressed suppressed = {.name = spec_node_name(topology, node, "buffer")};
    int until = 0;
    sf_status status = spec_node_find(topology, node, "from", NODE_TABLE, &from, err);

    if (!status)
        status = spec_read_word(node->json, "until", "time_limit window_close", &until, err);
    suppressed.when_full = SF_WHEN_FULL_STOP; /* final results do not leave early */
    suppressed.until = until ? SF_UNTIL_WINDOW_CLOSES : SF_UNTIL_TIME_LIMIT;
    if (!status)
        status = read_limit(node->json, &suppressed, err);
    if (!status)
        status = read_buffer(node->json, &suppressed, err);
    if (status)
        return status;
    node->kind = NODE_TABLE;
    node->key = from->key;
    node->value = from->value;
    node->table = sf_table_suppress(from->table, &suppressed);
    return SF_OK;
}
