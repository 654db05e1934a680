/* store_layout.h - where a store of given options keeps its rows: its families, and the times in their
 * keys. A store has a family of its own, and some have a side family:
 *
 *   kind                  own family                        side family
 *   key-value             key
 *   window                see window_key.h                  with time_index: the keys by time
 *   session               see session_key.h                 with time_index or by_time: the keys by end
 *   versioned             key: its newest version           versions that are over: see version_row.h
 */
#ifndef SF_STORE_STORE_LAYOUT_H
#define SF_STORE_STORE_LAYOUT_H

#include <stateful/store.h>

#include "store/expiry.h"
#include "store/window_key.h"

/* Give back with free(). */
char *sf_store_family_name(const char *store);
char *sf_store_side_family_name(const char *store);

bool sf_store_has_side_family(const sf_store_options *options);

/* Whether rows of its own family expire; those of a side family always do. */
bool sf_store_expires(const sf_store_options *options);
sf_expiry_options sf_store_expiry(const sf_store_options *options);

/* Of a window store. */
sf_window_layout sf_store_window_layout(const sf_store_options *options);

#endif
