#include "service/process_metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <stateful/clock.h>

#include "base/memory.h"

struct sf_process_metrics {
    sf_metric_series *cpu;
    sf_metric_series *memory;
    sf_metric_series *virtual_memory;
    sf_metric_series *descriptors;
    sf_metric_series *descriptors_most;
};

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void read_usage(sf_process_metrics *process)
{
    struct rusage usage;
    struct rlimit limit;

    if (!getrusage(RUSAGE_SELF, &usage))
        sf_metric_set(process->cpu, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    if (!getrlimit(RLIMIT_NOFILE, &limit))
        sf_metric_set(process->descriptors_most, (double)limit.rlim_cur);
}

static void read_memory(sf_process_metrics *process)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long page = sysconf(_SC_PAGESIZE);
    long all, resident;

    if (!file)
        return;
    if (fscanf(file, "%ld %ld", &all, &resident) == 2) {
        sf_metric_set(process->virtual_memory, (double)all * (double)page);
        sf_metric_set(process->memory, (double)resident * (double)page);
    }
    fclose(file);
}

static void count_descriptors(sf_process_metrics *process)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = -3; /* ".", ".." and the folder itself */

    if (!folder)
        return;
    while (readdir(folder))
        count++;
    closedir(folder);
    sf_metric_set(process->descriptors, count);
}

static void collect(void *user)
{
    read_usage(user);
    read_memory(user);
    count_descriptors(user);
}

static sf_metric_series *add(sf_metrics *metrics, sf_metric_kind kind, const char *name,
                             const char *help)
{
    sf_metric_options options = {.kind = kind, .name = name, .help = help};

    return sf_metric_at(sf_metrics_add(metrics, &options), NULL);
}

static void add_build_info(sf_metrics *metrics, const char *service, const char *version)
{
    sf_metric_options options = {
        .kind = SF_METRIC_GAUGE,
        .name = "build_info",
        .help = "Always 1; the labels say what runs.",
        .labels = "service version",
    };
    const char *values[] = {service, version};

    sf_metric_set(sf_metric_at(sf_metrics_add(metrics, &options), values), 1);
}

sf_process_metrics *sf_process_metrics_new(sf_metrics *metrics, const char *service,
                                           const char *version)
{
    sf_process_metrics *process = sf_zalloc(sizeof(*process));

    add_build_info(metrics, service, version);
    sf_metric_set(add(metrics, SF_METRIC_GAUGE, "process_start_time_seconds",
                      "When the process began, in seconds since 1970."),
                  (double)sf_clock_now_ms(sf_clock_system()) / 1000);
    process->cpu = add(metrics, SF_METRIC_COUNTER, "process_cpu_seconds_total",
                       "Processor time used, by user and system.");
    process->memory =
        add(metrics, SF_METRIC_GAUGE, "process_resident_memory_bytes", "Memory in use.");
    process->virtual_memory =
        add(metrics, SF_METRIC_GAUGE, "process_virtual_memory_bytes", "Addresses in use.");
    process->descriptors =
        add(metrics, SF_METRIC_GAUGE, "process_open_fds", "Files and sockets that are open.");
    process->descriptors_most =
        add(metrics, SF_METRIC_GAUGE, "process_max_fds", "Files and sockets that may be open.");
    sf_metrics_add_collector(metrics, collect, process);
    return process;
}

void sf_process_metrics_free(sf_process_metrics *process)
{
    free(process);
}
