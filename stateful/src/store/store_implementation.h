/* store_implementation.h - what every store begins with. */
#ifndef SF_STORE_STORE_IMPLEMENTATION_H
#define SF_STORE_STORE_IMPLEMENTATION_H

#include <stateful/store.h>

struct sf_store {
    sf_store_options options; /* with its own name */
};

#endif
