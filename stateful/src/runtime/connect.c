#include <stateful/connect.h>

#include <string.h>

#include "journal/journal_settings.h"
#include "kafka/kafka_broker.h"

static const char FILE_SCHEME[] = "file:";
static const char MEMORY_SCHEME[] = "memory:";

static bool has_scheme(const char *address, const char *scheme)
{
    return !strncmp(address, scheme, strlen(scheme));
}

static sf_status open_journal(const char *address, const sf_broker_options *options,
                              sf_broker **broker, sf_error *err)
{
    sf_journal_options journal = {
        .clock = options->clock,
        .random_gaps = options->random_gaps,
    };
    sf_status status =
        sf_journal_settings_apply(options->settings, options->setting_count, &journal, err);

    if (status)
        return status;
    if (has_scheme(address, MEMORY_SCHEME))
        return sf_journal_open_memory(&journal, broker, err);
    return sf_journal_open_directory(address + strlen(FILE_SCHEME), &journal, broker, err);
}

static sf_status check(const char *address, const sf_broker_options *options, sf_error *err)
{
    if (!strcmp(address, FILE_SCHEME))
        return sf_fail(err, SF_INVALID, "the address file: names no directory");
    if (has_scheme(address, MEMORY_SCHEME) && strcmp(address, MEMORY_SCHEME) != 0)
        return sf_fail(err, SF_INVALID, "the address '%s' goes on after memory:", address);
    if (options->random_gaps && !has_scheme(address, MEMORY_SCHEME))
        return sf_fail(err, SF_INVALID, "random gaps are for memory: only, not for %s", address);
    return SF_OK;
}

sf_status sf_broker_connect(const char *address, const sf_broker_options *options,
                            sf_broker **broker, sf_error *err)
{
    static const sf_broker_options none;
    sf_status status;

    if (!options)
        options = &none;
    status = check(address, options, err);
    if (status)
        return status;
    if (has_scheme(address, FILE_SCHEME) || has_scheme(address, MEMORY_SCHEME))
        return open_journal(address, options, broker, err);
    return sf_kafka_open(address, options, broker, err);
}
