/* meta.c - the keys of the family "meta": a kind, the name, a NUL (which no name has), and the
 * partition, 4 bytes big-endian; 'n' alone is the incarnation, 't' are times. Numbers are 8 bytes
 * big-endian. */
#include "store/meta.h"

#include <string.h>

#include "base/encoding.h"

#define FAMILY "meta"
#define TIMES 't'
#define INCARNATION 'n'

static void encode_key(char kind, const char *name, int32_t partition, sf_buffer *key)
{
    sf_buffer_add(key, &kind, 1);
    sf_buffer_add_text(key, name);
    sf_buffer_add(key, "", 1);
    sf_put_be32(sf_buffer_extend(key, 4), (uint32_t)partition);
}

/* What a key is about: its name, up to the NUL behind it. */
static const char *name_in(sf_bytes key)
{
    return key.size > 1 ? (const char *)key.data + 1 : "the incarnation";
}

/* Appends the value; *is_there says whether there is one. */
static sf_status read_value(sf_state_db *db, sf_bytes key, sf_buffer *value, bool *is_there,
                            sf_error *err)
{
    sf_state_family *family;
    sf_state_pin pin = {0};
    sf_bytes found;
    sf_status status = sf_state_db_family(db, FAMILY, NULL, NULL, &family, err);

    if (!status)
        status = sf_state_db_get(db, family, key, &found, &pin, err);
    if (status)
        return status;
    *is_there = !sf_bytes_is_null(found);
    sf_buffer_add_bytes(value, found);
    sf_state_pin_release(&pin);
    return SF_OK;
}

static sf_status read_number(sf_state_db *db, sf_bytes key, uint64_t none, uint64_t *number,
                             sf_error *err)
{
    sf_buffer value = SF_BUFFER_EMPTY;
    bool is_there;
    sf_status status = read_value(db, key, &value, &is_there, err);

    if (!status && is_there && value.size != 8)
        status = sf_fail(err, SF_CORRUPT, "the state's memory of '%s' has %zu bytes, not 8",
                         name_in(key), value.size);
    if (!status)
        *number = is_there ? sf_get_be64(value.data) : none;
    sf_buffer_done(&value);
    return status;
}

/* A null value deletes. */
static sf_status write_value(sf_state_db *db, sf_state_batch *batch, sf_bytes key, sf_bytes value,
                             sf_error *err)
{
    sf_state_family *family;
    sf_status status = sf_state_db_family(db, FAMILY, NULL, NULL, &family, err);

    if (status)
        return status;
    if (sf_bytes_is_null(value))
        sf_state_batch_delete(batch, family, key);
    else
        sf_state_batch_put(batch, family, key, value);
    return SF_OK;
}

sf_status sf_meta_get(sf_state_db *db, sf_meta_kind kind, const char *name, int32_t partition,
                      int64_t *number, sf_error *err)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    uint64_t found;
    sf_status status;

    encode_key((char)kind, name, partition, &key);
    status = read_number(db, sf_buffer_bytes(&key), (uint64_t)-1, &found, err);
    if (!status)
        *number = (int64_t)found;
    sf_buffer_done(&key);
    return status;
}

sf_status sf_meta_put(sf_state_db *db, sf_state_batch *batch, sf_meta_kind kind, const char *name,
                      int32_t partition, int64_t number, sf_error *err)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    uint8_t value[8];
    sf_status status;

    encode_key((char)kind, name, partition, &key);
    sf_put_be64(value, (uint64_t)number);
    status = write_value(db, batch, sf_buffer_bytes(&key), sf_bytes_of(value, sizeof(value)), err);
    sf_buffer_done(&key);
    return status;
}

sf_status sf_meta_delete(sf_state_db *db, sf_state_batch *batch, sf_meta_kind kind,
                         const char *name, int32_t partition, sf_error *err)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    sf_status status;

    encode_key((char)kind, name, partition, &key);
    status = write_value(db, batch, sf_buffer_bytes(&key), SF_NULL, err);
    sf_buffer_done(&key);
    return status;
}

/* A key is a kind, a name, a NUL and a partition; others are those of a later program. */
static bool has_name(sf_bytes key)
{
    return key.size >= 6 && memchr(key.data + 1, 0, key.size - 1) == key.data + key.size - 5;
}

static void tell_number(sf_bytes key, sf_bytes value, sf_meta_fn fn, void *user)
{
    if (has_name(key) && value.size == 8)
        fn(user, (const char *)key.data + 1, (int32_t)sf_get_be32(key.data + key.size - 4),
           (int64_t)sf_get_be64(value.data));
}

sf_status sf_meta_visit(sf_state_db *db, sf_meta_kind kind, sf_meta_fn fn, void *user,
                        sf_error *err)
{
    const uint8_t first = (uint8_t)kind;
    const uint8_t behind = (uint8_t)(kind + 1);
    sf_state_family *family;
    sf_state_iterator *iterator;
    sf_bytes key;
    sf_bytes value;
    sf_status status = sf_state_db_family(db, FAMILY, NULL, NULL, &family, err);

    if (status)
        return status;
    iterator = sf_state_db_iterate(db, family, sf_bytes_of(&first, 1), sf_bytes_of(&behind, 1),
                                   false, NULL);
    while (sf_state_iterator_next(iterator, &key, &value, &status, err))
        tell_number(key, value, fn, user);
    sf_state_iterator_free(iterator);
    return status;
}

sf_status sf_meta_get_times(sf_state_db *db, const char *identity, int32_t partition,
                            sf_buffer *text, sf_error *err)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    bool is_there;
    sf_status status;

    encode_key(TIMES, identity, partition, &key);
    status = read_value(db, sf_buffer_bytes(&key), text, &is_there, err);
    sf_buffer_done(&key);
    return status;
}

sf_status sf_meta_put_times(sf_state_db *db, sf_state_batch *batch, const char *identity,
                            int32_t partition, const char *text, sf_error *err)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    sf_status status;

    encode_key(TIMES, identity, partition, &key);
    status = write_value(db, batch, sf_buffer_bytes(&key), sf_bytes_text(text), err);
    sf_buffer_done(&key);
    return status;
}

sf_status sf_meta_get_incarnation(sf_state_db *db, uint64_t *incarnation, sf_error *err)
{
    const char key = INCARNATION;

    return read_number(db, sf_bytes_of(&key, 1), 0, incarnation, err);
}

sf_status sf_meta_put_incarnation(sf_state_db *db, sf_state_batch *batch, uint64_t incarnation,
                                  sf_error *err)
{
    const char key = INCARNATION;
    uint8_t value[8];

    sf_put_be64(value, incarnation);
    return write_value(db, batch, sf_bytes_of(&key, 1), sf_bytes_of(value, sizeof(value)), err);
}
