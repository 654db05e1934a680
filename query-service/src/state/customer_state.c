#include "state/customer_state.h"

#include <string.h>

#include "base/encoding.h"

bool customer_state_apply(customer_state *customer, const customer_event *event)
{
    int64_t version = event->version;

    if (!version && event->is_creation && customer->version)
        return false;
    if (!version)
        version = customer->version + 1;
    if (version <= customer->version)
        return false;
    *customer = (customer_state){
        .version = version,
        .name = customer_event_name(event),
        .email = customer_event_email(event),
    };
    return true;
}

/* version 8, size of the name 4; name; e-mail. Big-endian. */
enum { HEAD_SIZE = 12 };

sf_bytes customer_state_encode(const customer_state *customer, sf_arena *arena)
{
    size_t size = HEAD_SIZE + customer->name.size + customer->email.size;
    uint8_t *bytes = sf_arena_alloc(arena, size);

    sf_put_be64(bytes, (uint64_t)customer->version);
    sf_put_be32(bytes + 8, (uint32_t)customer->name.size);
    memcpy(bytes + HEAD_SIZE, customer->name.data, customer->name.size);
    if (customer->email.size)
        memcpy(bytes + HEAD_SIZE + customer->name.size, customer->email.data, customer->email.size);
    return sf_bytes_of(bytes, size);
}

sf_status customer_state_decode(sf_bytes bytes, customer_state *customer, sf_error *err)
{
    size_t name_size;

    *customer = (customer_state){0};
    if (sf_bytes_is_null(bytes))
        return SF_OK;
    name_size = bytes.size < HEAD_SIZE ? 0 : sf_get_be32(bytes.data + 8);
    if (!name_size || bytes.size - HEAD_SIZE < name_size)
        return sf_fail(err, SF_CORRUPT, "a customer's state of %zu bytes makes no sense",
                       bytes.size);
    *customer = (customer_state){
        .version = (int64_t)sf_get_be64(bytes.data),
        .name = sf_bytes_of(bytes.data + HEAD_SIZE, name_size),
        .email =
            sf_bytes_of(bytes.data + HEAD_SIZE + name_size, bytes.size - HEAD_SIZE - name_size),
    };
    return SF_OK;
}
