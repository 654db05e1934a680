/* What the cleaner removes, what it leaves, and that nobody who reads or is killed meanwhile is hurt. */
#include "journal/cleaner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_files.h"
#include "support/journal_fixture.h"
#include "support/watched_storage.h"

enum {
    SEGMENT = 4096,
    KEYS = 7,
    WIDTH = 16,
    DAY_MS = 24 * 3600 * 1000,
};

/* Cleans only when it is asked to. */
static sf_journal_options by_hand(sf_clock *clock)
{
    return (sf_journal_options){
        .clock = clock, .segment_size_bytes = SEGMENT, .cleaner_interval_ms = -1};
}

static sf_broker *open_by_hand(const char *directory, sf_clock *clock)
{
    sf_journal_options options = by_hand(clock);

    return journal_fixture_open(directory, &options);
}

static void make_topic(sf_broker *broker, const char *name, const sf_topic_config *configs,
                       size_t count)
{
    sf_topic_spec spec = {.name = name, .partitions = 2, .configs = configs, .config_count = count};

    assert_ok(sf_broker_create_topic(broker, &spec, NULL, err));
}

static void make_compacted(sf_broker *broker, const char *name)
{
    make_topic(broker, name, &(sf_topic_config){"cleanup.policy", "compact"}, 1);
}

/* Records with numbers from first on for partition 0, each a frame; key: their number modulo KEYS. */
static void write_numbers(sf_broker *broker, const char *name, int first, int count,
                          int64_t timestamp)
{
    sf_producer *producer;
    sf_producer_topic *topic;

    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    topic = open_topic(producer, name);
    for (int i = first; i < first + count; i++) {
        char key[8], value[64];
        sf_outgoing record = {.topic = topic, .record.timestamp = timestamp};

        (void)snprintf(key, sizeof(key), "k%d", i % KEYS);
        (void)snprintf(value, sizeof(value), "%d-0123456789012345678901234567890123456789", i);
        record.record.key = sf_bytes_text(key);
        record.record.value = sf_bytes_text(value);
        assert_ok(sf_producer_send(producer, &record, 1, NULL, err));
    }
    assert_ok(sf_producer_flush(producer, 1000, err));
    sf_producer_close(producer);
}

/* One frame that fills a segment: a number for k0, and a record for each partition of another topic, of
 * which a cleaned segment has to tell more than one that was not. */
static void write_one_frame(sf_broker *broker, const char *name, const char *wide)
{
    static char filling[SEGMENT / WIDTH];
    sf_outgoing records[1 + WIDTH] = {0};
    sf_producer *producer;
    sf_producer_topic *topic;

    memset(filling, '7', sizeof(filling));
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    topic = open_topic(producer, name);
    records[0].topic = topic;
    records[0].record.key = sf_bytes_text("k0");
    records[0].record.value = sf_bytes_text("1");
    topic = open_topic(producer, wide);
    for (int i = 1; i <= WIDTH; i++) {
        records[i] = (sf_outgoing){.topic = topic, .partition = i - 1};
        records[i].record.value = sf_bytes_of(filling, sizeof(filling));
    }
    assert_ok(sf_producer_send(producer, records, 1 + WIDTH, NULL, err));
    assert_ok(sf_producer_flush(producer, 1000, err));
    sf_producer_close(producer);
}

/* What a reader of a partition finds from its beginning on. */
typedef struct contents {
    size_t records;
    int64_t first, last; /* offsets */
    int64_t position;    /* at the end */
    int newest[KEYS];    /* number, -1: no such key or it is deleted */
    size_t deletions;
} contents;

static void note(contents *found, const sf_consumed_record *record)
{
    int key = record->record.key.data[1] - '0';

    if (!found->records++)
        found->first = record->offset;
    assert_true(found->records == 1 || record->offset > found->last);
    found->last = record->offset;
    found->newest[key] =
        record->record.value.data ? atoi((const char *)record->record.value.data) : -1;
    found->deletions += !record->record.value.data;
}

static int64_t high_of(sf_broker *broker, const char *topic)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(broker, topic, 0, &marks, err));
    return marks.high;
}

static contents read_all(sf_broker *broker, const char *topic)
{
    contents found = {.newest = {-1, -1, -1, -1, -1, -1, -1}};
    int64_t end = high_of(broker, topic);
    sf_consumer *consumer;
    sf_reader *reader;

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, 0, SF_OFFSET_BEGINNING);
    while (sf_reader_position(reader) < end && sf_reader_is_ready(reader)) {
        sf_record_batch *batch;

        assert_ok(sf_reader_read(reader, 1000, &batch, err));
        for (size_t i = 0; batch && i < batch->count; i++)
            note(&found, &batch->records[i]);
        if (batch)
            batch->release(batch);
    }
    found.position = sf_reader_position(reader);
    sf_consumer_close(consumer);
    return found;
}

static void assert_newest(const contents *found, int last_number)
{
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(found->newest[(last_number - i) % KEYS], last_number - i);
}

static int64_t low_of(sf_broker *broker, const char *topic)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(broker, topic, 0, &marks, err));
    return marks.low;
}

/* ---- what goes ---- */

static void superseded_records_go(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);
    contents found;

    (void)state;
    make_compacted(broker, "t");
    write_numbers(broker, "t", 0, 1000, 1000);
    assert_ok(sf_journal_clean(broker, err));

    found = read_all(broker, "t");
    assert_newest(&found, 999);
    assert_true(found.records < 2 * KEYS + SEGMENT / 100); /* closed segments, and the last one */
    assert_int_equal(found.position, 1000);
    assert_true(journal_files_total_size(directory) < 3 * SEGMENT);
    sf_broker_close(broker);
}

/* The last segment, as a copy that was made too early lacks it: those before it were cleaned. */
static void a_log_that_ends_with_a_cleaned_segment_has_lost_its_end(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);
    sf_error error = {0};

    (void)state;
    make_compacted(broker, "t");
    write_numbers(broker, "t", 0, 1000, 1000);
    assert_ok(sf_journal_clean(broker, err));
    sf_broker_close(broker);
    assert_int_equal(unlink(journal_files_last(directory)), 0);

    assert_int_equal(sf_journal_open_directory(directory, NULL, &broker, &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
    assert_non_null(strstr(error.text, " has lost its end: segment "));
}

static void a_search_by_time_names_the_segment_that_is_gone(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);
    sf_error error = {0};
    int64_t offset;

    (void)state;
    make_topic(broker, "t", NULL, 0);
    write_numbers(broker, "t", 0, 300, 10);
    write_numbers(broker, "t", 300, 300, 20);
    journal_files_keep_ends(directory);

    assert_int_equal(sf_broker_offset_for_time(broker, "t", 0, 20, &offset, &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
    assert_non_null(strstr(error.text, " has lost its segment "));
    sf_broker_close(broker);
}

/* A segment a run, and of the next one as many keys as there is room for. */
static void superseded_records_go_with_hardly_any_memory_too(void **state)
{
    enum { RUNS = 40 };
    sf_journal_options options = by_hand(NULL);
    contents found;
    sf_broker *broker;

    (void)state;
    for (size_t bytes = 1; bytes <= 4 * 256; bytes *= 4) { /* 32 bytes a key, and a third */
        options.cleaner_memory_bytes = bytes;
        broker = journal_fixture_open(journal_fixture_directory(), &options);
        make_compacted(broker, "t");
        write_numbers(broker, "t", 0, 1000, 1000);
        for (int i = 0; i < RUNS; i++) {
            assert_ok(sf_journal_clean(broker, err));
            found = read_all(broker, "t");
            assert_newest(&found, 999);
            assert_int_equal(found.position, 1000);
        }
        assert_true(found.records < 500); /* until less than half is new (the usual ratio) */
        sf_broker_close(broker);
    }
}

static void records_of_other_topics_stay(void **state)
{
    sf_broker *broker = open_by_hand(journal_fixture_directory(), NULL);

    (void)state;
    make_compacted(broker, "t");
    make_topic(broker, "kept", NULL, 0);
    for (int i = 0; i < 20; i++) {
        write_numbers(broker, "t", 20 * i, 20, 1000);
        write_numbers(broker, "kept", 20 * i, 20, 1000);
    }
    assert_ok(sf_journal_clean(broker, err));

    assert_int_equal(read_all(broker, "kept").records, 400);
    assert_true(read_all(broker, "t").records < 100);
    sf_broker_close(broker);
}

static void purged_records_go(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);
    size_t before;

    (void)state;
    make_topic(broker, "t", NULL, 0);
    make_topic(broker, "kept", NULL, 0);
    write_numbers(broker, "kept", 0, 10, 1000);
    write_numbers(broker, "t", 0, 1000, 1000);
    write_numbers(broker, "kept", 10, 10, 1000);
    before = journal_files_total_size(directory);
    assert_ok(sf_broker_delete_records(broker, "t", 0, 990, err));
    assert_ok(sf_journal_clean(broker, err));

    assert_true(journal_files_total_size(directory) < before / 4);
    assert_int_equal(read_all(broker, "t").first, 990);
    assert_int_equal(read_all(broker, "t").records, 10);
    assert_int_equal(read_all(broker, "kept").records, 20);
    sf_broker_close(broker);
}

static void records_of_deleted_topics_go(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);

    (void)state;
    make_topic(broker, "t", NULL, 0);
    write_numbers(broker, "t", 0, 1000, 1000);
    assert_ok(sf_broker_delete_topic(broker, "t", err));
    assert_ok(sf_journal_clean(broker, err));

    assert_true(journal_files_total_size(directory) < 2 * SEGMENT);
    assert_int_equal(journal_files_count(directory), 1);
    sf_broker_close(broker);
}

static void expired_records_go_by_whole_segments(void **state)
{
    sf_clock *clock = sf_clock_manual_new(100000);
    sf_broker *broker = open_by_hand(journal_fixture_directory(), clock);
    contents found;

    (void)state;
    make_topic(broker, "t", &(sf_topic_config){"retention.ms", "50000"}, 1);
    write_numbers(broker, "t", 0, 500, 49000);
    write_numbers(broker, "t", 500, 100, 51000);
    assert_ok(sf_journal_clean(broker, err));

    found = read_all(broker, "t");
    assert_true(found.first > 500 - SEGMENT / 100);
    assert_true(found.first <= 500);
    assert_int_equal(found.records, 600 - found.first);
    assert_int_equal(low_of(broker, "t"), found.first);
    sf_broker_close(broker);
    sf_clock_manual_free(clock);
}

static void no_more_than_retention_bytes_stay(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);

    (void)state;
    make_topic(broker, "t", &(sf_topic_config){"retention.bytes", "8192"}, 1);
    write_numbers(broker, "t", 0, 1000, 1000);
    assert_ok(sf_journal_clean(broker, err));

    assert_true(low_of(broker, "t") > 800);
    assert_true(low_of(broker, "t") < 1000 - 8192 / 160);
    assert_true(journal_files_total_size(directory) < 8 * SEGMENT);
    sf_broker_close(broker);
}

static void without_a_setting_nothing_goes(void **state)
{
    sf_broker *broker = open_by_hand(journal_fixture_directory(), NULL);

    (void)state;
    make_topic(broker, "t", NULL, 0);
    write_numbers(broker, "t", 0, 1000, 0);
    assert_ok(sf_journal_clean(broker, err));

    assert_int_equal(read_all(broker, "t").records, 1000);
    sf_broker_close(broker);
}

static void nonsense_in_a_setting_is_refused(void **state)
{
    sf_broker *broker = open_by_hand(journal_fixture_directory(), NULL);
    const sf_topic_config wrong[] = {{"cleanup.policy", "compacted"}, {"retention.ms", "7d"}};
    sf_error error = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sf_topic_spec spec = {
            .name = "t", .partitions = 1, .configs = &wrong[i], .config_count = 1};

        assert_int_equal(sf_broker_create_topic(broker, &spec, NULL, &error), SF_STOP);
        assert_non_null(strstr(error.text, wrong[i].name));
        assert_non_null(strstr(error.text, wrong[i].value));
    }
    sf_broker_close(broker);
}

/* ---- deletions ---- */

static void delete_keys(sf_broker *broker, const char *topic)
{
    for (int i = 0; i < KEYS; i++) {
        char key[8];

        (void)snprintf(key, sizeof(key), "k%d", i);
        send_alone(broker, topic, 0, key, NULL);
    }
}

static void deletions_go_when_all_have_had_time_to_see_them(void **state)
{
    sf_clock *clock = sf_clock_manual_new(1000000);
    sf_broker *broker = open_by_hand(journal_fixture_directory(), clock);
    contents found;
    int64_t high;

    (void)state;
    make_compacted(broker, "t");
    make_compacted(broker, "other");
    write_numbers(broker, "t", 0, 100, 1000);
    delete_keys(broker, "t");
    high = high_of(broker, "t");
    write_numbers(broker, "other", 0, 200, 1000);

    assert_ok(
        sf_journal_clean(broker, err)); /* long after they were written, but for the first time */
    found = read_all(broker, "t");
    assert_int_equal(found.records, KEYS);
    assert_int_equal(found.deletions, KEYS);

    sf_clock_manual_advance(clock, DAY_MS - 1);
    write_numbers(broker, "other", 0, 400, 1000);
    assert_ok(sf_journal_clean(broker, err));
    assert_int_equal(read_all(broker, "t").deletions, KEYS);

    sf_clock_manual_advance(clock, 2);
    write_numbers(broker, "other", 0, 1000, 1000);
    assert_ok(sf_journal_clean(broker, err));
    found = read_all(broker, "t");
    assert_int_equal(found.records, 0);
    assert_int_equal(found.position, high); /* a restore comes to the end all the same */
    sf_broker_close(broker);
    sf_clock_manual_free(clock);
}

/* A segment that would grow is left as it is, with what was superseded in it. */
static void a_key_does_not_come_back_from_a_segment_that_was_left_alone(void **state)
{
    sf_clock *clock = sf_clock_manual_new(1000000);
    sf_broker *broker = open_by_hand(journal_fixture_directory(), clock);
    contents found;

    (void)state;
    make_compacted(broker, "t");
    make_compacted(broker, "other");
    make_topic(broker, "kept", NULL, 0);
    assert_ok(sf_broker_create_topic(broker, &(sf_topic_spec){.name = "wide", .partitions = WIDTH},
                                     NULL, err));
    write_one_frame(broker, "t", "wide");
    write_numbers(broker, "kept", 0, 100, 1000);
    delete_keys(broker, "t");
    write_numbers(broker, "kept", 0, 100, 1000);
    for (int day = 0; day < 3; day++) {
        write_numbers(broker, "other", 0, 1000, 1000);
        assert_ok(sf_journal_clean(broker, err));
        sf_clock_manual_advance(clock, DAY_MS + 1);
    }

    found = read_all(broker, "t");
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(found.newest[i], -1);
    sf_broker_close(broker);
    sf_clock_manual_free(clock);
}

static void what_lags_is_not_compacted(void **state)
{
    sf_clock *clock = sf_clock_manual_new(1000000);
    sf_broker *broker = open_by_hand(journal_fixture_directory(), clock);
    const sf_topic_config configs[] = {{"cleanup.policy", "compact"},
                                       {"min.compaction.lag.ms", "5000"}};

    (void)state;
    make_topic(broker, "t", configs, 2);
    make_compacted(broker, "other");
    write_numbers(broker, "t", 0, 300, 1000);
    write_numbers(broker, "other", 0, 300, 1000);
    assert_ok(sf_journal_clean(broker, err));
    assert_int_equal(read_all(broker, "t").records, 300);
    assert_true(read_all(broker, "other").records < 100);

    sf_clock_manual_advance(clock, 5001);
    assert_ok(sf_journal_clean(broker, err));
    assert_true(read_all(broker, "t").records < 100);
    sf_broker_close(broker);
    sf_clock_manual_free(clock);
}

/* ---- who reads meanwhile ---- */

/* Reads all one by one; after so many the journal is cleaned, while the consumer's window has gone
 * elsewhere and has to come back. */
static contents read_cleaned_after(sf_broker *broker, size_t cleaned_after)
{
    contents found = {.newest = {-1, -1, -1, -1, -1, -1, -1}};
    int64_t end = high_of(broker, "t");
    sf_consumer *consumer;
    sf_reader *reader;

    assert_ok(
        sf_consumer_new(broker, &(sf_consumer_options){.queue_size_bytes = 1}, &consumer, err));
    reader = read_from(consumer, "t", 0, SF_OFFSET_BEGINNING);
    while (sf_reader_position(reader) < end) {
        sf_record_batch *batch = next_batch(consumer, reader, 1);

        note(&found, &batch->records[0]);
        batch->release(batch);
        if (found.records == cleaned_after) {
            assert_ok(sf_journal_clean(broker, err));
            batch = next_batch(consumer, read_from(consumer, "t", 0, SF_OFFSET_BEGINNING), 1);
            batch->release(batch);
        }
    }
    sf_consumer_close(consumer);
    return found;
}

static void a_reader_goes_on_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t at = 1; at < 700; at += 37) {
        sf_broker *broker = open_by_hand(journal_fixture_directory(), NULL);
        contents found;

        make_compacted(broker, "t");
        write_numbers(broker, "t", 0, 700, 1000);
        found = read_cleaned_after(broker, at);
        assert_newest(&found, 699);
        assert_true(found.records >= at);
        sf_broker_close(broker);
    }
}

/* A log that was not refreshed for long does not find the facts of segments that were cleaned. */
static void a_log_that_was_idle_learns_what_it_missed(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);
    sf_broker *idle = open_by_hand(directory, NULL);
    contents found;

    (void)state;
    make_compacted(broker, "t");
    make_topic(broker, "gone", NULL, 0);
    write_numbers(idle, "t", 0, 10, 1000);
    assert_ok(sf_broker_delete_topic(broker, "gone", err));
    write_numbers(broker, "t", 10, 100, 1000);
    make_topic(broker, "made", NULL, 0);
    write_numbers(broker, "t", 110, 890, 1000);
    assert_ok(sf_journal_clean(broker, err));

    assert_int_equal(high_of(idle, "t"), 1000);
    assert_int_equal(high_of(idle, "made"), 0);
    write_numbers(idle, "t", 1000, 10, 1000);
    found = read_all(broker, "t");
    assert_newest(&found, 1009);
    found = read_all(idle, "t");
    assert_newest(&found, 1009);
    sf_broker_close(idle);
    sf_broker_close(broker);
}

/* ---- a cleaner that is killed ---- */

/* Whether the cleaner came to its end before that step. */
static bool clean_until(const char *directory, int step)
{
    pid_t child = fork();
    int ended;

    if (!child) {
        sf_journal_options options = by_hand(NULL);
        sf_broker *broker = watched_storage_open(directory, &options);

        watched_storage_kill_cleaner_before(step);
        if (sf_journal_clean(broker, NULL))
            _exit(1);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    assert_true(WEXITSTATUS(ended) == 0 || WEXITSTATUS(ended) == 9);
    return WEXITSTATUS(ended) == 0;
}

static void a_cleaner_may_be_killed_before_any_step(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = open_by_hand(directory, NULL);
    int stride = getenv("TEST_LONG") ? 1 : 3;
    int number = 0, round = 0;

    (void)state;
    make_compacted(broker, "t");
    make_topic(broker, "purged", NULL, 0);
    make_topic(broker, "kept", NULL, 0);
    for (int step = 1;; step += stride) {
        contents found;
        bool is_over;

        write_numbers(broker, "kept", number, 3, 1000);
        write_numbers(broker, "purged", number, 40, 1000);
        write_numbers(broker, "t", number, 60, 1000);
        number += 60;
        round++;
        assert_ok(sf_broker_delete_records(broker, "purged", 0, round * 40 - 1, err));
        is_over = clean_until(directory, step);

        found = read_all(broker, "t");
        assert_newest(&found, number - 1);
        assert_int_equal(found.position, number);
        assert_int_equal(read_all(broker, "purged").records, 1);
        assert_int_equal(read_all(broker, "kept").records, round * 3);
        if (is_over)
            break;
        assert_ok(sf_journal_clean(broker, err)); /* does what the killed one has left */
        assert_true(journal_files_total_size(directory) < (size_t)(12 * SEGMENT + round * 3 * 160));
    }
    sf_broker_close(broker);
}

/* ---- endless loads ---- */

enum { BOUND = 24 * SEGMENT }; /* written: 30 kB a round, and more by others */

/* The cleaner of a directory works beside: it is waited for. */
static void wait_until_bounded(const char *directory)
{
    for (int i = 0; journal_files_total_size(directory) > BOUND; i++) {
        assert_in_range(i, 0, 6000);
        (void)usleep(5000);
    }
}

static void assert_stays_bounded(sf_broker *broker, const char *directory, int rounds)
{
    make_compacted(broker, "t");
    make_topic(broker, "purged", NULL, 0);
    for (int i = 0; i < rounds; i++) {
        contents found;

        write_numbers(broker, "t", 100 * i, 100, 1000);
        write_numbers(broker, "purged", 100 * i, 100, 1000);
        assert_ok(sf_broker_delete_records(broker, "purged", 0, 100 * i + 90, err));
        found = read_all(broker, "t");
        assert_newest(&found, 100 * i + 99);
        if (directory)
            wait_until_bounded(directory);
        else
            assert_in_range(found.records, KEYS, BOUND / 100);
    }
}

static void memory_stays_bounded_under_an_endless_load(void **state)
{
    sf_journal_options options = {.segment_size_bytes = SEGMENT};
    sf_broker *broker;

    (void)state;
    assert_ok(sf_journal_open_memory(&options, &broker, err));
    assert_stays_bounded(broker, NULL, 60);
    sf_broker_close(broker);
}

/* The cleaner's thread of either process cleans what both write. */
static void a_directory_stays_bounded_under_an_endless_load(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options options = {
        .segment_size_bytes = SEGMENT, .cleaner_interval_ms = 5, .fsync = SF_FSYNC_NEVER};
    pid_t parent = getpid(), child = fork();
    sf_broker *broker;

    (void)state;
    if (!child) {
        sf_broker *own = journal_fixture_open(directory, &options);

        make_topic(own, "theirs", &(sf_topic_config){"retention.bytes", "4096"}, 1);
        for (int i = 0; getppid() == parent; i++)
            write_numbers(own, "theirs", 100 * i, 100, 1000);
        _exit(0);
    }
    broker = journal_fixture_open(directory, &options);
    assert_stays_bounded(broker, directory, getenv("TEST_LONG") ? 5000 : 50);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(superseded_records_go),
        cmocka_unit_test(a_log_that_ends_with_a_cleaned_segment_has_lost_its_end),
        cmocka_unit_test(a_search_by_time_names_the_segment_that_is_gone),
        cmocka_unit_test(superseded_records_go_with_hardly_any_memory_too),
        cmocka_unit_test(records_of_other_topics_stay),
        cmocka_unit_test(purged_records_go),
        cmocka_unit_test(records_of_deleted_topics_go),
        cmocka_unit_test(expired_records_go_by_whole_segments),
        cmocka_unit_test(no_more_than_retention_bytes_stay),
        cmocka_unit_test(without_a_setting_nothing_goes),
        cmocka_unit_test(nonsense_in_a_setting_is_refused),
        cmocka_unit_test(deletions_go_when_all_have_had_time_to_see_them),
        cmocka_unit_test(a_key_does_not_come_back_from_a_segment_that_was_left_alone),
        cmocka_unit_test(what_lags_is_not_compacted),
        cmocka_unit_test(a_reader_goes_on_wherever_it_stands),
        cmocka_unit_test(a_log_that_was_idle_learns_what_it_missed),
        cmocka_unit_test(a_cleaner_may_be_killed_before_any_step),
        cmocka_unit_test(memory_stays_bounded_under_an_endless_load),
        cmocka_unit_test(a_directory_stays_bounded_under_an_endless_load),
    };

    return run_tests(tests);
}
