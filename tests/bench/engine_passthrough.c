/* engine_passthrough.c - B1 on the engine: source to sink, nothing between.
 *
 * engine_passthrough ADDRESS IN_TOPIC OUT_TOPIC EVENTS STATE_DIR APPLICATION_ID [alos]
 * Prints one JSON line: records and processor time a record. The driver checks what came out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "support/stopwatch.h"

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "engine_passthrough: %s\n", err->text);
        exit(1);
    }
}

static sf_topology *make_topology(const char *in, const char *out)
{
    sf_builder *builder = sf_builder_new();
    sf_topology *topology;
    sf_error err;

    sf_stream_to(sf_builder_stream(builder, in, NULL), out);
    must(sf_builder_build(builder, &topology, &err), &err);
    sf_builder_free(builder);
    return topology;
}

static uint64_t processed(sf_streams *app)
{
    sf_streams_counters counters;
    sf_error err;

    if (sf_streams_error(app, &err))
        must(SF_STOP, &err);
    sf_streams_counters_get(app, &counters);
    return counters.processed;
}

static void measure(sf_streams *app, uint64_t events)
{
    sf_streams_counters counters;
    stopwatch began, spent;
    uint64_t before;
    sf_error err;

    must(sf_streams_start(app, &err), &err);
    while (!(before = processed(app)))
        usleep(1000);
    began = stopwatch_now();
    while (processed(app) < events)
        usleep(1000);
    must(sf_streams_close(app, 60000, &err), &err); /* all of it is sent and committed */
    spent = stopwatch_since(began);
    sf_streams_counters_get(app, &counters);
    printf("{\"bench\":\"engine_passthrough\",\"events\":%" PRIu64 ",\"commits\":%" PRIu64
           ",\"wall_s\":%.3f,\"process_ns\":%.0f,\"peak_kib\":%ld}\n",
           counters.processed, counters.commits, spent.wall_s,
           spent.process_s * 1e9 / (double)(events - before), stopwatch_peak_kib());
}

int main(int count, char **words)
{
    sf_config config = {0};
    sf_topology *topology;
    sf_streams *app;
    sf_error err;

    if (count < 7) {
        fprintf(stderr, "engine_passthrough ADDRESS IN_TOPIC OUT_TOPIC EVENTS STATE_DIR "
                        "APPLICATION_ID [alos]\n");
        return 2;
    }
    config.bootstrap_servers = words[1];
    config.state_dir = words[5];
    config.application_id = words[6];
    config.guarantee = count > 7 ? SF_AT_LEAST_ONCE : SF_EXACTLY_ONCE_V2;
    topology = make_topology(words[2], words[3]);
    must(sf_streams_new(topology, &config, &app, &err), &err);
    measure(app, strtoull(words[4], NULL, 10));
    sf_streams_free(app);
    sf_topology_free(topology);
    return 0;
}
