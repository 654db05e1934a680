#include "store/store_layout.h"

#include "base/memory.h"
#include "store/session_key.h"
#include "store/version_row.h"

char *sf_store_family_name(const char *store)
{
    return sf_text_printf("store-%s", store);
}

char *sf_store_side_family_name(const char *store)
{
    return sf_text_printf("side-%s", store);
}

bool sf_store_has_side_family(const sf_store_options *options)
{
    switch (options->kind) {
    case SF_WINDOW_STORE:
        return options->time_index && !options->by_time;
    case SF_SESSION_STORE:
        return options->time_index || options->by_time;
    case SF_VERSIONED_STORE:
        return true;
    default:
        return false;
    }
}

bool sf_store_expires(const sf_store_options *options)
{
    return options->kind == SF_WINDOW_STORE || options->kind == SF_SESSION_STORE;
}

sf_window_layout sf_store_window_layout(const sf_store_options *options)
{
    return (sf_window_layout){.by_time = options->by_time,
                              .has_sequence = options->retain_duplicates};
}

sf_expiry_options sf_store_expiry(const sf_store_options *options)
{
    sf_expiry_options expiry = {.retention = sf_retention_of(options)};

    if (options->kind == SF_WINDOW_STORE)
        expiry.time_at = sf_window_layout_time_at(sf_store_window_layout(options));
    if (options->kind == SF_SESSION_STORE)
        expiry.time_at = SF_SESSION_END_AT;
    if (options->kind == SF_VERSIONED_STORE)
        expiry.side_time_at = SF_VERSION_END_AT;
    return expiry;
}
