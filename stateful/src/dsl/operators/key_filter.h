/* key_filter.h - before a repartition topic: records without key stay behind, unless all who take them
 * behind it can do without (left and outer joins). */
#ifndef SF_DSL_OPERATORS_KEY_FILTER_H
#define SF_DSL_OPERATORS_KEY_FILTER_H

#include <stateful/processor.h>

typedef struct sf_key_filter {
    bool keeps_null_keys;
} sf_key_filter;

sf_processor sf_key_filter_processor(sf_key_filter *filter); /* borrowed */

#endif
