/* counting_app ADDRESS APPLICATION STATE_DIR - counts equal words of APPLICATION-in into the store "counts",
 * through the repartition topic "by-word", and sends the counts to APPLICATION-out; "bad" words become dead
 * letters while BAD_WORDS is set. Says "running", and ends when standard input does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

static sf_status take_word(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                           sf_error *err)
{
    (void)user;
    (void)arena;
    *out = *in;
    out->key = in->value;
    if (getenv("BAD_WORDS") && sf_bytes_equal(in->value, sf_bytes_text("bad")))
        return sf_reject(err, "the word is bad");
    return SF_OK;
}

static sf_topology *build(const char *in, const char *out, sf_error *err)
{
    static const sf_consumed words = {
        .key = &sf_string_serde, .value = &sf_string_serde, .on_error = SF_ON_ERROR_DEAD_LETTER};
    sf_builder *builder = sf_builder_new();
    sf_topology *topology = NULL;
    sf_stream *stream = sf_builder_stream(builder, in, &words);
    sf_stream *by_word = sf_stream_map(stream, take_word, NULL);
    sf_table *counts = sf_grouped_count(sf_stream_group_by_key(by_word, "by-word"), "counts");

    sf_stream_to(sf_table_to_stream(counts), out);
    if (sf_builder_build(builder, &topology, err))
        topology = NULL;
    sf_builder_free(builder);
    return topology;
}

static void run_until_told(sf_streams *streams)
{
    if (!sf_streams_wait(streams, SF_STREAMS_RUNNING, 30000))
        return;
    puts("running");
    fflush(stdout);
    while (getchar() != EOF)
        ;
}

int main(int argc, char **argv)
{
    sf_error err = {0};
    sf_topology *topology;
    sf_streams *streams = NULL;
    sf_status status;
    char in[200];
    char out[200];

    if (argc != 4)
        return 2;
    snprintf(in, sizeof(in), "%s-in", argv[2]);
    snprintf(out, sizeof(out), "%s-out", argv[2]);
    topology = build(in, out, &err);
    status = topology ? SF_OK : SF_STOP;
    if (!status)
        status = sf_streams_new(topology,
                                &(sf_config){
                                    .application_id = argv[2],
                                    .bootstrap_servers = argv[1],
                                    .state_dir = argv[3],
                                    .input_partitions = 2,
                                    .membership = SF_MEMBERSHIP_DYNAMIC,
                                },
                                &streams, &err);
    if (!status)
        status = sf_streams_start(streams, &err);
    if (!status) {
        run_until_told(streams);
        status = sf_streams_error(streams, &err) ? SF_STOP : SF_OK;
    }
    sf_streams_free(streams);
    sf_topology_free(topology);
    if (status)
        fprintf(stderr, "%s\n", err.text);
    return status ? 1 : 0;
}
