/* grouped_implementation.h - what is inside a grouping. */
#ifndef SF_DSL_GROUPED_IMPLEMENTATION_H
#define SF_DSL_GROUPED_IMPLEMENTATION_H

#include <stateful/grouped.h>

#include "dsl/builder_implementation.h"
#include "dsl/windowing.h"

struct sf_grouped {
    sf_stream *stream;
    const char *name; /* of the repartition topic, should one be needed */
    const char *call; /* for messages */
    sf_stream *ready; /* by key; NULL: not asked for yet */
    sf_windowing windowing;
    sf_grouped *unwindowed; /* whose `ready` is shared; NULL: its own */
};

/* The records by key; the repartition topic is made when the first result is asked for, and shared by
 * all. */
sf_stream *sf_grouped_ready(sf_grouped *grouped);

#endif
