#include "support/broker_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "kafka/kafka_broker.h"
#include "support/ask.h"

#define CONTROL "tests/support/kafka"

static char *servers;
static char *folder; /* of the broker that is ours */
static bool will_clear_up;
static char **names; /* all that were handed out */
static size_t name_count;
static char **topics; /* those of them that are topics */
static size_t topic_count;

static void keep(char ***list, size_t *count, char *name)
{
    *list = sf_realloc_array(*list, *count + 1, sizeof(**list));
    (*list)[(*count)++] = name;
}

/* Other people's brokers are left as they were found. */
static void clear_up(void)
{
    sf_broker *broker;

    if (!folder && topic_count && !sf_kafka_open(servers, NULL, &broker, NULL)) {
        for (size_t i = 0; i < topic_count; i++)
            (void)sf_broker_delete_topic(broker, topics[i], NULL); /* it stays, then */
        sf_broker_close(broker);
    }
    for (size_t i = 0; i < name_count; i++)
        free(names[i]);
    free(names);
    free(topics);
    free(folder);
    free(servers);
}

static void give_up(const char *reason)
{
    const char *required = getenv("KAFKA_REQUIRED");

    if (required && !strcmp(required, "1"))
        fail_msg("a Kafka is required: %s", reason);
    printf("skip: %s\n", reason);
    skip();
}

/* Runs the control program; the first line of what it says, or NULL if it failed. */
static char *control(const char *arguments)
{
    char *command = sf_text_printf(CONTROL " %s", arguments);
    char line[256] = "";
    FILE *output = popen(command, "r");
    bool has_line = output && fgets(line, sizeof(line), output);
    bool went_well = output && !pclose(output);

    free(command);
    return went_well ? sf_text_copy(has_line ? line : "") : NULL;
}

static void start(void)
{
    char template[] = "/tmp/stateful-kafka-XXXXXX";
    char *arguments;
    char *line;
    char *end;

    if (folder)
        fail_msg("the Kafka that is there could not be started before");
    if (!mkdtemp(template))
        fail_msg("no directory for a broker");
    folder = sf_text_copy(template);
    arguments = sf_text_printf("start %s --while %ld", folder, (long)getpid());
    line = control(arguments);
    free(arguments);
    if (!line || strncmp(line, "bootstrap=", 10))
        fail_msg("a Kafka is there but could not be started");
    end = strchr(line, ' ');
    servers = sf_memory_copy(line + 10, (size_t)(end - line) - 9);
    servers[end - line - 10] = '\0';
    free(line);
}

const char *kafka_fixture_servers(void)
{
    const char *given = getenv("KAFKA_BOOTSTRAP_SERVERS");
    char *available;

    if (servers)
        return servers;
    if (!will_clear_up)
        will_clear_up = !atexit(clear_up);
    if (given && *given && !strchr(given, '/')) {
        servers = sf_text_copy(given);
        return servers;
    }
    available = control("available");
    if (!available)
        give_up("no Kafka (make kafka)");
    free(available);
    start();
    return servers;
}

/* A broker that was just started makes its coordinators' topics when they are asked for first, which can take
 * longer than a test's call may. The first of a program waits for them. */
static void wait_for_coordinators(sf_broker *broker)
{
    static bool have_answered;
    const char *name = kafka_fixture_name("first");
    const sf_producer_options producer_options = {.transactional_id = name};
    const sf_consumer_options consumer_options = {.group = name};
    sf_offset position = {name, 0, 0, NULL};
    sf_producer *producer;
    sf_consumer *consumer;

    if (have_answered)
        return;
    ask(sf_producer_new(broker, &producer_options, &producer, err));
    ask(sf_consumer_new(broker, &consumer_options, &consumer, err));
    ask(sf_consumer_committed(consumer, &position, 1, 10000, err));
    sf_consumer_close(consumer);
    sf_producer_close(producer);
    have_answered = true;
}

sf_broker *kafka_fixture_open(void)
{
    sf_broker *broker;

    assert_ok(sf_kafka_open(kafka_fixture_servers(), NULL, &broker, err));
    wait_for_coordinators(broker);
    return broker;
}

const char *kafka_fixture_name(const char *word)
{
    char *name = sf_text_printf("%s-%012" PRIx64, word, sf_random_seed_from_system() >> 16);

    keep(&names, &name_count, name);
    return name;
}

const char *kafka_fixture_topic(sf_broker *broker, const char *word, int32_t partitions)
{
    const char *name = kafka_fixture_name(word);

    assert_ok(sf_broker_create_topic(
        broker, &(sf_topic_spec){.name = name, .partitions = partitions}, NULL, err));
    keep(&topics, &topic_count, (char *)name);
    return name;
}

static void need_our_own(void)
{
    (void)kafka_fixture_servers();
    if (!folder)
        give_up("the broker is not this test's own");
}

static void command(const char *verb)
{
    char *arguments;
    char *line;

    need_our_own();
    arguments = sf_text_printf("%s %s", verb, folder);
    line = control(arguments);
    free(arguments);
    if (!line)
        fail_msg("the broker could not be told to %s", verb);
    free(line);
}

void kafka_fixture_kill(void)
{
    command("kill");
}

void kafka_fixture_restart(void)
{
    command("start");
}

pid_t kafka_fixture_crash_later(int seconds)
{
    char *commands;
    pid_t child;

    need_our_own();
    commands =
        sf_text_printf("sleep %d; " CONTROL " kill %s && exec " CONTROL " start %s >/dev/null",
                       seconds, folder, folder);
    child = fork();
    if (!child) {
        (void)execl("/bin/sh", "sh", "-c", commands, (char *)NULL);
        _exit(127);
    }
    free(commands);
    return child;
}
