#include "store/state_db.h"

#include "store/state_db_implementation.h"

void sf_state_db_close(sf_state_db *db)
{
    if (db)
        db->ops->close(db);
}

void sf_state_db_memory(sf_state_db *db, sf_state_memory *used)
{
    *used = (sf_state_memory){0};
    if (db->ops->memory)
        db->ops->memory(db, used);
}

uint64_t sf_state_db_version(sf_state_db *db)
{
    return db->ops->version(db);
}

sf_status sf_state_db_family(sf_state_db *db, const char *name, sf_state_expired_fn expired,
                             void *user, sf_state_family **family, sf_error *err)
{
    return db->ops->family(db, name, expired, user, family, err);
}

sf_status sf_state_db_get(sf_state_db *db, sf_state_family *family, sf_bytes key, sf_bytes *value,
                          sf_state_pin *pin, sf_error *err)
{
    return db->ops->get(db, family, key, value, pin, err);
}

void sf_state_pin_release(sf_state_pin *pin)
{
    if (pin->release)
        pin->release(pin->held);
    *pin = (sf_state_pin){0};
}

sf_state_snapshot *sf_state_db_snapshot(sf_state_db *db)
{
    return db->ops->snapshot(db);
}

void sf_state_snapshot_free(sf_state_db *db, sf_state_snapshot *snapshot)
{
    if (snapshot)
        db->ops->snapshot_free(db, snapshot);
}

sf_state_iterator *sf_state_db_iterate(sf_state_db *db, sf_state_family *family, sf_bytes lower,
                                       sf_bytes upper, bool backwards, sf_state_snapshot *snapshot)
{
    return db->ops->iterate(db, family, lower, upper, backwards, snapshot);
}

bool sf_state_iterator_next(sf_state_iterator *iterator, sf_bytes *key, sf_bytes *value,
                            sf_status *status, sf_error *err)
{
    return iterator->ops->iterator_next(iterator, key, value, status, err);
}

void sf_state_iterator_free(sf_state_iterator *iterator)
{
    if (iterator)
        iterator->ops->iterator_free(iterator);
}

sf_state_batch *sf_state_batch_new(sf_state_db *db)
{
    return db->ops->batch_new(db);
}

void sf_state_batch_free(sf_state_batch *batch)
{
    if (batch)
        batch->ops->batch_free(batch);
}

void sf_state_batch_clear(sf_state_batch *batch)
{
    batch->count = 0;
    batch->ops->batch_clear(batch);
}

size_t sf_state_batch_count(const sf_state_batch *batch)
{
    return batch->count;
}

void sf_state_batch_put(sf_state_batch *batch, sf_state_family *family, sf_bytes key,
                        sf_bytes value)
{
    batch->count++;
    batch->ops->batch_put(batch, family, key, value);
}

void sf_state_batch_delete(sf_state_batch *batch, sf_state_family *family, sf_bytes key)
{
    batch->count++;
    batch->ops->batch_delete(batch, family, key);
}

void sf_state_batch_delete_range(sf_state_batch *batch, sf_state_family *family, sf_bytes lower,
                                 sf_bytes upper)
{
    batch->count++;
    batch->ops->batch_delete_range(batch, family, lower, upper);
}

sf_status sf_state_db_write(sf_state_db *db, sf_state_batch *batch, sf_error *err)
{
    if (batch->count == 0)
        return SF_OK;
    return db->ops->write(db, batch, err);
}

static sf_status write_rows(sf_state_db *db, sf_state_family *family, const sf_state_row *rows,
                            size_t count, sf_error *err)
{
    sf_state_batch *batch = sf_state_batch_new(db);
    sf_status status;

    for (size_t i = 0; i < count; i++) {
        if (rows[i].value.data)
            sf_state_batch_put(batch, family, rows[i].key, rows[i].value);
        else
            sf_state_batch_delete(batch, family, rows[i].key);
    }
    status = sf_state_db_write(db, batch, err);
    sf_state_batch_free(batch);
    return status;
}

sf_status sf_state_db_ingest(sf_state_db *db, sf_state_family *family, const sf_state_row *rows,
                             size_t count, sf_error *err)
{
    if (count == 0)
        return SF_OK;
    return (db->ops->ingest ? db->ops->ingest : write_rows)(db, family, rows, count, err);
}
