/* test_driver_output.c - what a test reads of the topics. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "testing/test_driver_implementation.h"

static size_t find_output(const sf_test_driver *driver, const char *name)
{
    size_t found = sf_test_topics_find(&driver->topics, name);
    char *full;

    if (found != SIZE_MAX)
        return found;
    full = sf_text_printf("%s-%s", driver->application_id, name);
    found = sf_test_topics_find(&driver->topics, full);
    free(full);
    return found;
}

bool sf_test_driver_read(sf_test_driver *driver, const char *topic, sf_record *record)
{
    size_t number = find_output(driver, topic);
    const sf_test_topic *at = number == SIZE_MAX ? NULL : &driver->topics.items[number];

    for (size_t i = 0; at && i < at->log_count; i++) {
        sf_test_log *log = &at->logs[i];

        if (log->read < log->committed) {
            *record = log->records[log->read++].record;
            return true;
        }
    }
    return false;
}

size_t sf_test_driver_produced(const sf_test_driver *driver, const char *topic)
{
    size_t number = find_output(driver, topic);
    size_t count = 0;

    for (size_t i = 0; number != SIZE_MAX && i < driver->topics.items[number].log_count; i++)
        count += driver->topics.items[number].logs[i].committed;
    return count;
}

size_t sf_test_driver_unread(const sf_test_driver *driver, const char *topic)
{
    size_t number = find_output(driver, topic);
    size_t count = 0;

    for (size_t i = 0; number != SIZE_MAX && i < driver->topics.items[number].log_count; i++)
        count += driver->topics.items[number].logs[i].committed -
                 driver->topics.items[number].logs[i].read;
    return count;
}

static bool is_input_only(const sf_test_driver *driver, const char *name)
{
    for (size_t i = 0; i < driver->topology->topic_count; i++) {
        const sf_topic *topic = &driver->topology->topics[i];

        if (!topic->is_internal && !topic->is_sink && !strcmp(topic->name, name))
            return true;
    }
    return false;
}

void sf_test_driver_topics(const sf_test_driver *driver, void (*fn)(void *user, const char *topic),
                           void *user)
{
    for (size_t i = 0; i < driver->topics.count; i++) {
        const char *name = driver->topics.items[i].name;

        if (!is_input_only(driver, name) && sf_test_driver_produced(driver, name))
            fn(user, name);
    }
}
