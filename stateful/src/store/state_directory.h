/* state_directory.h - the directory of an instance: "lock", held by one process, "instance.id", made
 * once, and "db", the database's. Any thread. */
#ifndef SF_STORE_STATE_DIRECTORY_H
#define SF_STORE_STATE_DIRECTORY_H

#include <stateful/error.h>

typedef struct sf_state_directory {
    char *path;
    char *database_path;
    char *instance_id; /* NUL-terminated */
    int lock;          /* descriptor */
} sf_state_directory;

/* Makes it if it is missing, takes the lock, reads or makes the id. Code SF_BUSY when another process
 * has it. */
sf_status sf_state_directory_open(sf_state_directory *directory, const char *path, sf_error *err);

/* Gives the lock back. Zero is fine. */
void sf_state_directory_close(sf_state_directory *directory);

/* A fresh id; free() it. */
char *sf_instance_id_draw(void);

#endif
