#include "simulation/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* FNV-1a over 64 bits. */
static void mix(sf_trace *trace, const void *data, size_t size)
{
    const uint8_t *at = data;

    for (size_t i = 0; i < size; i++)
        trace->hash = (trace->hash ^ at[i]) * 0x100000001b3u;
}

void sf_trace_init(sf_trace *trace, FILE *lines)
{
    *trace = (sf_trace){.hash = 0xcbf29ce484222325u, .lines = lines};
}

void sf_trace_add(sf_trace *trace, const char *format, ...)
{
    char line[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments); /* a cut line is as good */
    va_end(arguments);
    mix(trace, line, strlen(line) + 1);
    if (trace->lines)
        fprintf(trace->lines, "%9" PRId64 " %s\n", trace->now_ms, line);
}

void sf_trace_add_bytes(sf_trace *trace, sf_bytes bytes)
{
    const uint8_t is_null = sf_bytes_is_null(bytes);

    mix(trace, &is_null, 1);
    mix(trace, &bytes.size, sizeof(bytes.size));
    mix(trace, bytes.data, bytes.size);
}
