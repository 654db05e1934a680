/* word_count.c - the words of all lines, counted; kept over restarts.
 *
 *   word_count [BROKER [STATE_DIR]]     BROKER: host:port, or file:DIR (default file:word-count-log)
 *
 * Lines from standard input go to the topic "lines"; at the end of the input, once all are counted,
 * the words and their counts are printed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/stateful.h>

/* ---- the program ---- */

static sf_status split_words(void *user, sf_context *context, const sf_record *line, sf_error *err)
{
    const uint8_t *at = line->value.data;
    const uint8_t *end = at + line->value.size;
    sf_status status = SF_OK;

    (void)user;
    while (at < end && !status) {
        const uint8_t *space = memchr(at, ' ', (size_t)(end - at));
        const uint8_t *stop = space ? space : end;
        sf_record word = *line;

        word.key = sf_bytes_of(at, (size_t)(stop - at));
        word.value = word.key;
        if (word.key.size)
            status = sf_context_forward(context, &word, err);
        at = stop + 1;
    }
    return status;
}

static sf_topology *word_count(sf_error *err)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *lines = sf_builder_stream(builder, "lines", NULL);
    sf_stream *words = sf_stream_flat_map(lines, split_words, NULL);
    sf_table *counts = sf_grouped_count(sf_stream_group_by_key(words, "by-word"), "word-counts");
    sf_topology *topology = NULL;

    sf_stream_to(sf_table_to_stream(counts), "word-counts-out");
    if (sf_builder_build(builder, &topology, err))
        topology = NULL;
    sf_builder_free(builder);
    return topology;
}

/* ---- lines in ---- */

static sf_status send_line(sf_producer *producer, sf_producer_topic *topic, char *line,
                           sf_error *err)
{
    sf_outgoing outgoing = {.topic = topic, .partition = SF_PARTITION_BY_KEY};
    size_t sent;

    line[strcspn(line, "\r\n")] = 0;
    outgoing.record =
        (sf_record){.value = sf_bytes_text(line), .timestamp = sf_clock_now_ms(sf_clock_system())};
    return sf_producer_send(producer, &outgoing, 1, &sent, err);
}

static int64_t count_words(const char *line)
{
    int64_t words = 0;

    for (const char *at = line; *at; at++)
        if (*at != ' ' && (at == line || at[-1] == ' '))
            words++;
    return words;
}

/* *words: how many there are in all lines. */
static sf_status send_lines(sf_broker *broker, int64_t *words, sf_error *err)
{
    sf_producer *producer = NULL;
    sf_producer_topic *topic;
    char *line = NULL;
    size_t size = 0;
    sf_status status = sf_producer_new(broker, NULL, &producer, err);

    if (!status)
        status = sf_producer_topic_open(producer, "lines", &topic, err);
    while (!status && getline(&line, &size, stdin) >= 0) {
        status = send_line(producer, topic, line, err);
        *words += count_words(line);
    }
    if (!status)
        status = sf_producer_flush(producer, 30000, err);
    free(line);
    sf_producer_close(producer);
    return status;
}

/* ---- counts out ---- */

static int64_t number_of(sf_bytes value)
{
    int64_t number = 0;

    for (size_t i = 0; i < value.size; i++)
        number = number << 8 | value.data[i];
    return number;
}

/* *total: of all words; prints each if asked to. */
static sf_status read_counts(sf_view *view, bool prints, int64_t *total, sf_error *err)
{
    sf_view_iterator *words = NULL;
    sf_view_entry entry;
    sf_status status = SF_OK;

    *total = 0;
    if (sf_view_range(view, SF_NULL, SF_NULL, false, &words, err))
        return err->status;
    while (sf_view_iterator_next(words, &entry, &status, err)) {
        int64_t count = number_of(entry.stored.value);

        *total += count;
        if (prints)
            printf("%.*s %" PRId64 "\n", (int)entry.key.size, (const char *)entry.key.data, count);
    }
    sf_view_iterator_free(words);
    return status;
}

/* Waits until so many words are counted and committed. */
static sf_status wait_for(sf_streams *app, sf_view *view, int64_t wanted, sf_error *err)
{
    int64_t total = 0;

    for (;;) {
        sf_status status = read_counts(view, false, &total, err);

        if (sf_streams_error(app, err))
            return err->status;
        if (status && status != SF_RETRY)
            return status;
        if (!status && total >= wanted)
            return SF_OK;
        usleep(5000);
    }
}

/* ---- all of it ---- */

static sf_status count_lines(sf_streams *app, sf_broker *broker, sf_error *err)
{
    sf_view *view = NULL;
    int64_t wanted = 0, total;
    sf_status status = sf_streams_start(app, err);

    if (!status && !sf_streams_wait(app, SF_STREAMS_RUNNING, 60000))
        status = sf_streams_error(app, err) ? err->status
                                            : sf_fail(err, SF_TIMED_OUT, "not running in time");
    if (!status)
        status = sf_streams_view(app, "word-counts", &view, err);
    if (!status)
        status = read_counts(view, false, &wanted, err); /* of earlier runs */
    if (!status)
        status = send_lines(broker, &wanted, err);
    if (!status)
        status = wait_for(app, view, wanted, err);
    if (!status)
        status = read_counts(view, true, &total, err);
    sf_view_free(view);
    return status;
}

int main(int argc, char **argv)
{
    sf_config config = {
        .application_id = "word-count",
        .state_dir = argc > 2 ? argv[2] : "word-count-state",
        .input_partitions = 1,
    };
    sf_error err = {0};
    sf_topology *topology = word_count(&err);
    sf_broker *broker = NULL;
    sf_streams *app = NULL;
    sf_status status = topology ? SF_OK : SF_STOP;

    if (!status)
        status = sf_broker_connect(argc > 1 ? argv[1] : "file:word-count-log", NULL, &broker, &err);
    config.broker = broker;
    if (!status)
        status = sf_streams_new(topology, &config, &app, &err);
    if (!status)
        status = count_lines(app, broker, &err);
    if (status)
        fprintf(stderr, "word_count: %s\n", err.text);
    sf_streams_free(app);
    sf_broker_close(broker);
    sf_topology_free(topology);
    return status ? 1 : 0;
}
