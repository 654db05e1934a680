#include "journal/journal_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef bool (*take_fn)(const char *value, sf_journal_options *options);

static bool read_whole(const char *text, int64_t least, int64_t most, int64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoll(text, &end, 10);
    return end != text && !*end && !errno && *number >= least && *number <= most;
}

static bool take_fsync(const char *value, sf_journal_options *options)
{
    static const char *const names[] = {"always", "interval", "never"};

    for (size_t i = 0; i < SF_ARRAY_LENGTH(names); i++) {
        if (!strcmp(value, names[i])) {
            options->fsync = (sf_journal_fsync)i;
            return true;
        }
    }
    return false;
}

static bool take_fsync_interval(const char *value, sf_journal_options *options)
{
    int64_t ms = 0;
    bool is_good = read_whole(value, 1, INT32_MAX, &ms);

    options->fsync_interval_ms = (int32_t)ms;
    return is_good;
}

static bool take_segment_bytes(const char *value, sf_journal_options *options)
{
    int64_t bytes = 0;
    bool is_good = read_whole(value, 1024, 1024 * 1024 * 1024, &bytes);

    options->segment_size_bytes = (size_t)bytes;
    return is_good;
}

static bool take_message_max(const char *value, sf_journal_options *options)
{
    int64_t bytes = 0;
    bool is_good = read_whole(value, 1024, 64 * 1024 * 1024, &bytes);

    options->record_max_bytes = (size_t)bytes;
    return is_good;
}

static bool take_cleaner_interval(const char *value, sf_journal_options *options)
{
    int64_t ms = 0;
    bool is_good = read_whole(value, -1, INT32_MAX, &ms) && ms;

    options->cleaner_interval_ms = (int32_t)ms;
    return is_good;
}

static bool take_cleaner_ratio(const char *value, sf_journal_options *options)
{
    char *end;

    options->cleaner_dirty_ratio = strtod(value, &end);
    return end != value && !*end && options->cleaner_dirty_ratio > 0 &&
           options->cleaner_dirty_ratio <= 1;
}

static bool take_cleaner_memory(const char *value, sf_journal_options *options)
{
    int64_t bytes = 0;
    bool is_good = read_whole(value, 1, INT64_MAX, &bytes);

    options->cleaner_memory_bytes = (size_t)bytes;
    return is_good;
}

static const struct {
    const char *name;
    const char *values;
    take_fn take;
} settings_known[] = {
    {"journal.fsync", "always, interval or never", take_fsync},
    {"journal.fsync.interval.ms", "a number from 1 on", take_fsync_interval},
    {"journal.segment.bytes", "a number from 1024 to 1073741824", take_segment_bytes},
    {"journal.message.max.bytes", "a number from 1024 to 67108864", take_message_max},
    {"journal.cleaner.interval.ms", "a number from 1 on, or -1 for never", take_cleaner_interval},
    {"journal.cleaner.dirty.ratio", "above 0 and at most 1", take_cleaner_ratio},
    {"journal.cleaner.memory.bytes", "a number from 1 on", take_cleaner_memory},
};

const char *sf_journal_setting_name(size_t index)
{
    return index < SF_ARRAY_LENGTH(settings_known) ? settings_known[index].name : NULL;
}

bool sf_journal_setting_exists(const char *name)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(settings_known); i++)
        if (!strcmp(name, settings_known[i].name))
            return true;
    return false;
}

static sf_status fail_unknown(const char *name, sf_error *err)
{
    if (strncmp(name, "journal.", strlen("journal.")) != 0)
        return sf_fail(err, SF_INVALID, "setting %s is for a Kafka cluster, not for a journal",
                       name);
    return sf_fail(
        err, SF_INVALID,
        "there is no setting %s; a journal has journal.fsync, "
        "journal.fsync.interval.ms, journal.segment.bytes, "
        "journal.message.max.bytes, journal.cleaner.interval.ms, journal.cleaner.dirty.ratio and "
        "journal.cleaner.memory.bytes",
        name);
}

static sf_status take(const sf_broker_setting *setting, sf_journal_options *options, sf_error *err)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(settings_known); i++) {
        if (strcmp(setting->name, settings_known[i].name) != 0)
            continue;
        if (settings_known[i].take(setting->value, options))
            return SF_OK;
        return sf_fail(err, SF_INVALID, "setting %s is '%s', not %s", setting->name, setting->value,
                       settings_known[i].values);
    }
    return fail_unknown(setting->name, err);
}

sf_status sf_journal_settings_apply(const sf_broker_setting *settings, size_t count,
                                    sf_journal_options *options, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < count; i++)
        status = take(&settings[i], options, err);
    return status;
}
