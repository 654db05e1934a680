/* state_implementation.h - what the store room itself needs of the state. Any thread. */
#ifndef SF_STORE_STATE_IMPLEMENTATION_H
#define SF_STORE_STATE_IMPLEMENTATION_H

#include "store/expiry.h"
#include "store/publications.h"
#include "store/state.h"

sf_publications *sf_state_publications(sf_state *state);

/* The state stays open until as many have been given back; each publication holds one. */
void sf_state_ref(sf_state *state);

/* What is expired of a store, one for all its partitions; lives as long as the state. The first call
 * decides. */
sf_expiry *sf_state_expiry(sf_state *state, const char *store, bool in_memory,
                           const sf_expiry_options *options);

#endif
