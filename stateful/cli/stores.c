/* stores.c - stateful stores: what an instance keeps on disk, and up to where. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "command.h"
#include "service/timestamp.h"
#include "store/meta.h"
#include "store/rocksdb_state_db.h"
#include "table.h"

typedef struct listed {
    table *rows;
    const char *what;
} listed;

static void add_position(void *user, const char *name, int32_t partition, int64_t number)
{
    const listed *list = user;

    table_add_text(list->rows, list->what);
    table_add_text(list->rows, name);
    table_add_number(list->rows, partition);
    table_add_number(list->rows, number);
}

static void add_time(void *user, const char *name, int32_t partition, int64_t number)
{
    const listed *list = user;
    char time[SF_TIMESTAMP_TEXT_SIZE];

    (void)sf_timestamp_format(number, time);
    table_add_text(list->rows, list->what);
    table_add_text(list->rows, name);
    table_add_number(list->rows, partition);
    table_add_text(list->rows, time);
}

static sf_status list_all(sf_state_db *db, table *rows, sf_error *err)
{
    listed changelog = {rows, "store"};
    listed observed = {rows, "stream time of"};
    listed input = {rows, "input"};
    listed written = {rows, "last batch of"};
    sf_status status = sf_meta_visit(db, SF_META_CHANGELOG, add_position, &changelog, err);

    if (!status)
        status = sf_meta_visit(db, SF_META_OBSERVED, add_time, &observed, err);
    if (!status)
        status = sf_meta_visit(db, SF_META_INPUT, add_position, &input, err);
    if (!status)
        status = sf_meta_visit(db, SF_META_WRITTEN, add_time, &written, err);
    return status;
}

static void print_head(const char *directory, uint64_t incarnation)
{
    sf_buffer id = SF_BUFFER_EMPTY;
    char *path = sf_text_printf("%s/instance.id", directory);

    if (!sf_file_read(path, &id, NULL)) {
        while (id.size && id.data[id.size - 1] == '\n')
            id.size--;
        printf("instance %s, ", sf_buffer_text(&id));
    }
    printf("state of incarnation %016" PRIx64 "\n\n", incarnation);
    sf_buffer_done(&id);
    free(path);
}

static sf_status print_database(const command_call *call, const char *directory, sf_state_db *db,
                                sf_error *err)
{
    static const char *const names[] = {"what", "name", "partition", "position"};
    uint64_t incarnation = 0;
    table *rows;
    sf_status status = sf_meta_get_incarnation(db, &incarnation, err);

    if (status)
        return status;
    if (!call->as_json)
        print_head(directory, incarnation);
    rows = table_new(names, SF_ARRAY_LENGTH(names), call->as_json);
    status = list_all(db, rows, err);
    table_print(rows);
    return status;
}

static sf_status print_directory(const command_call *call, const char *directory, sf_error *err)
{
    char *path = sf_text_printf("%s/db", directory);
    sf_state_db *db = NULL;
    sf_status status = sf_rocksdb_state_db_open(
        &(sf_rocksdb_options){.path = path, .is_read_only = true}, &db, err);

    if (!status) {
        status = print_database(call, directory, db, err);
        sf_state_db_close(db);
    }
    free(path);
    return status;
}

static bool is_state_directory(const char *directory)
{
    char *path = sf_text_printf("%s/db/CURRENT", directory);
    bool is_one = !access(path, R_OK);

    free(path);
    return is_one;
}

static sf_status stores(const command_call *call, sf_error *err)
{
    const char *directory = arguments_operand(call->arguments, 0);
    char *path;
    int lock = -1;
    sf_status status;

    if (!is_state_directory(directory))
        return sf_fail(err, SF_NOT_FOUND,
                       "%s is no state directory: name <state_dir>/<application>, the one with "
                       "instance.id and db in it",
                       directory);
    path = sf_text_printf("%s/lock", directory);
    status = sf_file_lock(path, &lock, err);
    if (status && err->code == SF_BUSY)
        status = sf_fail(err, SF_BUSY,
                         "%s is in use: while the application runs, its views and its metrics "
                         "tell what its stores hold",
                         directory);
    if (!status)
        status = print_directory(call, directory, err);
    if (lock >= 0)
        (void)close(lock); /* only a lock */
    free(path);
    return status;
}

const command stores_command = {
    .words = "stores",
    .operands = "STATE_DIRECTORY",
    .least = 1,
    .most = 1,
    .summary = "what an instance that is stopped keeps on disk",
    .details =
        "Reads <state_dir>/<application> and changes nothing. Prints up to which offset each store "
        "has its\n"
        "changelog, up to which each input is worked in, the stream time of stores with windows, "
        "and when\n"
        "each sub-topology's state (by its identity, see `stateful describe`) was last written.\n",
    .needs_no_broker = true,
    .run = stores,
};
