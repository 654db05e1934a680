#include "journal/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/map.h"
#include "base/memory.h"
#include "journal/fact.h"

typedef struct committed {
    int64_t offset;
    char *metadata;
} committed;

struct sf_catalog {
    sf_journal_topic **topics; /* by id; NULL: none of that id was seen */
    uint32_t topic_count;
    uint32_t next_topic;
    sf_map *by_name;
    sf_map *groups;  /* name -> map of topic id and partition -> committed */
    sf_map *epochs;  /* transactional id -> int64_t */
    bool is_jumping; /* takes in a snapshot on top of what it knows */
};

sf_catalog *sf_catalog_new(void)
{
    sf_catalog *catalog = sf_zalloc(sizeof(*catalog));

    catalog->by_name = sf_map_new();
    catalog->groups = sf_map_new();
    catalog->epochs = sf_map_new();
    return catalog;
}

static void free_topic(sf_journal_topic *topic)
{
    if (!topic)
        return;
    free(topic->name);
    free(topic->configs);
    free(topic->partitions);
    free(topic);
}

static void free_group(sf_map *group)
{
    size_t position = 0;
    sf_bytes key;
    void *entry;

    while (sf_map_next(group, &position, &key, &entry)) {
        free(((committed *)entry)->metadata);
        free(entry);
    }
    sf_map_free(group);
}

void sf_catalog_free(sf_catalog *catalog)
{
    size_t position = 0;
    sf_bytes key;
    void *value;

    if (!catalog)
        return;
    for (uint32_t id = 0; id < catalog->topic_count; id++)
        free_topic(catalog->topics[id]);
    free(catalog->topics);
    while (sf_map_next(catalog->groups, &position, &key, &value))
        free_group(value);
    position = 0;
    while (sf_map_next(catalog->epochs, &position, &key, &value))
        free(value);
    sf_map_free(catalog->by_name);
    sf_map_free(catalog->groups);
    sf_map_free(catalog->epochs);
    free(catalog);
}

static sf_journal_topic *topic_of_id(const sf_catalog *catalog, uint32_t id)
{
    return id < catalog->topic_count ? catalog->topics[id] : NULL;
}

sf_journal_topic *sf_catalog_topic_of_id(const sf_catalog *catalog, uint32_t id)
{
    sf_journal_topic *topic = topic_of_id(catalog, id);

    return topic && !atomic_load(&topic->is_deleted) ? topic : NULL;
}

static sf_journal_partition *partition_of(const sf_catalog *catalog, uint32_t id, int32_t partition)
{
    sf_journal_topic *topic = topic_of_id(catalog, id);

    if (!topic || partition < 0 || partition >= topic->partition_count)
        return NULL;
    return &topic->partitions[partition];
}

static void make_room_for_topic(sf_catalog *catalog, uint32_t id)
{
    uint32_t count = catalog->topic_count ? catalog->topic_count : 16;

    if (id < catalog->topic_count)
        return;
    while (count <= id)
        count *= 2;
    catalog->topics = sf_realloc_array(catalog->topics, count, sizeof(*catalog->topics));
    memset(catalog->topics + catalog->topic_count, 0,
           (count - catalog->topic_count) * sizeof(*catalog->topics));
    catalog->topic_count = count;
}

static char *text_of(sf_bytes bytes)
{
    char *text;

    if (!bytes.data)
        return NULL;
    text = sf_alloc(bytes.size + 1);
    memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = 0;
    return text;
}

enum { MAX_TOPIC_ID = 1 << 24, MAX_PARTITIONS = 1 << 20 };

/* A topic known from before a jump: it is still there. */
static bool is_known(const sf_catalog *catalog, const sf_fact *fact)
{
    sf_journal_topic *topic = catalog->is_jumping ? topic_of_id(catalog, fact->topic) : NULL;

    if (!topic || !sf_bytes_equal(sf_bytes_text(topic->name), fact->name) ||
        topic->partition_count != fact->number)
        return false;
    topic->is_listed = true;
    return true;
}

/* Names and values in turn, each with its NUL. */
static bool are_configs(sf_bytes configs)
{
    size_t texts = 0;

    for (size_t i = 0; i < configs.size; i++)
        texts += configs.data[i] == 0;
    return texts % 2 == 0 && (!configs.size || configs.data[configs.size - 1] == 0);
}

static bool add_topic(sf_catalog *catalog, const sf_fact *fact)
{
    sf_journal_topic *topic;

    if (is_known(catalog, fact))
        return true;
    if (fact->topic > MAX_TOPIC_ID || topic_of_id(catalog, fact->topic) || !fact->name.data ||
        fact->number < 1 || fact->number > MAX_PARTITIONS || !are_configs(fact->text))
        return false;
    topic = sf_zalloc(sizeof(*topic));
    topic->id = fact->topic;
    topic->partition_count = (int32_t)fact->number;
    topic->is_listed = true;
    topic->name = text_of(fact->name);
    topic->configs = sf_memory_copy(fact->text.data, fact->text.size);
    topic->configs_size = fact->text.size;
    topic->partitions = sf_zalloc((size_t)fact->number * sizeof(*topic->partitions));
    for (int32_t i = 0; i < topic->partition_count; i++)
        topic->partitions[i].max_timestamp = INT64_MIN;
    make_room_for_topic(catalog, topic->id);
    catalog->topics[topic->id] = topic;
    if (topic->id >= catalog->next_topic)
        catalog->next_topic = topic->id + 1;
    (void)sf_map_put(catalog->by_name, fact->name, topic); /* a deleted one left before */
    return true;
}

static void delete_topic(sf_catalog *catalog, uint32_t id)
{
    sf_journal_topic *topic = topic_of_id(catalog, id);

    if (!topic)
        return;
    atomic_store(&topic->is_deleted, true);
    if (sf_map_get(catalog->by_name, sf_bytes_text(topic->name)) == topic)
        (void)sf_map_remove(catalog->by_name, sf_bytes_text(topic->name)); /* it is topic */
}

static bool set_partition(sf_catalog *catalog, const sf_fact *fact)
{
    sf_journal_partition *partition = partition_of(catalog, fact->topic, fact->partition);

    if (!partition)
        return false;
    atomic_store(&partition->low, fact->low);
    atomic_store(&partition->next, fact->number);
    partition->max_timestamp = fact->max_timestamp;
    return true;
}

static void set_written(sf_catalog *catalog, const sf_fact *fact)
{
    sf_journal_partition *partition = partition_of(catalog, fact->topic, fact->partition);

    if (partition)
        partition->written_bytes = fact->number;
}

static void raise_low(sf_catalog *catalog, const sf_fact *fact)
{
    sf_journal_partition *partition = partition_of(catalog, fact->topic, fact->partition);

    if (partition && fact->number > atomic_load(&partition->low))
        atomic_store(&partition->low, fact->number);
}

static sf_bytes group_key(uint8_t key[8], uint32_t topic, int32_t partition)
{
    sf_put_be32(key, topic);
    sf_put_be32(key + 4, (uint32_t)partition);
    return sf_bytes_of(key, 8);
}

static bool set_group_offset(sf_catalog *catalog, const sf_fact *fact)
{
    sf_map *group;
    committed *entry;
    uint8_t key[8];

    if (!fact->name.data)
        return false;
    if (!partition_of(catalog, fact->topic, fact->partition))
        return true; /* the topic is gone, and its offsets with it */
    group = sf_map_get(catalog->groups, fact->name);
    if (!group) {
        group = sf_map_new();
        (void)sf_map_put(catalog->groups, fact->name, group); /* nothing was there */
    }
    entry = sf_map_get(group, group_key(key, fact->topic, fact->partition));
    if (!entry) {
        entry = sf_zalloc(sizeof(*entry));
        (void)sf_map_put(group, group_key(key, fact->topic, fact->partition), entry); /* nor here */
    }
    free(entry->metadata);
    *entry = (committed){fact->number, text_of(fact->text)};
    return true;
}

static bool set_epoch(sf_catalog *catalog, const sf_fact *fact)
{
    int64_t *epoch;

    if (!fact->name.data)
        return false;
    epoch = sf_map_get(catalog->epochs, fact->name);
    if (!epoch) {
        epoch = sf_alloc(sizeof(*epoch));
        (void)sf_map_put(catalog->epochs, fact->name, epoch); /* nothing was there */
    }
    *epoch = fact->number;
    return true;
}

static bool apply_fact(sf_catalog *catalog, const sf_fact *fact)
{
    switch (fact->kind) {
    case SF_FACT_TOPIC:
        return add_topic(catalog, fact);
    case SF_FACT_TOPIC_DELETED:
        delete_topic(catalog, fact->topic);
        return true;
    case SF_FACT_PARTITION:
        return set_partition(catalog, fact);
    case SF_FACT_LOW:
        raise_low(catalog, fact);
        return true;
    case SF_FACT_GROUP_OFFSET:
        return set_group_offset(catalog, fact);
    case SF_FACT_EPOCH:
        return set_epoch(catalog, fact);
    case SF_FACT_NEXT_TOPIC:
        if (fact->topic > catalog->next_topic)
            catalog->next_topic = fact->topic;
        return true;
    case SF_FACT_WRITTEN:
        set_written(catalog, fact);
        return true;
    case SF_FACT_KEPT: /* of a segment, not of the log */
        return true;
    }
    return true; /* of a later program that says we can do without it */
}

static void apply_block(sf_catalog *catalog, const sf_block *block)
{
    sf_journal_partition *partition = partition_of(catalog, block->topic, block->partition);

    if (!partition)
        return; /* written while its topic was deleted by another */
    atomic_store(&partition->next, block->next_offset);
    partition->written_bytes += SF_BLOCK_HEADER_SIZE + block->size_bytes;
    if (block->count && block->max_timestamp > partition->max_timestamp)
        partition->max_timestamp = block->max_timestamp;
}

sf_status sf_catalog_apply(sf_catalog *catalog, const sf_frame *frame, sf_error *err)
{
    sf_bytes facts = frame->facts;
    sf_fact fact;

    while (sf_fact_next(&facts, &fact))
        if (!apply_fact(catalog, &fact))
            return sf_fail(err, SF_CORRUPT, "the frame at %lld says what cannot be (fact %d)",
                           (long long)frame->mark.position, (int)fact.kind);
    if (facts.size)
        return sf_fail(err, SF_CORRUPT, "the facts of the frame at %lld make no sense",
                       (long long)frame->mark.position);
    for (size_t i = 0; i < frame->block_count; i++) {
        sf_block block = sf_block_get(frame->blocks + i * SF_BLOCK_HEADER_SIZE);

        apply_block(catalog, &block);
    }
    return SF_OK;
}

static void delete_unlisted(sf_catalog *catalog)
{
    for (uint32_t id = 0; id < catalog->topic_count; id++)
        if (topic_of_id(catalog, id) && !catalog->topics[id]->is_listed)
            delete_topic(catalog, id);
}

sf_status sf_catalog_jump(sf_catalog *catalog, const sf_frame *snapshot, sf_error *err)
{
    sf_status status;

    for (uint32_t id = 0; id < catalog->topic_count; id++)
        if (catalog->topics[id])
            catalog->topics[id]->is_listed = false;
    catalog->is_jumping = true;
    status = sf_catalog_apply(catalog, snapshot, err);
    catalog->is_jumping = false;
    if (!status)
        delete_unlisted(catalog);
    return status;
}

static void snapshot_topic(const sf_journal_topic *topic, sf_buffer *facts)
{
    sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_TOPIC,
                                  .topic = topic->id,
                                  .number = topic->partition_count,
                                  .name = sf_bytes_text(topic->name),
                                  .text = sf_bytes_of(topic->configs, topic->configs_size)});
    for (int32_t i = 0; i < topic->partition_count; i++) {
        const sf_journal_partition *partition = &topic->partitions[i];

        sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_PARTITION,
                                      .topic = topic->id,
                                      .partition = i,
                                      .number = atomic_load(&partition->next),
                                      .low = atomic_load(&partition->low),
                                      .max_timestamp = partition->max_timestamp});
        sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_WRITTEN,
                                      .topic = topic->id,
                                      .partition = i,
                                      .number = partition->written_bytes});
    }
}

static void snapshot_group(const sf_catalog *catalog, sf_bytes name, const sf_map *group,
                           sf_buffer *facts)
{
    size_t position = 0;
    sf_bytes key;
    void *value;

    while (sf_map_next(group, &position, &key, &value)) {
        const committed *entry = value;
        uint32_t id = sf_get_be32(key.data);

        if (!atomic_load(&catalog->topics[id]->is_deleted))
            sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_GROUP_OFFSET,
                                          .name = name,
                                          .topic = id,
                                          .partition = (int32_t)sf_get_be32(key.data + 4),
                                          .number = entry->offset,
                                          .text = sf_bytes_text(entry->metadata)});
    }
}

void sf_catalog_snapshot(const sf_catalog *catalog, sf_buffer *facts)
{
    const sf_journal_topic *topic;
    size_t position = 0;
    uint32_t index = 0;
    sf_bytes key;
    void *value;

    sf_fact_add(facts, &(sf_fact){.kind = SF_FACT_NEXT_TOPIC, .topic = catalog->next_topic});
    while ((topic = sf_catalog_next_topic(catalog, &index)))
        snapshot_topic(topic, facts);
    while (sf_map_next(catalog->groups, &position, &key, &value))
        snapshot_group(catalog, key, value, facts);
    position = 0;
    while (sf_map_next(catalog->epochs, &position, &key, &value))
        sf_fact_add(facts,
                    &(sf_fact){.kind = SF_FACT_EPOCH, .name = key, .number = *(int64_t *)value});
}

sf_journal_topic *sf_catalog_topic(const sf_catalog *catalog, const char *name)
{
    return sf_map_get(catalog->by_name, sf_bytes_text(name));
}

sf_status sf_catalog_partition(const sf_catalog *catalog, const char *topic, int32_t partition,
                               sf_journal_topic **found, sf_error *err)
{
    sf_journal_topic *named = sf_catalog_topic(catalog, topic);

    if (!named)
        return sf_fail(err, SF_NOT_FOUND, "there is no topic %s in the journal", topic);
    if (partition < 0 || partition >= named->partition_count)
        return sf_fail(err, SF_NOT_FOUND, "topic %s has no partition %d, only %d of them", topic,
                       (int)partition, (int)named->partition_count);
    *found = named;
    return SF_OK;
}

sf_journal_topic *sf_catalog_next_topic(const sf_catalog *catalog, uint32_t *index)
{
    while (*index < catalog->topic_count) {
        sf_journal_topic *topic = catalog->topics[(*index)++];

        if (topic && !atomic_load(&topic->is_deleted))
            return topic;
    }
    return NULL;
}

uint32_t sf_catalog_free_topic_id(const sf_catalog *catalog)
{
    return catalog->next_topic;
}

int64_t sf_catalog_group_offset(const sf_catalog *catalog, const char *group,
                                const sf_journal_topic *topic, int32_t partition,
                                const char **metadata)
{
    const sf_map *offsets = sf_map_get(catalog->groups, sf_bytes_text(group));
    const committed *entry;
    uint8_t key[8];

    entry = offsets ? sf_map_get(offsets, group_key(key, topic->id, partition)) : NULL;
    *metadata = entry ? entry->metadata : NULL;
    return entry ? entry->offset : SF_OFFSET_NONE;
}

bool sf_catalog_next_group(const sf_catalog *catalog, size_t *position, sf_bytes *name)
{
    void *group;

    return sf_map_next(catalog->groups, position, name, &group);
}

bool sf_catalog_next_group_offset(const sf_catalog *catalog, const char *group, size_t *position,
                                  sf_offset *offset)
{
    const sf_map *offsets = sf_map_get(catalog->groups, sf_bytes_text(group));
    sf_bytes key;
    void *value;

    while (offsets && sf_map_next(offsets, position, &key, &value)) {
        const committed *entry = value;
        const sf_journal_topic *topic = catalog->topics[sf_get_be32(key.data)];

        if (atomic_load(&topic->is_deleted))
            continue;
        *offset = (sf_offset){
            .topic = topic->name,
            .partition = (int32_t)sf_get_be32(key.data + 4),
            .offset = entry->offset,
            .metadata = entry->metadata,
        };
        return true;
    }
    return false;
}

int64_t sf_catalog_epoch(const sf_catalog *catalog, const char *transactional_id)
{
    const int64_t *epoch = sf_map_get(catalog->epochs, sf_bytes_text(transactional_id));

    return epoch ? *epoch : 0;
}
