#include "support/ordered_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static sf_bytes copy(sf_bytes bytes)
{
    uint8_t *data = sf_alloc(bytes.size + 1);

    if (bytes.size > 0)
        memcpy(data, bytes.data, bytes.size);
    return sf_bytes_of(data, bytes.size);
}

static void entry_done(sf_model_entry *entry)
{
    free((uint8_t *)entry->key.data);
    free((uint8_t *)entry->value.data);
}

void sf_model_done(sf_model *model)
{
    for (size_t i = 0; i < model->count; i++)
        entry_done(&model->entries[i]);
    free(model->entries);
    *model = SF_MODEL_EMPTY;
}

sf_model sf_model_copy(const sf_model *model)
{
    sf_model copied = {sf_zalloc((model->count + 1) * sizeof(sf_model_entry)), model->count};

    for (size_t i = 0; i < model->count; i++)
        copied.entries[i] =
            (sf_model_entry){copy(model->entries[i].key), copy(model->entries[i].value),
                             model->entries[i].timestamp};
    return copied;
}

size_t sf_model_seek(const sf_model *model, sf_bytes key)
{
    size_t at = 0;

    while (at < model->count && sf_bytes_compare(model->entries[at].key, key) < 0)
        at++;
    return at;
}

static void remove_at(sf_model *model, size_t at)
{
    entry_done(&model->entries[at]);
    model->count--;
    memmove(&model->entries[at], &model->entries[at + 1],
            (model->count - at) * sizeof(*model->entries));
}

static void insert_at(sf_model *model, size_t at, sf_model_entry entry)
{
    model->entries = sf_realloc_array(model->entries, model->count + 1, sizeof(*model->entries));
    memmove(&model->entries[at + 1], &model->entries[at],
            (model->count - at) * sizeof(*model->entries));
    model->entries[at] = entry;
    model->count++;
}

void sf_model_put(sf_model *model, sf_bytes key, sf_bytes value, int64_t timestamp)
{
    size_t at = sf_model_seek(model, key);
    sf_model_entry entry = {.timestamp = timestamp};

    if (!sf_bytes_is_null(value))
        entry.value = copy(value);
    if (!sf_bytes_is_null(value))
        entry.key = copy(key);
    if (at < model->count && sf_bytes_equal(model->entries[at].key, key))
        remove_at(model, at);
    if (!sf_bytes_is_null(value))
        insert_at(model, at, entry);
}

void sf_model_delete_range(sf_model *model, sf_bytes lower, sf_bytes upper)
{
    size_t at = sf_model_seek(model, lower);

    while (at < model->count && sf_bytes_compare(model->entries[at].key, upper) < 0)
        remove_at(model, at);
}

const sf_model_entry *sf_model_get(const sf_model *model, sf_bytes key)
{
    size_t at = sf_model_seek(model, key);

    if (at < model->count && sf_bytes_equal(model->entries[at].key, key))
        return &model->entries[at];
    return NULL;
}
