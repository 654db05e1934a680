#include "store/version_history.h"

#include "store/buffer_entry.h"

void sf_version_history_open(sf_version_history *history, const sf_row_source *source, sf_bytes key,
                             int64_t after_ms, bool backwards)
{
    sf_buffer from = SF_BUFFER_EMPTY;
    sf_buffer to = SF_BUFFER_EMPTY;

    sf_buffer_clear(&history->key);
    sf_buffer_add_bytes(&history->key, key);
    sf_version_row_encode_key(key, after_ms, &from);
    sf_buffer_add(&from, "", 1); /* after_ms itself is not included */
    sf_version_row_encode_key(key, INT64_MAX, &to);
    sf_buffer_add(&to, "", 1); /* the last one is */
    history->range =
        source->open(source->store, true, sf_buffer_bytes(&from), sf_buffer_bytes(&to), backwards);
    sf_buffer_done(&from);
    sf_buffer_done(&to);
}

void sf_version_history_done(sf_version_history *history)
{
    sf_range_free(history->range);
    history->range = NULL;
    sf_buffer_done(&history->key);
}

bool sf_version_history_next(sf_version_history *history, sf_version_row *row, sf_status *status,
                             sf_error *err)
{
    sf_bytes full_key;
    sf_bytes full_value;

    while (sf_range_next(history->range, &full_key, &full_value, status, err)) {
        sf_bytes key =
            sf_bytes_of(full_key.data + SF_PARTITION_SIZE, full_key.size - SF_PARTITION_SIZE);

        if (!sf_version_row_decode_key(key, sf_buffer_bytes(&history->key), &row->to_ms))
            continue; /* of a longer key that lies in between */
        if (sf_version_row_decode_value(full_value, row))
            return true;
        *status = sf_fail(err, SF_CORRUPT, "a version of %zu bytes", full_value.size);
        return false;
    }
    return false;
}

sf_status sf_version_history_find(const sf_row_source *source, sf_bytes key, int64_t after_ms,
                                  sf_version_row *row, sf_buffer *value, bool *found, sf_error *err)
{
    sf_version_history history = {0};
    sf_status status;

    sf_version_history_open(&history, source, key, after_ms, false);
    *found = sf_version_history_next(&history, row, &status, err);
    if (*found && row->value.data) {
        sf_buffer_clear(value);
        sf_buffer_add_bytes(value, row->value);
        row->value = sf_buffer_bytes(value);
    }
    sf_version_history_done(&history);
    return status;
}
