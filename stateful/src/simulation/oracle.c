#include "simulation/oracle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "store/meta.h"
#include "store/registry.h"
#include "store/session_key.h"
#include "store/window_key.h"
#include "topology/topology_implementation.h"

/* State that was last written before that long ago may be restored in full: half of the seven days for
 * which changelogs keep deletions. */
#define TRUSTED_MS (INT64_C(84) * 3600 * 1000)

/* How far a store of a partition was when somebody last looked. */
typedef struct seen_position {
    size_t store;
    int32_t partition;
    int64_t position;
    int64_t written_ms; /* at latest */
} seen_position;

struct sf_oracle {
    const sf_topology *topology;
    char **changelogs; /* topics, by store; NULL: not logged */
    seen_position *seen;
    size_t seen_count;
    uint64_t losses;   /* of the disk, when it was looked at */
    uint64_t removals; /* of state of tasks that had left; likewise */
    int64_t looked_ms; /* when that was */
    sf_buffer text;    /* of the row at hand */
};

sf_oracle *sf_oracle_new(const sf_topology *topology, const char *application_id)
{
    sf_oracle *oracle = sf_zalloc(sizeof(*oracle));

    oracle->topology = topology;
    oracle->changelogs = sf_zalloc((topology->store_count + 1) * sizeof(oracle->changelogs[0]));
    for (size_t i = 0; i < topology->store_count; i++) {
        const sf_store_options *store = &topology->stores[i].options;

        if (!store->logging_off)
            oracle->changelogs[i] = sf_topology_changelog_name(store->name, application_id);
    }
    return oracle;
}

void sf_oracle_free(sf_oracle *oracle)
{
    for (size_t i = 0; i < oracle->topology->store_count; i++)
        free(oracle->changelogs[i]);
    free(oracle->changelogs);
    free(oracle->seen);
    sf_buffer_done(&oracle->text);
    free(oracle);
}

/* ---- positions ---- */

static seen_position *seen_of(sf_oracle *oracle, size_t store, int32_t partition)
{
    for (size_t i = 0; i < oracle->seen_count; i++) {
        if (oracle->seen[i].store == store && oracle->seen[i].partition == partition)
            return &oracle->seen[i];
    }
    oracle->seen = sf_realloc_array(oracle->seen, oracle->seen_count + 1, sizeof(oracle->seen[0]));
    oracle->seen[oracle->seen_count] = (seen_position){store, partition, -1, 0};
    return &oracle->seen[oracle->seen_count++];
}

/* When a task that has the store says that it was last written; what is restored does not make it newer. */
static int64_t date_of(const sf_oracle *oracle, const sf_machine *machine, size_t store,
                       int32_t partition)
{
    const sf_topology *topology = oracle->topology;
    int64_t written_ms = INT64_MAX;

    for (size_t i = 0; i < topology->subtopology_count; i++) {
        const sf_subtopology *part = &topology->subtopologies[i];

        for (size_t k = 0; k < part->store_count; k++) {
            if (part->stores[k] == store)
                (void)sf_meta_get(sf_state_database(machine->streams->state, false),
                                  SF_META_WRITTEN, part->identity, partition, &written_ms,
                                  NULL); /* unreadable: then it has none */
        }
    }
    return written_ms;
}

/* What was written since the last look may be from before a sleep in between. */
static void note_position(sf_oracle *oracle, const sf_simulated_cluster *cluster,
                          const seen_position *now)
{
    seen_position *seen = seen_of(oracle, now->store, now->partition);

    if (seen->position != now->position)
        seen->written_ms = cluster->slept_from_ms > oracle->looked_ms
                               ? cluster->slept_from_ms
                               : sf_simulated_cluster_now_ms(cluster);
    seen->position = now->position;
    if (now->written_ms < seen->written_ms)
        seen->written_ms = now->written_ms;
}

/* A task that left long ago is restored from the beginning when it comes back; that may have begun already,
 * so what counts is what the disk says now. */
static void forget_what_was_removed(sf_oracle *oracle, const sf_machine *machine)
{
    sf_state_db *disk = sf_simulated_disk_database(machine->disk);
    size_t left = 0;

    for (size_t i = 0; disk && i < oracle->seen_count; i++) {
        int64_t position = -1;

        (void)sf_meta_get(disk, SF_META_CHANGELOG,
                          oracle->topology->stores[oracle->seen[i].store].options.name,
                          oracle->seen[i].partition, &position, NULL); /* or it has none */
        if (position < 0)
            continue;
        if (position < oracle->seen[i].position)
            oracle->seen[i].position = position;
        oracle->seen[left++] = oracle->seen[i];
    }
    oracle->seen_count = left;
}

static void forget_what_was_lost(sf_oracle *oracle, const sf_machine *machine)
{
    uint64_t losses = sf_simulated_disk_losses(machine->disk);

    if (losses != oracle->losses)
        oracle->seen_count = 0;
    oracle->losses = losses;
    if (machine->removals != oracle->removals)
        forget_what_was_removed(oracle, machine);
    oracle->removals = machine->removals;
}

void sf_oracle_note_restore(sf_oracle *oracle, const sf_machine *machine, const char *topic,
                            int32_t partition, int64_t from)
{
    int64_t now_ms = sf_simulated_cluster_now_ms(machine->options.cluster);

    forget_what_was_lost(oracle, machine);
    for (size_t i = 0; i < oracle->topology->store_count; i++) {
        const seen_position *seen;
        int64_t known;

        if (!oracle->changelogs[i] || strcmp(oracle->changelogs[i], topic) != 0 ||
            oracle->topology->stores[i].options.in_memory)
            continue;
        seen = seen_of(oracle, i, partition);
        known = seen->position;
        if (from < known && now_ms - seen->written_ms <= TRUSTED_MS)
            sf_simulated_cluster_complain(machine->options.cluster,
                                          "%s restores %s/%" PRId32 " from offset %" PRId64
                                          " though its disk has it up to %" PRId64,
                                          machine->options.name, topic, partition, from, known);
    }
}

/* ---- rows against the changelog ---- */

/* The last committed value of each key below a position: key -> sf_record. */
static sf_map *fold(const sf_simulated_log *log, int64_t position)
{
    sf_map *rows = sf_map_new();

    for (size_t i = 0; i < log->count && log->entries[i].offset < position; i++) {
        const sf_simulated_entry *entry = &log->entries[i];

        if (!sf_simulated_entry_counts(entry))
            continue;
        if (sf_bytes_is_null(entry->record.value))
            (void)sf_map_remove(rows, entry->record.key); /* it need not be there */
        else
            (void)sf_map_put(rows, entry->record.key, (void *)&entry->record); /* the newest */
    }
    return rows;
}

/* One partition of a store as it is being looked at. */
typedef struct look {
    const sf_machine *machine;
    const char *store;
    int32_t partition;
    int64_t position;
    sf_map *rows;
    size_t found;
} look;

static void complain(const look *at, const char *what, sf_bytes key)
{
    sf_simulated_cluster_complain(
        at->machine->options.cluster,
        "%s shows a row of %s/%" PRId32
        " that its changelog does not have %s, up to offset %" PRId64 ": key '%.*s'",
        at->machine->options.name, at->store, at->partition, what, at->position, (int)key.size,
        key.data ? (const char *)key.data : "");
}

/* Values in a changelog have their timestamp, 8 bytes, before them. */
static void judge(look *at, sf_bytes logged_key, sf_stored stored)
{
    const sf_record *record = sf_map_get(at->rows, logged_key);

    at->found++;
    if (!record)
        complain(at, "at all", logged_key);
    else if (record->value.size != stored.value.size + 8 ||
             (stored.value.size > 0 &&
              memcmp(record->value.data + 8, stored.value.data, stored.value.size) != 0))
        complain(at, "with that value", logged_key);
}

static void judge_rows(look *at, sf_published *published)
{
    sf_key_value_iterator *rows = NULL;
    sf_status status = sf_published_range(published, SF_NULL, SF_NULL, false, &rows, NULL);
    sf_bytes key;
    sf_stored stored;

    while (!status && sf_key_value_iterator_next(rows, &key, &stored, &status, NULL))
        judge(at, key, stored);
    sf_key_value_iterator_free(rows);
    if (at->found < sf_map_count(at->rows))
        sf_simulated_cluster_complain(at->machine->options.cluster,
                                      "%s shows %zu rows of %s/%" PRId32
                                      ", its changelog has %zu up to offset %" PRId64,
                                      at->machine->options.name, at->found, at->store,
                                      at->partition, sf_map_count(at->rows), at->position);
}

/* Windows that are over may be gone, so only those that are there are judged. */
static void judge_windows(sf_oracle *oracle, look *at, sf_published *published)
{
    sf_window_iterator *rows = NULL;
    sf_status status = sf_published_fetch_all(published, 0, INT64_MAX, &rows, NULL);
    sf_bytes key;
    int64_t start_ms;
    sf_stored stored;

    while (!status && sf_window_iterator_next(rows, &key, &start_ms, &stored, &status, NULL)) {
        const sf_window_key window = {.key = key, .start_ms = start_ms};

        sf_window_key_encode_logged(&window, &oracle->text);
        judge(at, sf_buffer_bytes(&oracle->text), stored);
    }
    sf_window_iterator_free(rows);
}

static void judge_sessions(sf_oracle *oracle, look *at, sf_published *published)
{
    sf_session_iterator *rows = NULL;
    sf_status status = sf_published_find_ended(published, 0, INT64_MAX, &rows, NULL);
    sf_session session;
    sf_stored stored;

    while (!status && sf_session_iterator_next(rows, &session, &stored, &status, NULL)) {
        const sf_session_key key = {session.key, session.start_ms, session.end_ms};

        sf_session_key_encode(&key, &oracle->text);
        judge(at, sf_buffer_bytes(&oracle->text), stored);
    }
    sf_session_iterator_free(rows);
}

static void judge_partition(sf_oracle *oracle, look *at, const sf_store_options *store,
                            sf_published *published)
{
    if (store->kind == SF_KEY_VALUE_STORE)
        judge_rows(at, published);
    else if (store->kind == SF_WINDOW_STORE && !store->retain_duplicates)
        judge_windows(oracle, at, published);
    else if (store->kind == SF_SESSION_STORE)
        judge_sessions(oracle, at, published);
}

/* When the changelog was made anew, 0: it was not. */
static int64_t anew_ms(const sf_oracle *oracle, const sf_machine *machine, size_t index)
{
    return sf_simulated_cluster_topic(machine->options.cluster, oracle->changelogs[index])->anew_ms;
}

/* Its changelog was made anew: a process that was started since must not work on what is beyond it. */
static void complain_of_position(const look *at, const sf_simulated_log *log)
{
    sf_simulated_cluster_complain(at->machine->options.cluster,
                                  "%s works on %s/%" PRId32 " as of offset %" PRId64
                                  ", but its changelog was made anew and ends at %" PRId64,
                                  at->machine->options.name, at->store, at->partition, at->position,
                                  log->next);
}

static void look_at_partition(sf_oracle *oracle, const sf_machine *machine, size_t index,
                              sf_published *published)
{
    const sf_store_options *store = &oracle->topology->stores[index].options;
    look at = {
        .machine = machine,
        .store = store->name,
        .partition = sf_published_partition(published),
    };
    const sf_simulated_log *log =
        sf_simulated_cluster_log(machine->options.cluster, oracle->changelogs[index], at.partition);
    int64_t made_ms;

    if (!log || sf_meta_get(sf_state_database(machine->streams->state, store->in_memory),
                            SF_META_CHANGELOG, store->name, at.partition, &at.position, NULL))
        return;
    if (!store->in_memory)
        note_position(oracle, machine->options.cluster,
                      &(seen_position){index, at.partition, at.position,
                                       date_of(oracle, machine, index, at.partition)});
    made_ms = anew_ms(oracle, machine, index);
    if (made_ms) {
        if (machine->started_ms > made_ms && at.position > log->next)
            complain_of_position(&at, log);
        return;
    }
    at.rows = fold(log, at.position);
    judge_partition(oracle, &at, store, published);
    sf_map_free(at.rows);
}

void sf_oracle_look(sf_oracle *oracle, const sf_machine *machine)
{
    forget_what_was_lost(oracle, machine);
    for (size_t i = 0; machine->streams && i < oracle->topology->store_count; i++) {
        sf_published **published;
        size_t count;

        if (!oracle->changelogs[i] ||
            oracle->topology->stores[i].options.kind == SF_VERSIONED_STORE)
            continue;
        published = sf_registry_acquire(machine->streams->state,
                                        oracle->topology->stores[i].options.name, &count);
        for (size_t k = 0; k < count; k++)
            look_at_partition(oracle, machine, i, published[k]);
        sf_registry_release(published, count);
    }
    oracle->looked_ms = sf_simulated_cluster_now_ms(machine->options.cluster);
}
