#include "simulation/simulated_disk.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/memory_state_db.h"
#include "store/rocksdb_state_db.h"
#include "store/state_db_implementation.h"

enum { SYNC_ONE_IN = 6 }; /* writes after which everything is known to be on the platter */

/* Whom a family asks what is expired: processes come and go, the family stays. */
typedef struct judge {
    sf_state_expired_fn expired; /* NULL: no process is there */
    void *user;
    struct judge *next;
} judge;

struct sf_simulated_disk {
    sf_state_db base; /* first: it is one */
    char *directory;  /* NULL: in memory */
    sf_state_db *inner;
    sf_simulated_host *host;
    judge *judges;
    size_t synced; /* batches that a power cut leaves */
    int failing;
    int reads_left; /* until one fails; negative: none does */
    uint64_t losses;
};

static sf_simulated_disk *of(sf_state_db *db)
{
    return (sf_simulated_disk *)db;
}

/* ---- calls that are handed on ---- */

static void disk_close(sf_state_db *db)
{
    (void)db; /* the disk is the machine's */
}

static bool ask_judge(void *user, sf_bytes key)
{
    const judge *asked = user;

    return asked->expired && asked->expired(asked->user, key);
}

static sf_status disk_family(sf_state_db *db, const char *name, sf_state_expired_fn expired,
                             void *user, sf_state_family **family, sf_error *err)
{
    sf_simulated_disk *disk = of(db);
    judge *added;

    if (!expired)
        return sf_state_db_family(disk->inner, name, NULL, NULL, family, err);
    added = sf_zalloc(sizeof(*added));
    *added = (judge){expired, user, disk->judges};
    disk->judges = added;
    return sf_state_db_family(disk->inner, name, ask_judge, added, family, err);
}

static uint64_t disk_version(sf_state_db *db)
{
    return sf_state_db_version(of(db)->inner);
}

static sf_status disk_get(sf_state_db *db, sf_state_family *family, sf_bytes key, sf_bytes *value,
                          sf_state_pin *pin, sf_error *err)
{
    sf_simulated_disk *disk = of(db);

    if (disk->reads_left >= 0 && disk->reads_left-- == 0) {
        sf_trace_add(&disk->host->cluster->trace, "a read of %s fails", disk->host->client_id);
        return sf_fail(err, SF_IO, "the simulated disk cannot be read");
    }
    return sf_state_db_get(disk->inner, family, key, value, pin, err);
}

static sf_state_snapshot *disk_snapshot(sf_state_db *db)
{
    return sf_state_db_snapshot(of(db)->inner);
}

static void disk_snapshot_free(sf_state_db *db, sf_state_snapshot *snapshot)
{
    sf_state_snapshot_free(of(db)->inner, snapshot);
}

static sf_state_iterator *disk_iterate(sf_state_db *db, sf_state_family *family, sf_bytes lower,
                                       sf_bytes upper, bool backwards, sf_state_snapshot *snapshot)
{
    return sf_state_db_iterate(of(db)->inner, family, lower, upper, backwards, snapshot);
}

static sf_state_batch *disk_batch_new(sf_state_db *db)
{
    return sf_state_batch_new(of(db)->inner);
}

/* ---- writing ---- */

static sf_status dead(sf_error *err)
{
    return sf_fail(err, SF_CLOSED, "the process was killed");
}

static sf_status begin_write(sf_simulated_disk *disk, sf_call_fate *fate, sf_error *err)
{
    *fate = sf_simulated_host_write(disk->host);
    if (*fate == SF_CALL_LOST)
        return dead(err);
    if (disk->failing == 0)
        return SF_OK;
    disk->failing--;
    sf_trace_add(&disk->host->cluster->trace, "a write of %s fails", disk->host->client_id);
    return sf_fail(err, SF_IO, "no space left on the simulated disk");
}

static void note_synced(sf_simulated_disk *disk)
{
    if (!disk->directory)
        disk->synced = sf_memory_state_db_batches(disk->inner);
}

static sf_status disk_write(sf_state_db *db, sf_state_batch *batch, sf_error *err)
{
    sf_simulated_disk *disk = of(db);
    sf_call_fate fate;
    sf_status status = begin_write(disk, &fate, err);

    if (!status)
        status = sf_state_db_write(disk->inner, batch, err);
    if (status)
        return status;
    if (!disk->directory && sf_random_below(&disk->host->cluster->random, SYNC_ONE_IN) == 0)
        note_synced(disk);
    return fate ? dead(err) : SF_OK;
}

static sf_status disk_ingest(sf_state_db *db, sf_state_family *family, const sf_state_row *rows,
                             size_t count, sf_error *err)
{
    sf_simulated_disk *disk = of(db);
    sf_call_fate fate;
    sf_status status = begin_write(disk, &fate, err);

    if (!status)
        status = sf_state_db_ingest(disk->inner, family, rows, count, err);
    if (status)
        return status;
    note_synced(disk);
    return fate ? dead(err) : SF_OK;
}

static const sf_state_db_ops ops = {
    .close = disk_close,
    .version = disk_version,
    .family = disk_family,
    .get = disk_get,
    .snapshot = disk_snapshot,
    .snapshot_free = disk_snapshot_free,
    .iterate = disk_iterate,
    .batch_new = disk_batch_new, /* iterators and batches go by the inner one's table */
    .write = disk_write,
    .ingest = disk_ingest,
};

/* ---- the disk itself ---- */

sf_simulated_disk *sf_simulated_disk_new(const char *directory)
{
    sf_simulated_disk *disk = sf_zalloc(sizeof(*disk));

    disk->base.ops = &ops;
    disk->reads_left = -1;
    disk->directory = sf_text_copy(directory);
    if (!directory)
        disk->inner = sf_memory_state_db_new(true);
    return disk;
}

static void free_judges(sf_simulated_disk *disk)
{
    while (disk->judges) {
        judge *gone = disk->judges;

        disk->judges = gone->next;
        free(gone);
    }
}

void sf_simulated_disk_free(sf_simulated_disk *disk)
{
    if (!disk)
        return;
    sf_state_db_close(disk->inner);
    free_judges(disk);
    free(disk->directory);
    free(disk);
}

sf_status sf_simulated_disk_attach(sf_simulated_disk *disk, sf_simulated_host *host,
                                   sf_state_db **db, sf_error *err)
{
    sf_status status = SF_OK;

    if (disk->directory)
        status = sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = disk->directory},
                                          &disk->inner, err);
    if (status)
        return status;
    disk->host = host;
    *db = &disk->base;
    return SF_OK;
}

void sf_simulated_disk_detach(sf_simulated_disk *disk)
{
    for (judge *asked = disk->judges; asked; asked = asked->next)
        asked->expired = NULL;
    disk->host = NULL;
    if (!disk->directory)
        return;
    sf_state_db_close(disk->inner);
    disk->inner = NULL;
    free_judges(disk);
}

void sf_simulated_disk_cut_power(sf_simulated_disk *disk, sf_random *random)
{
    size_t written;

    if (disk->directory)
        return;
    written = sf_memory_state_db_batches(disk->inner);
    if (disk->synced > written)
        disk->synced = written;
    disk->synced += (size_t)sf_random_below(random, written - disk->synced + 1);
    disk->losses += disk->synced < written;
    sf_memory_state_db_cut(disk->inner, disk->synced);
}

void sf_simulated_disk_lose(sf_simulated_disk *disk)
{
    disk->losses++;
    disk->synced = 0;
    if (disk->directory)
        (void)sf_directory_remove(disk->directory, NULL); /* it may not be there yet */
    else
        sf_memory_state_db_cut(disk->inner, 0);
}

void sf_simulated_disk_fail_read(sf_simulated_disk *disk, int after)
{
    disk->reads_left = after;
}

void sf_simulated_disk_fail(sf_simulated_disk *disk, int writes)
{
    disk->failing = writes;
}

sf_state_db *sf_simulated_disk_database(const sf_simulated_disk *disk)
{
    return disk->inner;
}

uint64_t sf_simulated_disk_losses(const sf_simulated_disk *disk)
{
    return disk->losses;
}
