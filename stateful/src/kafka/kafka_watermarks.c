/* kafka_watermarks.c - three questions, however many partitions there are.
 *
 * 1 A handle is told the last stable offset or the real high watermark, by its isolation: it takes two.
 * 2 The stable end is asked for first and the high watermark last, so neither of the others passes it.
 * 3 librdkafka 2.0.2 tells one error for all partitions and no answers then, and does not say of a
 *   partition that it does not know. So after such an answer each is asked about by itself. */
#include "kafka/kafka_watermarks.h"

#include <stdlib.h>

#include "base/memory.h"
#include "kafka/kafka_metadata.h"

static sf_status ask_one(rd_kafka_t *stable, rd_kafka_t *real, sf_partition_marks *asked,
                         sf_error *err)
{
    sf_watermarks found = {0};
    int64_t first;
    sf_status status = sf_kafka_offset_range(stable, asked->topic, asked->partition, &first,
                                             &found.last_stable, err);

    if (!status)
        status = sf_kafka_offset_range(real, asked->topic, asked->partition, &found.low,
                                       &found.high, err);
    if (!status)
        asked->marks = found;
    return status;
}

static sf_status ask_each(rd_kafka_t *stable, rd_kafka_t *real, sf_partition_marks *partitions,
                          size_t count, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < count; i++)
        status = ask_one(stable, real, &partitions[i], err);
    return status;
}

static void take(const rd_kafka_topic_partition_list_t *list, int64_t *offsets)
{
    for (int i = 0; i < list->cnt; i++)
        offsets[i] = list->elems[i].offset;
}

/* offsets: the stable ends, the beginnings, the ends. */
static sf_status ask_all(rd_kafka_t *stable, rd_kafka_t *real,
                         rd_kafka_topic_partition_list_t *list, int64_t *offsets, sf_error *err)
{
    size_t count = (size_t)list->cnt;
    sf_status status = sf_kafka_offsets_ask(stable, list, RD_KAFKA_OFFSET_END, err);

    if (status)
        return status;
    take(list, offsets);
    status = sf_kafka_offsets_ask(real, list, RD_KAFKA_OFFSET_BEGINNING, err);
    if (status)
        return status;
    take(list, offsets + count);
    status = sf_kafka_offsets_ask(real, list, RD_KAFKA_OFFSET_END, err);
    if (!status)
        take(list, offsets + 2 * count);
    return status;
}

static sf_status ask_together(rd_kafka_t *stable, rd_kafka_t *real, sf_partition_marks *partitions,
                              size_t count, sf_error *err)
{
    int64_t *offsets = sf_realloc_array(NULL, 3 * count, sizeof(*offsets));
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    sf_status status;

    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, partitions[i].topic, partitions[i].partition);
    status = ask_all(stable, real, list, offsets, err);
    for (size_t i = 0; !status && i < count; i++)
        partitions[i].marks = (sf_watermarks){
            .last_stable = offsets[i],
            .low = offsets[count + i],
            .high = offsets[2 * count + i],
        };
    rd_kafka_topic_partition_list_destroy(list);
    free(offsets);
    return status;
}

sf_status sf_kafka_watermarks_ask(rd_kafka_t *stable, rd_kafka_t *real,
                                  sf_partition_marks *partitions, size_t count, sf_error *err)
{
    sf_error why = {0};
    sf_status status;

    if (count == 1)
        return ask_one(stable, real, &partitions[0], err);
    status = ask_together(stable, real, partitions, count, &why);
    if (status && why.code == SF_NOT_FOUND)
        return ask_each(stable, real, partitions, count, err);
    if (status && err)
        *err = why;
    return status;
}
