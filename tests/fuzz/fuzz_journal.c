/* fuzz_journal.c - any segments as a journal: frames that are whole but say nonsense, bytes that are no
 * frames, segments that were cleaned or are missing. It is refused with a sentence, or it can be read to its
 * end, written and cleaned.
 *
 * What is drawn is a list of pieces, each begun by a byte: bits 0 and 1 are a frame's flags, 2: bytes as they
 * are, 3: a new segment begins before, 4: one that was cleaned, 5: and the one before it is lost. */
#include <stdlib.h>
#include <string.h>

#include <stateful/broker_group.h>
#include <stateful/log.h>

#include "journal/fact.h"
#include "journal/journal.h"
#include "journal/log_window.h"
#include "record/record_batch.h"

enum { IS_RAW = 4, BEGINS_SEGMENT = 8, IS_CLEANED = 16, FOLLOWS_GAP = 32 };
enum { BLOCKS_MAX = 3, PARTITIONS_MAX = 1000, TOPIC_MAX = 1000 };
enum { PARTITIONS_READ = 3, ROUNDS_MAX = 10000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* ---- segments of what was drawn ---- */

typedef struct forger {
    sf_bytes left; /* of what was drawn */
    sf_log_storage *storage;
    sf_buffer contents; /* of the segment at hand */
    int64_t base;
    int64_t next_base; /* of the one after it; 0: right behind it */
} forger;

static sf_bytes draw(forger *by, size_t size)
{
    size_t taken = size < by->left.size ? size : by->left.size;
    sf_bytes drawn = sf_bytes_of(by->left.data, taken);

    by->left = sf_bytes_of(by->left.data + taken, by->left.size - taken);
    return drawn;
}

/* Of two bytes; 0 when all was drawn. */
static uint32_t draw_number(forger *by)
{
    sf_bytes bytes = draw(by, 2);

    return bytes.size == 2 ? (uint32_t)bytes.data[0] << 8 | bytes.data[1] : 0;
}

static uint8_t draw_byte(forger *by)
{
    sf_bytes byte = draw(by, 1);

    return byte.size ? byte.data[0] : 0;
}

static void begin_segment(forger *by, uint8_t piece)
{
    sf_segment_header header = {.log_id = 1, .base = by->base};

    if (piece & IS_CLEANED) {
        header.generation = 1 + draw_byte(by) % 3;
        header.summary_position = by->base + draw_number(by);
        by->next_base = header.next_base = by->base + 1 + draw_number(by);
    }
    sf_segment_header_add(&by->contents, &header);
}

static void end_segment(forger *by, bool is_kept)
{
    sf_error error = {0};

    if (is_kept)
        check(!by->storage->ops->create(by->storage, by->base, sf_buffer_bytes(&by->contents),
                                        &error));
    by->base = by->next_base ? by->next_base : by->base + (int64_t)by->contents.size;
    by->next_base = 0;
    sf_buffer_clear(&by->contents);
}

/* Topics of very many partitions can be made, but not all of them in the memory there is. */
static bool names_many_partitions(sf_bytes facts)
{
    sf_fact fact;

    while (sf_fact_next(&facts, &fact))
        if (fact.kind == SF_FACT_TOPIC && (fact.number > PARTITIONS_MAX || fact.topic > TOPIC_MAX))
            return true;
    return false;
}

/* Sizes and checksums are right, all else is as it was drawn. */
static void add_frame(forger *by, uint32_t flags)
{
    sf_block blocks[BLOCKS_MAX];
    sf_bytes records[BLOCKS_MAX];
    sf_frame_draft draft = {.blocks = blocks, .records = records, .flags = flags};
    sf_frame_mark mark = {.position = by->base + (int64_t)by->contents.size};
    size_t blocks_wanted = draw_byte(by) % (BLOCKS_MAX + 1);

    mark.synced = draw_byte(by);
    mark.time_ms = draw_byte(by);
    draft.facts = draw(by, draw_byte(by));
    if (names_many_partitions(draft.facts))
        draft.facts = sf_bytes_of("", 0);
    for (; draft.block_count < blocks_wanted; draft.block_count++) {
        sf_bytes header = draw(by, SF_BLOCK_HEADER_SIZE);

        if (header.size < SF_BLOCK_HEADER_SIZE)
            break;
        records[draft.block_count] = draw(by, draw_byte(by));
        blocks[draft.block_count] = sf_block_get(header.data);
        blocks[draft.block_count].size_bytes = (uint32_t)records[draft.block_count].size;
    }
    sf_frame_draft_seal(&draft);
    sf_frame_draft_head(&draft, mark, &by->contents);
    for (size_t i = 0; i < draft.block_count; i++)
        sf_buffer_add_bytes(&by->contents, records[i]);
}

static sf_log_storage *forge(sf_bytes drawn)
{
    forger by = {.left = drawn, .storage = sf_memory_storage_new()};

    while (by.left.size) {
        uint8_t piece = draw_byte(&by);

        if (piece & BEGINS_SEGMENT && by.contents.size)
            end_segment(&by, !(piece & FOLLOWS_GAP));
        if (!by.contents.size)
            begin_segment(&by, piece);
        if (piece & IS_RAW)
            sf_buffer_add_bytes(&by.contents, draw(&by, draw_byte(&by)));
        else
            add_frame(&by, piece & (SF_FRAME_IS_SNAPSHOT | SF_FRAME_IS_LAST));
    }
    if (by.contents.size)
        end_segment(&by, true);
    sf_buffer_done(&by.contents);
    return by.storage;
}

/* ---- all that can be done with a journal ---- */

/* Offsets only go up; a reader that has something to give comes to its end. */
static void read_partition(sf_consumer *consumer, const char *topic, int32_t partition)
{
    int64_t last = -1;
    int rounds = 0;
    sf_reader *reader;
    sf_record_batch *batch;
    sf_error error = {0};

    if (sf_consumer_add(consumer, topic, partition, SF_OFFSET_BEGINNING, &reader, &error)) {
        check(error.text[0]);
        return;
    }
    while (sf_reader_is_ready(reader)) {
        check(rounds++ < ROUNDS_MAX);
        if (sf_reader_read(reader, 7, &batch, &error)) {
            check(error.text[0]);
            break;
        }
        for (size_t i = 0; batch && i < batch->count; i++) {
            check(batch->records[i].offset > last);
            last = batch->records[i].offset;
        }
        if (batch)
            batch->release(batch);
    }
    sf_consumer_remove(consumer, reader);
}

/* Of two topics with one name only the later one can be asked for. */
static void ask_about_partition(sf_broker *broker, const char *topic, int32_t partition)
{
    sf_watermarks marks;
    int64_t offset;
    sf_error error = {0};

    if (sf_broker_watermarks(broker, topic, partition, &marks, &error) ||
        sf_broker_offset_for_time(broker, topic, partition, 1, &offset, &error))
        check(error.text[0]);
}

static void read_config(void *user, const sf_topic_config *config, bool is_default)
{
    size_t *bytes = user;

    (void)is_default;
    *bytes += strlen(config->name) + strlen(config->value);
}

static void ask_about_topic(sf_broker *broker, const char *topic)
{
    size_t bytes = 0;
    sf_error error = {0};

    if (sf_broker_topic_configs(broker, topic, read_config, &bytes, &error))
        check(error.text[0]);
    check(bytes <= UINT8_MAX); /* as many as a frame's facts have here */
}

static void append_to(sf_broker *broker, const char *topic)
{
    sf_outgoing outgoing = {.record = {.key = sf_bytes_text("k"), .value = sf_bytes_text("v")}};
    sf_producer *producer;
    sf_error error = {0};
    size_t sent;

    check(!sf_producer_new(broker, NULL, &producer, &error));
    if (sf_producer_topic_open(producer, topic, &outgoing.topic, &error) ||
        sf_producer_send(producer, &outgoing, 1, &sent, &error) ||
        sf_producer_flush(producer, 0, &error))
        check(error.text[0]);
    sf_producer_close(producer);
}

typedef struct tour {
    sf_broker *broker;
    sf_consumer *consumer;
} tour;

static void visit_topic(void *user, const char *topic, int32_t partitions)
{
    const tour *at = user;

    check(partitions > 0);
    for (int32_t i = 0; i < partitions && i < PARTITIONS_READ; i++) {
        ask_about_partition(at->broker, topic, i);
        read_partition(at->consumer, topic, i);
    }
    ask_about_topic(at->broker, topic);
    append_to(at->broker, topic);
}

static void visit_group(void *user, const char *group, const char *state)
{
    const tour *at = user;
    sf_arena *arena = sf_arena_new();
    const sf_offset *offsets;
    size_t count;
    sf_error error = {0};

    (void)state;
    check(!sf_broker_group_offsets(at->broker, group, arena, &offsets, &count, &error) ||
          error.text[0]);
    sf_arena_free(arena);
}

static void visit_all(sf_broker *broker)
{
    tour at = {.broker = broker};
    sf_error error = {0};

    check(!sf_consumer_new(broker, NULL, &at.consumer, &error));
    check(!sf_broker_list_topics(broker, visit_topic, &at, &error));
    check(!sf_broker_list_groups(broker, visit_group, &at, &error));
    sf_consumer_close(at.consumer);
}

static void say_nothing(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_clock *clock = sf_clock_manual_new(100000);
    const sf_journal_options options = {.clock = clock,
                                        .segment_size_bytes = 500,
                                        .cleaner_interval_ms = -1,
                                        .cleaner_dirty_ratio = 0.01};
    sf_broker *broker;
    sf_error error = {0};

    sf_log_set(say_nothing, NULL, SF_LOG_ERROR);
    if (sf_journal_open_storage(forge(sf_bytes_of(data, size)), &options, &broker, &error)) {
        check(error.text[0]);
    } else {
        visit_all(broker);
        check(!sf_journal_clean(broker, &error) || error.text[0]);
        visit_all(broker);
        sf_broker_close(broker);
    }
    sf_clock_manual_free(clock);
    return 0;
}
