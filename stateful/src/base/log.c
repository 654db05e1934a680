#include <stateful/log.h>

#include <stdarg.h>
#include <stdio.h>

static void write_to_stderr(void *user, sf_log_level level, const char *line)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};

    (void)user;
    fprintf(stderr, "%s %s\n", names[level], line);
}

static sf_log_fn writer = write_to_stderr;
static void *writer_user;
static sf_log_level lowest_level = SF_LOG_INFO;

void sf_log_set(sf_log_fn fn, void *user, sf_log_level lowest)
{
    writer = fn ? fn : write_to_stderr;
    writer_user = user;
    lowest_level = lowest;
}

void sf_log(sf_log_level level, const char *format, ...)
{
    char line[2048];
    va_list arguments;

    if (level < lowest_level)
        return;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments); /* a cut line is still a line */
    va_end(arguments);
    writer(writer_user, level, line);
}
