#include "simulation/outcome_check.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker.h>

#include "base/encoding.h"
#include "base/memory.h"

/* ---- printing ---- */

static bool is_text(sf_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (!isprint(bytes.data[i]))
            return false;
    }
    return true;
}

static void print_bytes(sf_buffer *to, sf_bytes bytes)
{
    if (sf_bytes_is_null(bytes))
        sf_buffer_add_text(to, "null");
    else if (is_text(bytes))
        sf_buffer_printf(to, "'%.*s'", (int)bytes.size, (const char *)bytes.data);
    else if (bytes.size == 8)
        sf_buffer_printf(to, "%" PRId64, (int64_t)sf_get_be64(bytes.data));
    else
        for (size_t i = 0; i < bytes.size && i < 64; i++)
            sf_buffer_printf(to, "%02x", bytes.data[i]);
}

/* ---- records of a topic ---- */

typedef struct numbered_record {
    const sf_record *record;
    size_t number; /* in its order */
} numbered_record;

static int by_key(const void *a, const void *b)
{
    const numbered_record *one = a;
    const numbered_record *other = b;
    int order = sf_bytes_compare(one->record->key, other->record->key);

    if (order)
        return order;
    return one->number < other->number ? -1 : one->number > other->number;
}

typedef struct record_list {
    numbered_record *items;
    size_t count;
} record_list;

static void add_all(record_list *list, const sf_outcome_records *records)
{
    list->items =
        sf_realloc_array(list->items, list->count + records->count + 1, sizeof(list->items[0]));
    for (size_t i = 0; i < records->count; i++) {
        list->items[list->count] = (numbered_record){&records->items[i], list->count};
        list->count++;
    }
}

/* Of each key only the last one stays. */
static void keep_last(record_list *list)
{
    size_t left = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (i + 1 < list->count &&
            sf_bytes_equal(list->items[i].record->key, list->items[i + 1].record->key))
            continue;
        list->items[left++] = list->items[i];
    }
    list->count = left;
}

static void order(record_list *list, sf_outcome_check check)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(list->items[0]), by_key);
    if (check == SF_OUTCOME_LAST)
        keep_last(list);
}

static void tell_record(sf_buffer *to, const char *topic, const sf_record *expected,
                        const sf_record *found, size_t before)
{
    sf_buffer_printf(to, "topic %s, key ", topic);
    print_bytes(to, expected ? expected->key : found->key);
    sf_buffer_printf(to, ", record %zu of the key: expected ", before);
    if (expected)
        print_bytes(to, expected->value);
    else
        sf_buffer_add_text(to, "no more");
    sf_buffer_add_text(to, ", found ");
    if (found)
        print_bytes(to, found->value);
    else
        sf_buffer_add_text(to, "no more");
}

static const sf_record *record_at(const record_list *list, size_t index)
{
    return index < list->count ? list->items[index].record : NULL;
}

/* How many records of the same key stand right before this one. */
static size_t same_before(const record_list *list, size_t index, sf_bytes key)
{
    size_t count = 0;

    while (index-- > 0 && sf_bytes_equal(list->items[index].record->key, key))
        count++;
    return count;
}

static bool records_match(const char *topic, const record_list *expected, const record_list *found,
                          sf_buffer *difference)
{
    for (size_t i = 0; i < expected->count || i < found->count; i++) {
        const sf_record *wanted = record_at(expected, i);
        const sf_record *got = record_at(found, i);
        int order_of_keys = !wanted ? 1 : !got ? -1 : sf_bytes_compare(wanted->key, got->key);

        if (order_of_keys == 0 && sf_bytes_equal(wanted->value, got->value))
            continue;
        if (order_of_keys < 0)
            got = NULL;
        else if (order_of_keys > 0)
            wanted = NULL;
        tell_record(difference, topic, wanted, got,
                    same_before(expected, i, wanted ? wanted->key : got->key));
        return false;
    }
    return true;
}

static bool partitions_are_right(const sf_outcome_topic *topic, sf_buffer *difference)
{
    for (int32_t p = 0; p < topic->partitions; p++) {
        for (size_t i = 0; i < topic->found[p].count; i++) {
            sf_bytes key = topic->found[p].items[i].key;

            if (sf_bytes_is_null(key) || sf_partition_of_key(key, topic->partitions) == p)
                continue;
            sf_buffer_printf(difference, "topic %s, key ", topic->name);
            print_bytes(difference, key);
            sf_buffer_printf(difference, ": found in partition %" PRId32 ", belongs into %" PRId32,
                             p, sf_partition_of_key(key, topic->partitions));
            return false;
        }
    }
    return true;
}

static bool topic_matches(const sf_outcome_topic *topic, sf_buffer *difference)
{
    record_list expected = {0};
    record_list found = {0};
    bool matches;

    if (topic->check == SF_OUTCOME_NOT)
        return true;
    if (!partitions_are_right(topic, difference))
        return false;
    add_all(&expected, &topic->expected);
    for (int32_t p = 0; p < topic->partitions; p++)
        add_all(&found, &topic->found[p]);
    order(&expected, topic->check);
    order(&found, topic->check);
    matches = records_match(topic->name, &expected, &found, difference);
    free(expected.items);
    free(found.items);
    return matches;
}

/* ---- rows of a store ---- */

static int by_place(const void *a, const void *b)
{
    const sf_outcome_row *one = a;
    const sf_outcome_row *other = b;
    int order_of_keys = sf_bytes_compare(one->key, other->key);

    if (order_of_keys)
        return order_of_keys;
    if (one->start_ms != other->start_ms)
        return one->start_ms < other->start_ms ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

static bool same_place(const sf_outcome_row *one, const sf_outcome_row *other)
{
    return one->start_ms == other->start_ms && sf_bytes_equal(one->key, other->key);
}

/* Of each place only the last row stays, and none that is null. */
static void settle(sf_outcome_rows *rows)
{
    size_t left = 0;

    if (rows->count > 0)
        qsort(rows->items, rows->count, sizeof(rows->items[0]), by_place);
    for (size_t i = 0; i < rows->count; i++) {
        if (i + 1 < rows->count && same_place(&rows->items[i], &rows->items[i + 1]))
            continue;
        if (!sf_bytes_is_null(rows->items[i].value))
            rows->items[left++] = rows->items[i];
    }
    rows->count = left;
}

static void tell_row(sf_buffer *to, const char *store, const sf_outcome_row *expected,
                     const sf_outcome_row *found)
{
    const sf_outcome_row *one = expected ? expected : found;

    sf_buffer_printf(to, "store %s, key ", store);
    print_bytes(to, one->key);
    if (one->start_ms)
        sf_buffer_printf(to, " from %" PRId64, one->start_ms);
    sf_buffer_add_text(to, ": expected ");
    print_bytes(to, expected ? expected->value : SF_NULL);
    sf_buffer_add_text(to, ", found ");
    print_bytes(to, found ? found->value : SF_NULL);
}

/* A row that two partitions have is as wrong as one that none has. */
static bool has_twice(const sf_outcome_rows *rows, sf_outcome_row *twice)
{
    for (size_t i = 0; i + 1 < rows->count; i++) {
        if (same_place(&rows->items[i], &rows->items[i + 1])) {
            *twice = rows->items[i];
            return true;
        }
    }
    return false;
}

static bool store_matches(sf_outcome_store *store, sf_buffer *difference)
{
    sf_outcome_row twice;

    if (store->found.count > 0)
        qsort(store->found.items, store->found.count, sizeof(store->found.items[0]), by_place);
    if (has_twice(&store->found, &twice)) {
        sf_buffer_printf(difference, "store %s, found in two partitions: ", store->name);
        print_bytes(difference, twice.key);
        return false;
    }
    settle(&store->expected);
    for (size_t i = 0; i < store->expected.count || i < store->found.count; i++) {
        const sf_outcome_row *wanted = i < store->expected.count ? &store->expected.items[i] : NULL;
        const sf_outcome_row *got = i < store->found.count ? &store->found.items[i] : NULL;

        if (wanted && got && same_place(wanted, got) && sf_bytes_equal(wanted->value, got->value))
            continue;
        if (wanted && got && !same_place(wanted, got)) {
            sf_outcome_row a = *wanted;
            sf_outcome_row b = *got;

            a.number = b.number = 0;
            if (by_place(&a, &b) < 0)
                got = NULL;
            else
                wanted = NULL;
        }
        tell_row(difference, store->name, wanted, got);
        return false;
    }
    return true;
}

bool sf_outcome_check_all(sf_simulation_outcome *outcome, sf_buffer *difference)
{
    if (outcome->unknown) {
        sf_buffer_printf(
            difference,
            "the model expects something of '%s', which the subject lists neither among "
            "its topics nor among its stores",
            outcome->unknown);
        return false;
    }
    for (size_t i = 0; i < outcome->topic_count; i++) {
        if (!topic_matches(&outcome->topics[i], difference))
            return false;
    }
    for (size_t i = 0; i < outcome->store_count; i++) {
        if (!outcome->stores[i].is_judged && !store_matches(&outcome->stores[i], difference))
            return false;
    }
    return true;
}
