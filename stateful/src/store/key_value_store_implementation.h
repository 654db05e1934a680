/* key_value_store_implementation.h - the public iterator over any range, for readers of committed
 * state. */
#ifndef SF_STORE_KEY_VALUE_STORE_IMPLEMENTATION_H
#define SF_STORE_KEY_VALUE_STORE_IMPLEMENTATION_H

#include <stateful/key_value_store.h>

#include "store/range.h"

/* Takes the range. */
sf_key_value_iterator *sf_key_value_iterator_new(sf_range *range);

#endif
