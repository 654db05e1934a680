#include <stateful/error.h>

#include <stdarg.h>
#include <stdio.h>

static void fill(sf_error *err, sf_status status, sf_code code, const char *format,
                 va_list arguments)
{
    if (!err)
        return;
    err->status = status;
    err->code = code;
    (void)vsnprintf(err->text, sizeof(err->text), format, arguments); /* cut is fine */
}

sf_status sf_fail(sf_error *err, sf_code code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, SF_STOP, code, format, arguments);
    va_end(arguments);
    return SF_STOP;
}

sf_status sf_fail_with(sf_error *err, sf_status reaction, sf_code code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, reaction, code, format, arguments);
    va_end(arguments);
    return reaction;
}

sf_status sf_reject(sf_error *err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, SF_REJECT, SF_BAD_DATA, format, arguments);
    va_end(arguments);
    return SF_REJECT;
}

sf_status sf_error_prefix(sf_error *err, sf_status status, const char *format, ...)
{
    char before[SF_ERROR_TEXT_SIZE / 2];
    char text[2 * SF_ERROR_TEXT_SIZE];
    va_list arguments;

    if (!err || !status)
        return status;
    va_start(arguments, format);
    (void)vsnprintf(before, sizeof(before), format, arguments); /* cut is fine, here and below */
    va_end(arguments);
    (void)snprintf(text, sizeof(text), "%s: %s", before, err->text);
    (void)snprintf(err->text, sizeof(err->text), "%.*s", SF_ERROR_TEXT_SIZE - 1, text);
    return status;
}

const char *sf_status_name(sf_status status)
{
    static const char *const names[] = {
        [SF_OK] = "ok",
        [SF_RETRY] = "retry",
        [SF_ABORT_COMMIT] = "abort-commit",
        [SF_REBUILD_TASK] = "rebuild-task",
        [SF_REJECT] = "reject",
        [SF_STOP] = "stop",
    };

    return names[status];
}

const char *sf_code_name(sf_code code)
{
    static const char *const names[] = {
        [SF_NO_ERROR] = "none",   [SF_INVALID] = "invalid",   [SF_IO] = "io",
        [SF_CORRUPT] = "corrupt", [SF_BUSY] = "busy",         [SF_TIMED_OUT] = "timed-out",
        [SF_BROKER] = "broker",   [SF_FENCED] = "fenced",     [SF_NOT_FOUND] = "not-found",
        [SF_EXISTS] = "exists",   [SF_BAD_DATA] = "bad-data", [SF_CLOSED] = "closed",
    };

    return names[code];
}
