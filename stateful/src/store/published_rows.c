#include "store/published_rows.h"

#include "base/encoding.h"
#include "store/buffer_entry.h"

void sf_published_add_full_key(const sf_published *published, sf_bytes key, sf_buffer *full_key)
{
    sf_put_be32(sf_buffer_extend(full_key, SF_PARTITION_SIZE), (uint32_t)published->partition);
    sf_buffer_add_bytes(full_key, key);
}

static sf_range *open_committed(void *user, bool side, sf_bytes from, sf_bytes to, bool backwards)
{
    sf_published *published = user;
    sf_buffer lower = SF_BUFFER_EMPTY;
    sf_buffer upper = SF_BUFFER_EMPTY;
    sf_range *range;

    sf_published_add_full_key(published, from, &lower);
    sf_put_be32(sf_buffer_extend(&upper, SF_PARTITION_SIZE),
                (uint32_t)published->partition + (to.data ? 0 : 1));
    sf_buffer_add_bytes(&upper, to);
    range = sf_range_open(published->db, side ? published->side_family : published->family, NULL,
                          NULL, sf_buffer_bytes(&lower), sf_buffer_bytes(&upper), backwards);
    sf_buffer_done(&lower);
    sf_buffer_done(&upper);
    return range;
}

/* What went since its index was read is left out. */
static sf_status read_committed(void *user, sf_bytes key, sf_buffer *to, sf_error *err)
{
    sf_published *published = user;
    sf_buffer full_key = SF_BUFFER_EMPTY;
    sf_state_pin pin = {0};
    sf_bytes full;
    sf_status status;

    sf_published_add_full_key(published, key, &full_key);
    status = sf_state_db_get(published->db, published->family, sf_buffer_bytes(&full_key), &full,
                             &pin, err);
    if (!status)
        sf_buffer_add_bytes(to, full);
    sf_state_pin_release(&pin);
    sf_buffer_done(&full_key);
    return status;
}

sf_row_source sf_published_rows(sf_published *published)
{
    return (sf_row_source){.store = published, .open = open_committed, .read = read_committed};
}
