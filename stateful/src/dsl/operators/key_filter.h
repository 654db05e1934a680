/* key_filter.h - before a repartition topic: records without key stay behind, unless all who depend
 * on the key behind it can do without (left joins). */
#ifndef SF_DSL_OPERATORS_KEY_FILTER_H
#define SF_DSL_OPERATORS_KEY_FILTER_H

#include <stateful/processor.h>

typedef struct sf_key_filter {
    bool someone_needs_keys;
    bool someone_does_not;
} sf_key_filter;

sf_processor sf_key_filter_processor(sf_key_filter *filter); /* borrowed */

#endif
