#include "topic_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest_word.h"
#include "runtime/retry.h"

/* ---- all topics ---- */

static void add_entry(void *user, const char *topic, int32_t partitions)
{
    topic_list *list = user;

    list->entries = sf_realloc_array(list->entries, list->count + 1, sizeof(topic_entry));
    list->entries[list->count++] = (topic_entry){sf_text_copy(topic), partitions};
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const topic_entry *)a)->name, ((const topic_entry *)b)->name);
}

void topic_list_done(topic_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->entries[i].name);
    free(list->entries);
    *list = (topic_list){0};
}

sf_status topic_list_read(const command_call *call, topic_list *list, sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    *list = (topic_list){0};
    do {
        topic_list_done(list);
        status = sf_broker_list_topics(call->broker, add_entry, list, err);
    } while (sf_retry_again(&retry, &status, err));
    if (list->count)
        qsort(list->entries, list->count, sizeof(topic_entry), by_name);
    return status;
}

const topic_entry *topic_list_find(const topic_list *list, const char *name)
{
    const topic_entry wanted = {.name = (char *)name}; /* only compared */

    return list->count ? bsearch(&wanted, list->entries, list->count, sizeof(topic_entry), by_name)
                       : NULL;
}

/* ---- one topic ---- */

static sf_status fail_missing(const command_call *call, const char *topic, sf_error *err)
{
    topic_list list;
    const char **names;
    const char *nearest = NULL;
    sf_status status = topic_list_read(call, &list, err);

    if (status) {
        topic_list_done(&list);
        return status;
    }
    names = sf_zalloc((list.count + 1) * sizeof(*names));
    for (size_t i = 0; i < list.count; i++)
        names[i] = list.entries[i].name;
    nearest = sf_nearest_word(topic, names, list.count);
    if (nearest)
        status = sf_fail(err, SF_NOT_FOUND, "there is no topic %s on %s; did you mean %s?", topic,
                         call->address, nearest);
    else
        status = sf_fail(err, SF_NOT_FOUND, "there is no topic %s on %s", topic, call->address);
    free(names);
    topic_list_done(&list);
    return status;
}

sf_status topic_facts_partitions(const command_call *call, const char *topic, int32_t *partitions,
                                 sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_partition_count(call->broker, topic, partitions, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && *partitions == 0)
        status = fail_missing(call, topic, err);
    return status;
}

sf_status topic_facts_watermarks(const command_call *call, const char *topic, int32_t partition,
                                 sf_watermarks *marks, sf_error *err)
{
    sf_retry retry = command_retry(call);
    sf_status status;

    do
        status = sf_broker_watermarks(call->broker, topic, partition, marks, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}
