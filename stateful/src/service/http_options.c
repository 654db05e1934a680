#include "service/http_options.h"

#include <unistd.h>

static unsigned usual_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 2 ? 2 : cores > 8 ? 8 : (unsigned)cores;
}

sf_http_options sf_http_options_whole(const sf_http_options *given)
{
    sf_http_options options = *given;

    options.address = options.address ? options.address : "127.0.0.1";
    options.threads = options.threads ? options.threads : usual_threads();
    options.connections_max = options.connections_max ? options.connections_max : 1000;
    options.idle_timeout_ms = options.idle_timeout_ms ? options.idle_timeout_ms : 60 * 1000;
    options.request_timeout_ms =
        options.request_timeout_ms ? options.request_timeout_ms : 15 * 1000;
    options.reply_timeout_ms = options.reply_timeout_ms ? options.reply_timeout_ms : 10 * 1000;
    options.body_size_max = options.body_size_max ? options.body_size_max : 1024 * 1024;
    options.connection_memory = options.connection_memory ? options.connection_memory : 32 * 1024;
    if (options.connections_max < options.threads)
        options.connections_max = options.threads;
    return options;
}
