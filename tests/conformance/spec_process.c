#include "conformance/spec_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/spec_run.h"

enum { MAX_SECONDS = 120 };

/* In the child; the report goes through the pipe. */
static void run_and_exit(const char *path, int report)
{
    FILE *stream = fdopen(report, "w");
    bool passed;

    alarm(MAX_SECONDS);
    passed = stream && spec_run_file(path, stream);
    if (stream)
        fclose(stream);
    exit(passed ? 0 : 1);
}

static char *read_all(int from)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    char part[4096];
    ssize_t length;

    while ((length = read(from, part, sizeof(part))) > 0)
        fwrite(part, 1, (size_t)length, stream);
    fclose(stream);
    return text;
}

/* How the child ended, if not by itself. */
static void add_signal(char **report, int status)
{
    char *text;

    if (!WIFSIGNALED(status))
        return;
    if (asprintf(&text, "%sended by a signal: %s\n", *report, strsignal(WTERMSIG(status))) < 0)
        abort();
    free(*report);
    *report = text;
}

bool spec_process_run(const char *path, char **report)
{
    int ends[2];
    int status = -1;
    pid_t child;

    if (pipe(ends))
        abort();
    fflush(NULL); /* else the child would write it again */
    child = fork();
    if (child < 0)
        abort();
    if (!child) {
        close(ends[0]);
        run_and_exit(path, ends[1]);
    }
    close(ends[1]);
    *report = read_all(ends[0]);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child)
        abort();
    add_signal(report, status);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
