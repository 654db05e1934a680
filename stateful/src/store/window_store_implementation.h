/* window_store_implementation.h - the public iterator over any rows of windows, for readers of committed
 * state. */
#ifndef SF_STORE_WINDOW_STORE_IMPLEMENTATION_H
#define SF_STORE_WINDOW_STORE_IMPLEMENTATION_H

#include <stateful/window_store.h>

#include "store/window_rows.h"

sf_status sf_window_iterator_open(const sf_window_query *query, sf_window_iterator **iterator,
                                  sf_error *err);

#endif
