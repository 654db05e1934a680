#include <stateful/store.h>

#include "store/store_implementation.h"

const char *sf_store_name(const sf_store *store)
{
    return store->options.name;
}

sf_store_kind sf_store_kind_of(const sf_store *store)
{
    return store->options.kind;
}
