#include "journal/group_offsets.h"

#include <string.h>

#include "journal/fact.h"

enum { METADATA_MAX = 4096 };

sf_status sf_group_offsets_add(const sf_catalog *catalog, const char *group,
                               const sf_offset *offsets, size_t count, sf_buffer *facts,
                               sf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const sf_offset *offset = &offsets[i];
        sf_journal_topic *topic;
        sf_status status =
            sf_catalog_partition(catalog, offset->topic, offset->partition, &topic, err);

        if (status)
            return status;
        if (offset->offset < 0)
            return sf_fail(err, SF_INVALID, "%lld is no offset to commit for %s-%d",
                           (long long)offset->offset, offset->topic, (int)offset->partition);
        if (offset->metadata && strlen(offset->metadata) > METADATA_MAX)
            return sf_fail(
                err, SF_INVALID, "the metadata committed for %s-%d has %zu bytes, more than %d",
                offset->topic, (int)offset->partition, strlen(offset->metadata), METADATA_MAX);
        sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_GROUP_OFFSET,
                                      .name = sf_bytes_text(group),
                                      .topic = topic->id,
                                      .partition = offset->partition,
                                      .number = offset->offset,
                                      .text = sf_bytes_text(offset->metadata)});
    }
    return SF_OK;
}

void sf_group_offsets_find(const sf_catalog *catalog, const char *group, sf_offset *offsets,
                           size_t count, sf_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        const sf_journal_topic *topic = sf_catalog_topic(catalog, offsets[i].topic);
        const char *metadata = NULL;

        offsets[i].offset = SF_OFFSET_NONE;
        if (topic)
            offsets[i].offset =
                sf_catalog_group_offset(catalog, group, topic, offsets[i].partition, &metadata);
        offsets[i].metadata = metadata ? sf_arena_text(arena, metadata) : NULL;
    }
}
