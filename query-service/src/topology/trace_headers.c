#include "topology/trace_headers.h"

sf_headers trace_headers(sf_headers all, sf_arena *arena)
{
    static const char *const names[] = {"traceparent", "tracestate"};
    sf_headers kept = {0};

    for (size_t i = 0; all.count && i < sizeof names / sizeof *names; i++) {
        const sf_header *found = sf_headers_last(all, names[i]);

        if (found)
            kept = sf_headers_with(kept, found->name, found->value, arena);
    }
    return kept;
}
