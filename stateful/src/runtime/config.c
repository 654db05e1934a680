#include "runtime/config_implementation.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/advertised_address.h"

enum {
    APPLICATION_ID_MAX = 100,
    INSTANCE_ID_MAX = 40,
    THREADS_MAX = 64,
};

#define MEMORY_MIN ((size_t)16 * 1024 * 1024)
#define MEMORY_USUAL ((size_t)128 * 1024 * 1024)

static bool is_name(const char *text, size_t max)
{
    size_t size = strlen(text);

    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
            return false;
    }
    return size > 0 && size <= max && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static sf_status check_names(const sf_config *given, sf_error *err)
{
    if (!given->application_id)
        return sf_fail(err, SF_INVALID, "application_id is missing");
    if (!is_name(given->application_id, APPLICATION_ID_MAX))
        return sf_fail(err, SF_INVALID,
                       "application_id '%s' is not 1 to %d letters, digits, '.', '_' or '-'",
                       given->application_id, APPLICATION_ID_MAX);
    if (given->instance_id && !is_name(given->instance_id, INSTANCE_ID_MAX))
        return sf_fail(err, SF_INVALID,
                       "instance_id '%s' is not 1 to %d letters, digits, '.', '_' or '-'",
                       given->instance_id, INSTANCE_ID_MAX);
    if (!given->broker && !given->bootstrap_servers)
        return sf_fail(err, SF_INVALID, "bootstrap_servers is missing");
    if (given->state_dir && !given->state_dir[0])
        return sf_fail(err, SF_INVALID, "state_dir is empty");
    if (given->guarantee != SF_EXACTLY_ONCE_V2 && given->guarantee != SF_AT_LEAST_ONCE)
        return sf_fail(err, SF_INVALID, "guarantee %d is none of those that exist",
                       (int)given->guarantee);
    if (given->membership != SF_MEMBERSHIP_STATIC && given->membership != SF_MEMBERSHIP_DYNAMIC)
        return sf_fail(err, SF_INVALID, "membership %d is none of those that exist",
                       (int)given->membership);
    return sf_advertised_address_check(given->application_server, err);
}

static sf_status check_range(const char *name, int64_t value, int64_t least, int64_t most,
                             sf_error *err)
{
    if (value < least || value > most)
        return sf_fail(err, SF_INVALID, "%s is %" PRId64 ", not between %" PRId64 " and %" PRId64,
                       name, value, least, most);
    return SF_OK;
}

static sf_status check_numbers(const sf_config *config, sf_error *err)
{
    const struct {
        const char *name;
        int64_t value, least, most;
    } ranges[] = {
        {"num_stream_threads", config->num_stream_threads, 1, THREADS_MAX},
        {"commit_interval_ms", config->commit_interval_ms, 1, INT32_MAX},
        {"commit_min_interval_ms", config->commit_min_interval_ms, 0, config->commit_interval_ms},
        {"transaction_timeout_ms", config->transaction_timeout_ms, 1000, 900000},
        {"session_timeout_ms", config->session_timeout_ms, 1000, 1800000},
        {"task_timeout_ms", config->task_timeout_ms, -1, INT32_MAX},
        {"memory_max_bytes", (int64_t)config->memory_max_bytes, (int64_t)MEMORY_MIN, INT64_MAX},
        {"max_task_idle_ms", config->max_task_idle_ms, -1, INT32_MAX},
        {"state_cleanup_delay_ms", config->state_cleanup_delay_ms, -1, INT64_MAX / 1000000},
        {"repartition_purge_interval_ms", config->repartition_purge_interval_ms, -1,
         INT64_MAX / 1000000},
        {"input_partitions", config->input_partitions, 0, 10000},
    };

    for (size_t i = 0; i < SF_ARRAY_LENGTH(ranges); i++) {
        sf_status status =
            check_range(ranges[i].name, ranges[i].value, ranges[i].least, ranges[i].most, err);

        if (status)
            return status;
    }
    if (config->guarantee == SF_EXACTLY_ONCE_V2 &&
        config->commit_interval_ms >= config->transaction_timeout_ms)
        return sf_fail(err, SF_INVALID,
                       "commit_interval_ms %" PRId64
                       " is not below transaction_timeout_ms %d: the broker would end each "
                       "transaction before its commit",
                       config->commit_interval_ms, config->transaction_timeout_ms);
    return SF_OK;
}

static int32_t or_usual(int32_t value, int32_t usual)
{
    return value ? value : usual;
}

static void fill_in(sf_config *config, const sf_config *given)
{
    *config = *given;
    config->state_dir = given->state_dir ? given->state_dir : "state";
    config->num_stream_threads = or_usual(given->num_stream_threads, 1);
    config->commit_interval_ms = given->commit_interval_ms ? given->commit_interval_ms : 100;
    config->transaction_timeout_ms = or_usual(given->transaction_timeout_ms, 10000);
    config->session_timeout_ms = or_usual(given->session_timeout_ms, 6000);
    config->task_timeout_ms = or_usual(given->task_timeout_ms, 300000);
    if (!given->state_cleanup_delay_ms)
        config->state_cleanup_delay_ms = 600000;
    if (!given->repartition_purge_interval_ms)
        config->repartition_purge_interval_ms = 30000;
    if (!given->memory_max_bytes)
        config->memory_max_bytes = MEMORY_USUAL;
    if (!given->clock)
        config->clock = sf_clock_system();
}

static sf_status check_settings(const sf_config *config, sf_error *err)
{
    if (config->broker && config->setting_count)
        return sf_fail(err, SF_INVALID,
                       "setting %s is for a broker, and a broker that is connected was given",
                       config->settings[0].name);
    return SF_OK;
}

static void own_settings(sf_config *config)
{
    const sf_broker_setting *given = config->settings;
    sf_broker_setting *own = sf_realloc_array(NULL, config->setting_count + 1, sizeof(own[0]));

    for (size_t i = 0; i < config->setting_count; i++)
        own[i] = (sf_broker_setting){sf_text_copy(given[i].name), sf_text_copy(given[i].value)};
    config->settings = own;
}

static void own_texts(sf_config *config)
{
    config->application_id = sf_text_copy(config->application_id);
    config->bootstrap_servers = sf_text_copy(config->bootstrap_servers);
    config->state_dir = sf_text_copy(config->state_dir);
    config->instance_id = sf_text_copy(config->instance_id);
    config->application_server = sf_text_copy(config->application_server);
}

sf_status sf_config_complete(sf_config *config, const sf_config *given, sf_error *err)
{
    sf_config whole;
    sf_status status = check_names(given, err);

    if (!status)
        status = check_settings(given, err);
    if (status)
        return status;
    fill_in(&whole, given);
    status = check_numbers(&whole, err);
    if (status)
        return status;
    own_texts(&whole);
    own_settings(&whole);
    *config = whole;
    return SF_OK;
}

void sf_config_done(sf_config *config)
{
    for (size_t i = 0; i < config->setting_count; i++) {
        free((char *)config->settings[i].name);
        free((char *)config->settings[i].value);
    }
    free((sf_broker_setting *)config->settings);
    free((char *)config->application_id);
    free((char *)config->bootstrap_servers);
    free((char *)config->state_dir);
    free((char *)config->instance_id);
    free((char *)config->application_server);
    *config = (sf_config){0};
}
