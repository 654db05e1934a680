#include "lock_holder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* "12: FLOCK  ADVISORY  WRITE 4711 fd:01:131090 0 EOF"; a waiting one has "->" behind the number. */
static pid_t holder_in(const char *line, unsigned long inode)
{
    unsigned long found;
    int pid;

    if (sscanf(line, "%*d: FLOCK %*s WRITE %d %*x:%*x:%lu", &pid, &found) == 2 && found == inode)
        return (pid_t)pid;
    return 0;
}

pid_t lock_holder(const char *path)
{
    struct stat file;
    char line[256];
    pid_t holder = 0;
    FILE *locks;

    if (stat(path, &file))
        return 0;
    locks = fopen("/proc/locks", "re");
    while (locks && !holder && fgets(line, sizeof(line), locks))
        holder = holder_in(line, (unsigned long)file.st_ino);
    if (locks)
        (void)fclose(locks); /* it was only read */
    return holder;
}
