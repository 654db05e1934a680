#include "simulation/simulation_outcome_implementation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

sf_simulation_outcome *sf_simulation_outcome_new(void)
{
    sf_simulation_outcome *outcome = sf_zalloc(sizeof(*outcome));

    outcome->arena = sf_arena_new();
    return outcome;
}

void sf_simulation_outcome_free(sf_simulation_outcome *outcome)
{
    for (size_t i = 0; i < outcome->topic_count; i++) {
        for (int32_t p = 0; p < outcome->topics[i].partitions; p++)
            free(outcome->topics[i].found[p].items);
        free(outcome->topics[i].found);
        free(outcome->topics[i].expected.items);
    }
    for (size_t i = 0; i < outcome->store_count; i++) {
        free(outcome->stores[i].found.items);
        free(outcome->stores[i].expected.items);
    }
    free(outcome->topics);
    free(outcome->stores);
    sf_arena_free(outcome->arena);
    free(outcome);
}

/* ---- what was found ---- */

void sf_simulation_outcome_add_topic(sf_simulation_outcome *outcome, const char *name,
                                     int32_t partitions, sf_outcome_check check)
{
    outcome->topics =
        sf_realloc_array(outcome->topics, outcome->topic_count + 1, sizeof(outcome->topics[0]));
    outcome->topics[outcome->topic_count++] = (sf_outcome_topic){
        .name = name,
        .partitions = partitions,
        .check = check,
        .found = sf_zalloc((size_t)partitions * sizeof(sf_outcome_records)),
    };
}

void sf_simulation_outcome_add_store(sf_simulation_outcome *outcome, const char *name)
{
    outcome->stores =
        sf_realloc_array(outcome->stores, outcome->store_count + 1, sizeof(outcome->stores[0]));
    outcome->stores[outcome->store_count++] = (sf_outcome_store){.name = name};
}

static bool is_power_of_two(size_t number)
{
    return (number & (number - 1)) == 0;
}

static void add_record(sf_simulation_outcome *outcome, sf_outcome_records *list,
                       const sf_record *record)
{
    if (is_power_of_two(list->count)) /* grows by doubling, 0 and 1 included */
        list->items = sf_realloc_array(list->items, list->count ? 2 * list->count : 1,
                                       sizeof(list->items[0]));
    list->items[list->count++] = sf_record_copy(record, outcome->arena);
}

static void add_row(sf_simulation_outcome *outcome, sf_outcome_rows *list,
                    const sf_outcome_row *row)
{
    if (is_power_of_two(list->count))
        list->items = sf_realloc_array(list->items, list->count ? 2 * list->count : 1,
                                       sizeof(list->items[0]));
    list->items[list->count] = (sf_outcome_row){
        .key = sf_arena_copy(outcome->arena, row->key),
        .start_ms = row->start_ms,
        .value = sf_arena_copy(outcome->arena, row->value),
        .number = list->count,
    };
    list->count++;
}

void sf_simulation_outcome_add_record(sf_simulation_outcome *outcome, size_t topic,
                                      int32_t partition, const sf_record *record)
{
    add_record(outcome, &outcome->topics[topic].found[partition], record);
}

void sf_simulation_outcome_add_row(sf_simulation_outcome *outcome, size_t store,
                                   const sf_outcome_row *row)
{
    add_row(outcome, &outcome->stores[store].found, row);
}

static sf_outcome_topic *find_topic(const sf_simulation_outcome *outcome, const char *name)
{
    for (size_t i = 0; i < outcome->topic_count; i++) {
        if (!strcmp(outcome->topics[i].name, name))
            return &outcome->topics[i];
    }
    return NULL;
}

int32_t sf_simulation_partitions(const sf_simulation_outcome *outcome, const char *topic)
{
    const sf_outcome_topic *found = find_topic(outcome, topic);

    return found ? found->partitions : 0;
}

size_t sf_simulation_record_count(const sf_simulation_outcome *outcome, const char *topic,
                                  int32_t partition)
{
    const sf_outcome_topic *found = find_topic(outcome, topic);

    return found && partition >= 0 && partition < found->partitions ? found->found[partition].count
                                                                    : 0;
}

const sf_record *sf_simulation_record(const sf_simulation_outcome *outcome, const char *topic,
                                      int32_t partition, size_t index)
{
    return &find_topic(outcome, topic)->found[partition].items[index];
}

static sf_outcome_store *find_store(const sf_simulation_outcome *outcome, const char *name)
{
    for (size_t i = 0; i < outcome->store_count; i++) {
        if (!strcmp(outcome->stores[i].name, name))
            return &outcome->stores[i];
    }
    return NULL;
}

size_t sf_simulation_row_count(const sf_simulation_outcome *outcome, const char *store)
{
    const sf_outcome_store *found = find_store(outcome, store);

    return found ? found->found.count : 0;
}

sf_simulation_row sf_simulation_row_at(const sf_simulation_outcome *outcome, const char *store,
                                       size_t index)
{
    const sf_outcome_row *row = &find_store(outcome, store)->found.items[index];

    return (sf_simulation_row){row->key, row->start_ms, row->value};
}

void sf_simulation_judged_store(sf_simulation_outcome *outcome, const char *name)
{
    sf_outcome_store *store = find_store(outcome, name);

    if (store)
        store->is_judged = true;
    else
        outcome->unknown = name;
}

/* ---- what is expected ---- */

void sf_simulation_expect_record(sf_simulation_outcome *outcome, const char *name, sf_bytes key,
                                 sf_bytes value)
{
    sf_outcome_topic *topic = find_topic(outcome, name);
    const sf_record record = {.key = key, .value = value};

    if (topic)
        add_record(outcome, &topic->expected, &record);
    else
        outcome->unknown = name;
}

void sf_simulation_expect_window(sf_simulation_outcome *outcome, const char *name, sf_bytes key,
                                 int64_t start_ms, sf_bytes value)
{
    sf_outcome_store *store = find_store(outcome, name);

    if (store)
        add_row(outcome, &store->expected,
                &(sf_outcome_row){.key = key, .start_ms = start_ms, .value = value});
    else
        outcome->unknown = name;
}

void sf_simulation_expect_row(sf_simulation_outcome *outcome, const char *store, sf_bytes key,
                              sf_bytes value)
{
    sf_simulation_expect_window(outcome, store, key, 0, value);
}
