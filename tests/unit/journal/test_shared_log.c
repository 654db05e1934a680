/* What is left after crashes and damage (the rules at the top of shared_log.c). */
#include "journal/shared_log.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stateful/log.h>

#include "base/buffer.h"
#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_files.h"
#include "support/journal_fixture.h"
#include "support/watched_storage.h"

/* ---- what is in a journal ---- */

/* The values of a partition from its beginning, parted by commas; for the caller to free. */
static char *values_of(sf_broker *broker, const char *topic, int32_t partition)
{
    sf_buffer values = SF_BUFFER_EMPTY;
    sf_record_batch *batch;
    sf_consumer *consumer;
    sf_reader *reader;

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, topic, partition, SF_OFFSET_BEGINNING);
    while (sf_reader_is_ready(reader)) {
        assert_ok(sf_reader_read(reader, 100, &batch, err));
        for (size_t i = 0; batch && i < batch->count; i++) {
            sf_buffer_add_bytes(&values, batch->records[i].record.value);
            sf_buffer_add_text(&values, ",");
        }
        if (batch)
            batch->release(batch);
    }
    sf_consumer_close(consumer);
    (void)sf_buffer_text(&values);
    return sf_buffer_detach(&values);
}

static void assert_values(sf_broker *broker, int32_t partition, const char *expected)
{
    char *values = values_of(broker, "t", partition);

    assert_string_equal(values, expected);
    free(values);
}

/* A producer with its topic, for frames one at a time. */
typedef struct writer {
    sf_broker *broker;
    sf_producer *producer;
    sf_producer_topic *topic;
} writer;

static writer writer_of(sf_broker *broker)
{
    writer made = {.broker = broker};

    assert_ok(sf_producer_new(broker, NULL, &made.producer, err));
    made.topic = open_topic(made.producer, "t");
    return made;
}

/* The same on a new journal. */
static writer writer_of_new(const char *directory)
{
    sf_broker *broker = journal_fixture_open(directory, NULL);

    journal_fixture_topic(broker, "t", 3);
    return writer_of(broker);
}

static void write_frame(const writer *by, const char *value)
{
    send_text(by->producer, by->topic, 0, NULL, value);
}

static void sync_frames(const writer *by)
{
    assert_ok(sf_producer_flush(by->producer, 1000, err));
}

static void writer_close(writer *by)
{
    sf_producer_close(by->producer);
    sf_broker_close(by->broker);
}

/* Opens a journal that cannot be opened; the reason. */
static sf_error open_in_vain(const char *directory)
{
    sf_broker *broker;
    sf_error error = {0};

    if (!sf_journal_open_directory(directory, NULL, &broker, &error))
        fail_msg("a damaged journal was opened");
    return error;
}

static char said[4096];

static void listen(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", line);
}

static int listen_to_log(void **state)
{
    (void)state;
    said[0] = 0;
    sf_log_set(listen, NULL, SF_LOG_INFO);
    return 0;
}

/* ---- writers that are killed ---- */

/* One transaction over two partitions and a group; from its commit on so many bytes may be written. */
static void write_transaction(sf_broker *broker, size_t allowed)
{
    sf_producer_options options = {.transactional_id = "dying"};
    sf_offset offset = {"t", 0, 7, "mark"};
    sf_group_token *token;
    sf_consumer *consumer;
    sf_producer *producer;

    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = "g"}, &consumer, err));
    token = sf_consumer_token(consumer);
    assert_ok(sf_producer_new(broker, &options, &producer, err));
    assert_ok(sf_producer_begin(producer, err));
    send_text(producer, open_topic(producer, "t"), 1, "key", "value");
    send_text(producer, open_topic(producer, "t"), 2, "key", "value");
    assert_ok(sf_producer_send_offsets(producer, &offset, 1, token, err));
    watched_storage_allow(allowed, APPEND_IS_KILLED);
    assert_ok(sf_producer_commit(producer, 1000, err));
    sf_producer_close(producer);
    sf_group_token_free(token);
    sf_consumer_close(consumer);
}

/* The size of its frame: the log grows by that and the frame of the producer's epoch, which is the
 * same each time. */
static size_t transaction_size(void)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, NULL);
    sf_producer *producer;
    size_t sizes[3];

    journal_fixture_topic(broker, "t", 3);
    sizes[0] = journal_files_size(journal_files_last(directory));
    assert_ok(sf_producer_new(broker, &(sf_producer_options){.transactional_id = "dying"},
                              &producer, err));
    sf_producer_close(producer);
    sizes[1] = journal_files_size(journal_files_last(directory));
    write_transaction(broker, SIZE_MAX);
    sizes[2] = journal_files_size(journal_files_last(directory));
    sf_broker_close(broker);
    return (sizes[2] - sizes[1]) - (sizes[1] - sizes[0]);
}

/* Whether a process lived through a transaction of which it could write so many bytes. */
static bool lives_through_transaction(const char *directory, size_t allowed)
{
    pid_t child = fork();
    int ended;

    if (!child) {
        write_transaction(watched_storage_open(directory, NULL), allowed);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    if (WEXITSTATUS(ended) != 0 && WEXITSTATUS(ended) != 9)
        fail_msg("the writer could not even begin");
    return !WEXITSTATUS(ended);
}

/* The other end was closed; asked in vain for a ms otherwise. */
static bool is_told_to_stop(int fd)
{
    return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 1) > 0;
}

/* A process that writes 0, 1, 2, … to partition 0, each a frame, until told to stop. */
static pid_t start_counting(const char *directory, int *stop)
{
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (!child) {
        writer counting = writer_of(journal_fixture_open(directory, NULL));
        char text[16];

        (void)close(ends[1]);
        for (int i = 0; !is_told_to_stop(ends[0]); i++) {
            (void)snprintf(text, sizeof(text), "%d", i);
            write_frame(&counting, text);
        }
        sync_frames(&counting);
        writer_close(&counting);
        _exit(0);
    }
    (void)close(ends[0]);
    *stop = ends[1];
    return child;
}

/* 0, 1, 2, … without a gap, in offsets too; how many. */
static size_t count_numbers(sf_broker *broker)
{
    sf_record_batch *batch;
    sf_consumer *consumer;
    sf_reader *reader;
    size_t count = 0;

    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, "t", 0, 0);
    while (sf_reader_is_ready(reader)) {
        assert_ok(sf_reader_read(reader, 1000, &batch, err));
        for (size_t i = 0; batch && i < batch->count; i++) {
            char number[32];

            (void)snprintf(number, sizeof(number), "%zu", count);
            assert_bytes(batch->records[i].record.value, number);
            assert_int_equal(batch->records[i].offset, count);
            count++;
        }
        if (batch)
            batch->release(batch);
    }
    sf_consumer_close(consumer);
    return count;
}

static int64_t end_of(sf_broker *broker, int32_t partition)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(broker, "t", partition, &marks, err));
    return marks.high;
}

static void writer_killed_at_every_byte_hides_nothing_of_another(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, NULL);
    size_t size = transaction_size();
    int64_t lived = 0;
    size_t numbers;
    pid_t counting;
    int ended;
    int stop;

    (void)state;
    journal_fixture_topic(broker, "t", 3);
    counting = start_counting(directory, &stop);
    for (size_t allowed = 0; allowed <= size; allowed++) {
        int64_t before = end_of(broker, 0);

        lived += lives_through_transaction(directory, allowed);
        while (end_of(broker, 0) < before + 2) /* the other one goes on */
            usleep(100);
        assert_int_equal(end_of(broker, 1), lived);
        assert_int_equal(end_of(broker, 2), lived);
    }
    (void)close(stop);
    assert_int_equal(waitpid(counting, &ended, 0), counting);
    assert_int_equal(ended, 0);

    assert_int_equal(lived, 1);
    numbers = count_numbers(broker);
    assert_true(numbers > 2 * size);
    assert_int_equal(end_of(broker, 0), numbers);
    assert_values(broker, 1, "value,");
    sf_broker_close(broker);
    broker = journal_fixture_open(directory, NULL);
    assert_int_equal(count_numbers(broker), numbers);
    sf_broker_close(broker);
}

static void killed_transaction_leaves_neither_records_nor_offsets(void **state)
{
    size_t size = transaction_size();
    size_t step = getenv("TEST_LONG") ? 1 : 7;

    (void)state;
    for (size_t allowed = size % step; allowed <= size; allowed += step) {
        const char *directory = journal_fixture_directory();
        sf_broker *broker = journal_fixture_open(directory, NULL);
        sf_offset offset = {"t", 0, 0, NULL};
        sf_consumer *consumer;
        bool lived;

        journal_fixture_topic(broker, "t", 3);
        sf_broker_close(broker);
        lived = lives_through_transaction(directory, allowed);
        broker = journal_fixture_open(directory, NULL);

        assert_int_equal(lived, allowed == size);
        assert_int_equal(end_of(broker, 1), lived);
        assert_int_equal(end_of(broker, 2), lived);
        assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = "g"}, &consumer, err));
        assert_ok(sf_consumer_committed(consumer, &offset, 1, 0, err));
        assert_int_equal(offset.offset, lived ? 7 : SF_OFFSET_NONE);
        sf_consumer_close(consumer);
        sf_broker_close(broker);
    }
}

/* Frames of one record until the log has two more segments; what they held. */
static void write_over_segments(sf_broker *broker, const char *directory)
{
    size_t segments = journal_files_count(directory);
    writer by = writer_of(broker);

    while (journal_files_count(directory) < segments + 2)
        write_frame(&by, "x");
    sf_producer_close(by.producer);
}

static void writer_killed_while_a_segment_ends_hides_nothing(void **state)
{
    sf_journal_options small = {.segment_size_bytes = 600};
    bool lived = false;
    size_t allowed = 0;

    (void)state;
    for (; !lived; allowed += getenv("TEST_LONG") ? 1 : 7) {
        const char *directory = journal_fixture_directory();
        sf_broker *broker = journal_fixture_open(directory, &small);
        int64_t before;
        pid_t child;
        int ended;

        journal_fixture_topic(broker, "t", 1);
        child = fork();
        if (!child) {
            sf_broker *dying = watched_storage_open(directory, &small);

            watched_storage_allow(allowed, APPEND_IS_KILLED);
            write_over_segments(dying, directory);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &ended, 0), child);
        lived = !WEXITSTATUS(ended);
        before = end_of(broker, 0);
        write_over_segments(broker, directory);

        assert_true(end_of(broker, 0) > before);
        sf_broker_close(broker);
        broker = journal_fixture_open(directory, &small);
        free(values_of(broker, "t", 0)); /* no frame in it is bad */
        sf_broker_close(broker);
    }
    assert_true(allowed > 600);
}

/* ---- tails ---- */

static void unfinished_tail_is_cut_and_said(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    const char *path;
    size_t size;

    (void)state;
    write_frame(&by, "a");
    write_frame(&by, "b");
    writer_close(&by);
    path = journal_files_last(directory);
    size = journal_files_size(path);
    journal_files_cut(path, size - 1);
    by = writer_of(journal_fixture_open(directory, NULL));
    write_frame(&by, "c");

    assert_values(by.broker, 0, "a,c,");
    assert_non_null(strstr(said, "unfinished tail"));
    assert_int_equal(journal_files_size(path), size);
    writer_close(&by);
}

static void reader_takes_an_unfinished_tail_for_not_yet(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    sf_broker *reading;
    const char *path;

    (void)state;
    write_frame(&by, "a");
    reading = journal_fixture_open(directory, NULL);
    path = journal_files_last(directory);
    journal_files_write(path, journal_files_size(path), "half a head", 11);
    assert_values(reading, 0, "a,");
    write_frame(&by, "b"); /* cuts it first */

    assert_values(reading, 0, "a,b,");
    sf_broker_close(reading);
    writer_close(&by);
}

static void reader_takes_zeros_at_the_end_for_not_yet(void **state)
{
    static const char zeros[300];
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    const char *path;

    (void)state;
    write_frame(&by, "a");
    path = journal_files_last(directory);
    journal_files_write(path, journal_files_size(path), zeros, sizeof(zeros));

    assert_values(by.broker, 0, "a,");
    assert_values(by.broker, 0, "a,");
    write_frame(&by, "b");
    assert_values(by.broker, 0, "a,b,");
    writer_close(&by);
}

/* Frames a to e, a flush after each of the first few; where each begins and the last ends. */
static void write_a_to_e(const char *directory, int synced, size_t begins[6])
{
    writer by = writer_of_new(directory);
    static const char *const values[] = {"a", "b", "c", "d", "e"};

    for (int i = 0; i < 5; i++) {
        begins[i] = journal_files_size(journal_files_last(directory));
        write_frame(&by, values[i]);
        if (i < synced)
            sync_frames(&by);
    }
    begins[5] = journal_files_size(journal_files_last(directory));
    writer_close(&by);
}

static void damage_before_the_synced_mark_is_an_error(void **state)
{
    size_t begins[6];

    (void)state;
    for (size_t at = 0; at < 60; at += 3) { /* anywhere in b */
        const char *directory = journal_fixture_directory();
        sf_error error;

        write_a_to_e(directory, 5, begins);
        journal_files_flip(journal_files_last(directory), begins[1] + at);
        error = open_in_vain(directory);

        assert_int_equal(error.code, SF_CORRUPT);
        assert_non_null(strstr(error.text, "damaged"));
        assert_int_equal(journal_files_size(journal_files_last(directory)), begins[5]);
    }
}

static void damage_behind_the_synced_mark_is_cut_with_all_that_follows(void **state)
{
    size_t begins[6];

    (void)state;
    for (size_t at = 0; at < 60; at += 3) { /* anywhere in d; c, d and e were never synced */
        const char *directory = journal_fixture_directory();
        writer by;

        write_a_to_e(directory, 2, begins);
        journal_files_flip(journal_files_last(directory), begins[3] + at);
        said[0] = 0;
        by = writer_of(journal_fixture_open(directory, NULL));

        assert_non_null(strstr(said, "unfinished tail"));
        write_frame(&by, "f");
        assert_values(by.broker, 0, "a,b,c,f,");
        writer_close(&by);
    }
}

static void damage_in_an_old_segment_is_an_error_of_who_reads_it(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options small = {.segment_size_bytes = 600};
    sf_broker *broker = journal_fixture_open(directory, &small);
    sf_record_batch *batch;
    sf_consumer *consumer;
    sf_reader *reader;
    sf_error error = {0};
    char path[256];

    (void)state;
    journal_fixture_topic(broker, "t", 1);
    write_over_segments(broker, directory);
    sf_broker_close(broker);
    (void)snprintf(path, sizeof(path), "%s/%020d.journal", directory, 0);
    journal_files_flip(path, journal_files_size(path) - 60);
    broker = journal_fixture_open(directory, &small); /* begins at the last one */
    assert_ok(sf_consumer_new(broker, NULL, &consumer, err));
    reader = read_from(consumer, "t", 0, 0);

    assert_int_equal(sf_reader_read(reader, 1, &batch, &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void log_that_lost_its_end_is_noticed_while_open(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    sf_watermarks marks;
    sf_error error = {0};
    const char *path = journal_files_last(directory);

    (void)state;
    write_frame(&by, "a");
    sync_frames(&by);
    journal_files_cut(path, journal_files_size(path) - 1);

    assert_int_equal(sf_broker_watermarks(by.broker, "t", 0, &marks, &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
    assert_non_null(strstr(error.text, "lost its end"));
    writer_close(&by);
}

static void other_versions_are_refused_with_a_sentence(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    sf_error error;

    (void)state;
    writer_close(&by);
    journal_files_write(journal_files_last(directory), 8, "\2", 1);
    error = open_in_vain(directory);

    assert_int_equal(error.code, SF_INVALID);
    assert_non_null(strstr(error.text, "version 2"));
}

static void damaged_snapshot_is_an_error(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);

    (void)state;
    writer_close(&by);
    journal_files_flip(journal_files_last(directory), SF_SEGMENT_HEADER_SIZE + 20);

    assert_int_equal(open_in_vain(directory).code, SF_CORRUPT);
}

/* ---- disks ---- */

static void full_disk_takes_back_the_frame_and_asks_for_a_retry(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    size_t size;

    (void)state;
    write_frame(&by, "a");
    writer_close(&by);
    by = writer_of(watched_storage_open(directory, NULL));
    size = journal_files_size(journal_files_last(directory));
    for (size_t room = 0; room < 100; room += 9) {
        sf_outgoing out = {.topic = by.topic, .record = {.value = sf_bytes_text("b")}};
        sf_error error = {0};
        size_t sent = 7;

        watched_storage_allow(room, APPEND_HAS_NO_ROOM);
        assert_int_equal(sf_producer_send(by.producer, &out, 1, &sent, &error), SF_RETRY);
        assert_int_equal(sent, 0);
        assert_int_equal(journal_files_size(journal_files_last(directory)), size);
    }
    watched_storage_allow_all();
    write_frame(&by, "c");

    assert_values(by.broker, 0, "a,c,");
    writer_close(&by);
}

/* A limit on file sizes stands for a full disk: the system's own error, not ours. */
static void child_meets_the_limit(const char *directory)
{
    writer by = writer_of(journal_fixture_open(directory, NULL));
    size_t size = journal_files_size(journal_files_last(directory));
    sf_outgoing out = {.topic = by.topic, .record = {.value = sf_bytes_text("b")}};
    sf_error error = {0};
    size_t sent;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){size + 50, RLIM_INFINITY}), 0);
    assert_int_equal(sf_producer_send(by.producer, &out, 1, &sent, &error), SF_RETRY);
    assert_int_equal(error.code, SF_IO);
    assert_int_equal(journal_files_size(journal_files_last(directory)), size);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
    write_frame(&by, "c");
    writer_close(&by);
}

static void limit_of_the_system_asks_for_a_retry(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    pid_t child;
    int ended;

    (void)state;
    write_frame(&by, "a");
    child = fork();
    if (!child) {
        child_meets_the_limit(directory);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);

    assert_values(by.broker, 0, "a,c,");
    writer_close(&by);
}

static void place_that_is_no_directory_is_refused_with_a_sentence(void **state)
{
    const char *directory = journal_fixture_directory();
    writer by = writer_of_new(directory);
    sf_error error;

    (void)state;
    writer_close(&by);
    error = open_in_vain(journal_files_last(directory));

    assert_int_equal(error.code, SF_IO);
    assert_non_null(strstr(error.text, "no directory"));
}

static void directory_that_cannot_be_written_is_refused_with_a_sentence(void **state)
{
    sf_error error;

    (void)state;
    error = open_in_vain("/proc/self");

    assert_int_equal(error.code, SF_IO);
    assert_non_null(strstr(error.text, "cannot write in the journal's directory"));
}

/* ---- durability ---- */

static void what_was_acknowledged_is_on_disk(void **state)
{
    sf_broker *broker = watched_storage_open(journal_fixture_directory(), NULL);
    sf_offset offset = {"t", 0, 1, NULL};
    sf_consumer *consumer;
    writer by;

    (void)state;
    journal_fixture_topic(broker, "t", 3);
    assert_false(watched_storage_is_unsynced());
    by = writer_of(broker);
    write_frame(&by, "a");
    assert_true(watched_storage_is_unsynced());
    sync_frames(&by);
    assert_false(watched_storage_is_unsynced());
    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = "g"}, &consumer, err));
    assert_ok(sf_consumer_commit(consumer, &offset, 1, err));
    assert_false(watched_storage_is_unsynced());
    write_transaction(broker, SIZE_MAX);
    assert_false(watched_storage_is_unsynced());
    assert_ok(sf_broker_delete_records(broker, "t", 0, 1, err));
    assert_false(watched_storage_is_unsynced());
    assert_ok(sf_broker_delete_topic(broker, "t", err));

    assert_false(watched_storage_is_unsynced());
    sf_consumer_close(consumer);
    writer_close(&by);
}

static void segment_is_synced_before_the_next_begins(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker =
        watched_storage_open(directory, &(sf_journal_options){.segment_size_bytes = 600});

    (void)state;
    journal_fixture_topic(broker, "t", 1);
    write_over_segments(broker, directory);

    assert_false(watched_storage_began_unsynced());
    sf_broker_close(broker);
}

/* ---- segments ---- */

static void reopening_reads_the_last_segment_only(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options options = {.segment_size_bytes = 64 * 1024};
    sf_broker *broker = journal_fixture_open(directory, &options);
    char *values;

    (void)state;
    journal_fixture_topic(broker, "t", 3);
    for (int i = 0; i < 10; i++)
        write_over_segments(broker, directory);
    values = values_of(broker, "t", 0);
    sf_broker_close(broker);
    broker = watched_storage_open(directory, &options);

    assert_true(journal_files_count(directory) > 20);
    assert_true(watched_storage_bytes_read() < 4 * options.segment_size_bytes);
    assert_values(broker, 0, values);
    free(values);
    sf_broker_close(broker);
}

static void log_keeps_its_id_and_a_new_one_has_another(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, NULL);
    uint64_t id = sf_journal_id(broker);

    (void)state;
    sf_broker_close(broker);
    broker = journal_fixture_open(directory, NULL);
    assert_true(sf_journal_id(broker) == id);
    sf_broker_close(broker);
    broker = journal_fixture_open(journal_fixture_directory(), NULL);

    assert_true(sf_journal_id(broker) != id);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer_killed_at_every_byte_hides_nothing_of_another),
        cmocka_unit_test(killed_transaction_leaves_neither_records_nor_offsets),
        cmocka_unit_test(writer_killed_while_a_segment_ends_hides_nothing),
        cmocka_unit_test_setup(unfinished_tail_is_cut_and_said, listen_to_log),
        cmocka_unit_test_setup(reader_takes_an_unfinished_tail_for_not_yet, listen_to_log),
        cmocka_unit_test_setup(reader_takes_zeros_at_the_end_for_not_yet, listen_to_log),
        cmocka_unit_test(damage_before_the_synced_mark_is_an_error),
        cmocka_unit_test_setup(damage_behind_the_synced_mark_is_cut_with_all_that_follows,
                               listen_to_log),
        cmocka_unit_test(damage_in_an_old_segment_is_an_error_of_who_reads_it),
        cmocka_unit_test(log_that_lost_its_end_is_noticed_while_open),
        cmocka_unit_test(other_versions_are_refused_with_a_sentence),
        cmocka_unit_test(damaged_snapshot_is_an_error),
        cmocka_unit_test(full_disk_takes_back_the_frame_and_asks_for_a_retry),
        cmocka_unit_test(limit_of_the_system_asks_for_a_retry),
        cmocka_unit_test(place_that_is_no_directory_is_refused_with_a_sentence),
        cmocka_unit_test(directory_that_cannot_be_written_is_refused_with_a_sentence),
        cmocka_unit_test(what_was_acknowledged_is_on_disk),
        cmocka_unit_test(segment_is_synced_before_the_next_begins),
        cmocka_unit_test(reopening_reads_the_last_segment_only),
        cmocka_unit_test(log_keeps_its_id_and_a_new_one_has_another),
    };

    sf_log_set(listen, NULL, SF_LOG_ERROR);
    return run_tests(tests);
}
