#include "runtime/layout_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "topology/topology_implementation.h"

enum {
    WORDS_MAX = 4,
    MEMBERS_MAX = 4, /* that are named of what is new or gone */
};

static const char *const KINDS[] = {
    [SF_KEY_VALUE_STORE] = "key-value",
    [SF_WINDOW_STORE] = "window",
    [SF_SESSION_STORE] = "session",
    [SF_VERSIONED_STORE] = "versioned",
};

static void forget_parts(sf_layout_record *record)
{
    for (size_t i = 0; i < record->part_count; i++) {
        free(record->parts[i].identity);
        free(record->parts[i].kind);
        free(record->parts[i].name);
    }
    free(record->parts);
    record->parts = NULL;
    record->part_count = 0;
}

void sf_layout_record_done(sf_layout_record *record)
{
    forget_parts(record);
    for (size_t i = 0; i < record->task_count; i++)
        free(record->tasks[i].identity);
    free(record->tasks);
    *record = (sf_layout_record){0};
}

static void add_task(sf_layout_record *record, const char *identity, size_t subtopology,
                     int32_t partition)
{
    record->tasks =
        sf_realloc_array(record->tasks, record->task_count + 1, sizeof(record->tasks[0]));
    record->tasks[record->task_count++] = (sf_layout_task){
        .identity = sf_text_copy(identity),
        .subtopology = subtopology,
        .partition = partition,
    };
}

static void add_part(sf_layout_record *record, const char *identity, const char *kind,
                     const char *name)
{
    record->parts =
        sf_realloc_array(record->parts, record->part_count + 1, sizeof(record->parts[0]));
    record->parts[record->part_count++] = (sf_layout_part){
        .identity = sf_text_copy(identity),
        .kind = sf_text_copy(kind),
        .name = sf_text_copy(name),
    };
}

/* ---- reading and writing ---- */

/* Cuts a line into words; the last one has the rest of the line, blanks included. */
static size_t cut(char *line, char **words, size_t most)
{
    size_t count = 0;

    while (line && count + 1 < most)
        words[count++] = strsep(&line, " ");
    if (line)
        words[count++] = line;
    return count;
}

static bool take_task(sf_layout_record *record, char **words)
{
    char *end;
    long partition = strtol(words[2], &end, 10);

    if (*end || end == words[2] || partition < 0 || partition > INT32_MAX || !words[1][0])
        return false;
    add_task(record, words[1], SF_NO_SUBTOPOLOGY, (int32_t)partition);
    return true;
}

static bool take_incarnation(sf_layout_record *record, const char *word)
{
    char *end;

    record->incarnation = strtoull(word, &end, 16);
    return !*end && record->incarnation != 0;
}

static bool take_line(sf_layout_record *record, char *line)
{
    char *words[WORDS_MAX];
    size_t most = !strncmp(line, "store ", 6) ? 4 : 3;
    size_t count = cut(line, words, most);

    if (count == 2 && !strcmp(words[0], "incarnation"))
        return take_incarnation(record, words[1]);
    if (count != most)
        return false;
    if (!strcmp(words[0], "task"))
        return take_task(record, words);
    if (!strcmp(words[0], "topic"))
        add_part(record, words[1], NULL, words[2]);
    else if (!strcmp(words[0], "store"))
        add_part(record, words[1], words[2], words[3]);
    else
        return false;
    return true;
}

sf_status sf_layout_record_read(sf_layout_record *record, sf_bytes value, sf_error *err)
{
    char *text = sf_text_printf("%.*s", (int)value.size, (const char *)value.data);
    char *rest = text;
    bool fine = true;

    sf_layout_record_done(record);
    for (char *line = strsep(&rest, "\n"); fine && line; line = strsep(&rest, "\n"))
        fine = !line[0] || take_line(record, line);
    free(text);
    if (fine && record->incarnation)
        return SF_OK;
    sf_layout_record_done(record);
    return sf_fail(err, SF_CORRUPT, "the application's layout record makes no sense");
}

void sf_layout_record_print(const sf_layout_record *record, sf_buffer *text)
{
    sf_buffer_printf(text, "incarnation %016" PRIx64 "\n", record->incarnation);
    for (size_t i = 0; i < record->task_count; i++)
        sf_buffer_printf(text, "task %s %" PRId32 "\n", record->tasks[i].identity,
                         record->tasks[i].partition);
    for (size_t i = 0; i < record->part_count; i++) {
        const sf_layout_part *part = &record->parts[i];

        if (part->kind)
            sf_buffer_printf(text, "store %s %s %s\n", part->identity, part->kind, part->name);
        else
            sf_buffer_printf(text, "topic %s %s\n", part->identity, part->name);
    }
}

/* ---- against the program ---- */

static size_t find_subtopology(const sf_topology *topology, const char *identity)
{
    for (size_t i = 0; i < topology->subtopology_count; i++) {
        if (!strcmp(topology->subtopologies[i].identity, identity))
            return i;
    }
    return SF_NO_SUBTOPOLOGY;
}

bool sf_layout_record_has(const sf_layout_record *record, const char *identity)
{
    for (size_t i = 0; i < record->part_count; i++) {
        if (!strcmp(record->parts[i].identity, identity))
            return true;
    }
    return false;
}

static int32_t listed_partitions(const sf_layout_record *record, size_t subtopology)
{
    int32_t count = 0;

    for (size_t i = 0; i < record->task_count; i++)
        count += record->tasks[i].subtopology == subtopology;
    return count;
}

static sf_status match_counts(const sf_layout_record *record, const sf_topology *topology,
                              const int32_t *counts, sf_error *err)
{
    for (size_t s = 0; s < topology->subtopology_count; s++) {
        int32_t now = sf_topology_task_count(topology, s, counts);
        int32_t before = listed_partitions(record, s);

        if (before && before != now)
            return sf_fail(err, SF_INVALID,
                           "the topics read by sub-topology %zu had %" PRId32
                           " partitions when the application first ran and have %" PRId32
                           " now: its state is kept by partition, so this needs a reset",
                           s, before, now);
    }
    return SF_OK;
}

static sf_status match_kind(const sf_layout_part *part, const sf_topology *topology, sf_error *err)
{
    for (size_t i = 0; part->kind && i < topology->store_count; i++) {
        const sf_store_options *store = &topology->stores[i].options;

        if (!strcmp(store->name, part->name) && strcmp(KINDS[store->kind], part->kind) != 0)
            return sf_fail(err, SF_INVALID,
                           "store %s was a %s store when the application last ran and is a %s "
                           "store now: give it another name, or reset the application",
                           store->name, part->kind, KINDS[store->kind]);
    }
    return SF_OK;
}

sf_status sf_layout_record_match(sf_layout_record *record, const sf_topology *topology,
                                 const int32_t *counts, sf_error *err)
{
    sf_status status;

    for (size_t i = 0; i < record->task_count; i++)
        record->tasks[i].subtopology = find_subtopology(topology, record->tasks[i].identity);
    status = match_counts(record, topology, counts, err);
    for (size_t i = 0; !status && i < record->part_count; i++)
        status = match_kind(&record->parts[i], topology, err);
    return status;
}

/* ---- what has changed ---- */

static bool has_part(const sf_layout_record *record, const sf_layout_part *wanted)
{
    for (size_t i = 0; i < record->part_count; i++) {
        const sf_layout_part *part = &record->parts[i];

        if (!part->kind == !wanted->kind && !strcmp(part->name, wanted->name))
            return true;
    }
    return false;
}

/* Names what one record has and the other lacks; whether there was any. */
static bool name_missing(const sf_layout_record *has, const sf_layout_record *lacks,
                         bool are_stores, const char *words, sf_buffer *what)
{
    size_t count = 0;

    for (size_t i = 0; i < has->part_count; i++) {
        const sf_layout_part *part = &has->parts[i];

        if (!part->kind == are_stores || has_part(lacks, part))
            continue;
        if (count == 0)
            sf_buffer_printf(what, "%s%s", what->size ? "; " : "", words);
        if (count < MEMBERS_MAX)
            sf_buffer_printf(what, "%s%s", count ? ", " : " ", part->name);
        count++;
    }
    if (count > MEMBERS_MAX)
        sf_buffer_printf(what, " and %zu more", count - MEMBERS_MAX);
    return count > 0;
}

static void add_parts_of(sf_layout_record *record, const sf_topology *topology)
{
    for (size_t s = 0; s < topology->subtopology_count; s++) {
        const sf_subtopology *sub = &topology->subtopologies[s];

        for (size_t i = 0; i < sub->input_count; i++)
            add_part(record, sub->identity, NULL, topology->topics[sub->inputs[i]].name);
        for (size_t i = 0; i < sub->store_count; i++) {
            const sf_store_options *store = &topology->stores[sub->stores[i]].options;

            add_part(record, sub->identity, KINDS[store->kind], store->name);
        }
    }
}

static void explain(const sf_layout_record *before, const sf_topology *topology, sf_buffer *what)
{
    sf_layout_record now = {0};

    add_parts_of(&now, topology);
    (void)name_missing(&now, before, true, "it now keeps", what);
    (void)name_missing(before, &now, true, "it no longer keeps", what);
    (void)name_missing(&now, before, false, "it now reads", what);
    (void)name_missing(before, &now, false, "it no longer reads", what);
    if (!what->size)
        sf_buffer_add_text(what, "its topics and stores belong together in another way");
    sf_layout_record_done(&now);
}

bool sf_layout_record_differs(const sf_layout_record *record, const sf_topology *topology,
                              sf_buffer *what)
{
    bool differs = false;

    for (size_t s = 0; s < topology->subtopology_count; s++)
        differs = differs || !sf_layout_record_has(record, topology->subtopologies[s].identity);
    for (size_t i = 0; i < record->part_count; i++)
        differs =
            differs || find_subtopology(topology, record->parts[i].identity) == SF_NO_SUBTOPOLOGY;
    if (differs && what)
        explain(record, topology, what);
    return differs;
}

/* Partition by partition over all new sub-topologies, so that neighbouring indexes are different kinds
 * of work. */
static void append_missing(sf_layout_record *record, const sf_topology *topology,
                           const int32_t *counts)
{
    bool *is_listed = sf_zalloc(topology->subtopology_count + 1);
    int32_t most = 0;

    for (size_t s = 0; s < topology->subtopology_count; s++) {
        int32_t count = sf_topology_task_count(topology, s, counts);

        is_listed[s] = listed_partitions(record, s) > 0;
        most = count > most ? count : most;
    }
    for (int32_t p = 0; p < most; p++) {
        for (size_t s = 0; s < topology->subtopology_count; s++) {
            if (!is_listed[s] && p < sf_topology_task_count(topology, s, counts))
                add_task(record, topology->subtopologies[s].identity, s, p);
        }
    }
    free(is_listed);
}

void sf_layout_record_adopt(sf_layout_record *record, const sf_topology *topology,
                            const int32_t *counts)
{
    append_missing(record, topology, counts);
    forget_parts(record);
    add_parts_of(record, topology);
}
