#include "runtime/instance_lock.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

static const char JOURNAL_SCHEME[] = "file:";

sf_status sf_instance_lock_take(const char *address, const char *application_id, int *lock,
                                sf_error *err)
{
    const char *directory = address + strlen(JOURNAL_SCHEME);
    sf_error own = {0};
    sf_error *why = err ? err : &own;
    char *path;
    sf_status status;

    *lock = -1;
    if (strncmp(address, JOURNAL_SCHEME, strlen(JOURNAL_SCHEME)) != 0)
        return SF_OK;
    path = sf_text_printf("%s/%s.instance", directory, application_id);
    status = sf_file_lock(path, lock, why);
    if (status && why->code == SF_BUSY)
        status = sf_fail(why, SF_BUSY,
                         "application %s is running already on the journal in %s: a journal has "
                         "one instance of it, several need a Kafka cluster",
                         application_id, directory);
    free(path);
    return status;
}
