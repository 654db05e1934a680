#include "support/runtime_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "support/state_directory_fixture.h"

enum { PATIENCE_MS = 30000 };

runtime_fixture *runtime_fixture_new(const char *kind, sf_topology *topology)
{
    runtime_fixture *fixture = sf_zalloc(sizeof(*fixture));

    fixture->directory = sf_test_directory_make();
    fixture->topology = topology;
    fixture->address = !strcmp(kind, "file:") ? sf_text_printf("file:%s/log", fixture->directory)
                                              : sf_text_copy(kind);
    assert_ok(sf_broker_connect(fixture->address, NULL, &fixture->broker, err));
    fixture->config = (sf_config){
        .application_id = "app",
        .bootstrap_servers = fixture->address,
        .state_dir = fixture->directory,
        .input_partitions = 2,
    };
    if (!strcmp(kind, "memory:"))
        fixture->config.broker = fixture->broker;
    numbers_topic(fixture->broker, "in", 2);
    numbers_topic(fixture->broker, "out", 2);
    return fixture;
}

void runtime_fixture_free(runtime_fixture *fixture)
{
    if (fixture->streams)
        runtime_fixture_stop(fixture);
    sf_broker_close(fixture->broker);
    sf_topology_free(fixture->topology);
    sf_test_directory_remove(fixture->directory);
    free(fixture->address);
    free(fixture);
}

static void start(runtime_fixture *fixture, commit_fault *fault)
{
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &fixture->streams, err));
    if (fault)
        commit_fault_install(fixture->streams, fault);
    assert_ok(sf_streams_start(fixture->streams, err));
}

static void wait_until_running(runtime_fixture *fixture)
{
    sf_error error = {0};

    if (sf_streams_wait(fixture->streams, SF_STREAMS_RUNNING, PATIENCE_MS))
        return;
    (void)sf_streams_error(fixture->streams, &error); /* or it is slow */
    fail_msg("the application is %s: %s", sf_run_state_name(sf_streams_state(fixture->streams)),
             error.text);
}

void runtime_fixture_start(runtime_fixture *fixture)
{
    start(fixture, NULL);
    wait_until_running(fixture);
}

void runtime_fixture_start_with(runtime_fixture *fixture, commit_fault *fault)
{
    start(fixture, fault);
    wait_until_running(fixture);
}

void runtime_fixture_start_and_strike(runtime_fixture *fixture, commit_fault *fault)
{
    start(fixture, fault);
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, PATIENCE_MS));
    assert_true(atomic_load(&fault->has_struck));
    sf_streams_free(fixture->streams);
    fixture->streams = NULL;
}

void runtime_fixture_stop(runtime_fixture *fixture)
{
    sums_app_stop(fixture->streams);
    fixture->streams = NULL;
}

void runtime_fixture_lose_state(runtime_fixture *fixture)
{
    char *path = sf_text_printf("%s/app", fixture->directory);

    assert_ok(sf_directory_remove(path, err));
    free(path);
}

void runtime_fixture_check(runtime_fixture *fixture, size_t count)
{
    numbers_wait(fixture->broker, "out", count);
    sums_app_check(fixture->broker, "in", "out");
}
