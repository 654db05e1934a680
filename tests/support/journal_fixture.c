#include "support/journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"

static char **directories;
static size_t directory_count;
static pid_t maker; /* children forked by a test leave the directories alone */

static void remove_all(void)
{
    for (size_t i = 0; i < directory_count; i++) {
        if (getpid() == maker)
            (void)sf_directory_remove(directories[i], NULL); /* under /tmp, no great loss */
        free(directories[i]);
    }
    free(directories);
    directories = NULL;
    directory_count = 0;
}

const char *journal_fixture_directory(void)
{
    char template[] = "/tmp/stateful-journal-XXXXXX";

    if (!mkdtemp(template))
        fail_msg("no directory for a journal");
    if (!directory_count) {
        maker = getpid();
        atexit(remove_all);
    }
    directories = sf_realloc_array(directories, directory_count + 1, sizeof(*directories));
    directories[directory_count] = sf_text_copy(template);
    return directories[directory_count++];
}

sf_broker *journal_fixture_open(const char *directory, const sf_journal_options *options)
{
    sf_broker *broker;

    assert_ok(sf_journal_open_directory(directory, options, &broker, err));
    return broker;
}

void journal_fixture_topic(sf_broker *broker, const char *name, int32_t partitions)
{
    assert_ok(sf_broker_create_topic(
        broker, &(sf_topic_spec){.name = name, .partitions = partitions}, NULL, err));
}
