/* paced_reads.c - reads by HTTP at times that are fixed in advance, whatever the server does: a latency is counted from
 * the time when the read was due, so that a server that stops for a while is charged for all reads
 * of that while (no coordinated omission).
 *
 * paced_reads PORT PATH RATE SECONDS CONNECTIONS
 * The reads of the first fifth of the time warm up and are not counted. Prints one JSON line: reads, how many had another
 * status than 200, microseconds at p50, p99 and p99.9, and the longest. A read that finds no free connection waits
 * for one, and its latency grows.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_SIZE = 1 << 16, EVENTS_MAX = 64, CONNECTIONS_MAX = 1024 };

typedef struct connection {
    int socket;
    int64_t due_ns; /* of the read that is under way */
    size_t size;    /* of what has come of its answer */
    size_t whole;   /* size of the answer; 0: not known yet */
    char answer[ANSWER_SIZE];
} connection;

typedef struct pacing {
    char request[512];
    size_t request_size;
    int64_t began_ns;
    int64_t interval_ns;
    int64_t reads;   /* all of them */
    int64_t warming; /* of these */
    int64_t begun;
    int64_t ended;
    int64_t failed;
    int64_t *latencies_ns;
    connection *free[CONNECTIONS_MAX];
    int free_count;
    int poller;
    int timer;
} pacing;

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "paced_reads: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail */
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t due_ns(const pacing *p, int64_t read)
{
    return p->began_ns + read * p->interval_ns;
}

static void watch(pacing *p, int file, void *whose)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = whose};

    must(!epoll_ctl(p->poller, EPOLL_CTL_ADD, file, &event), "epoll");
}

static connection *connect_to(pacing *p, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection *c = calloc(1, sizeof(*c));
    int yes = 1;

    must(c != NULL, "memory");
    c->socket = socket(AF_INET, SOCK_STREAM, 0);
    must(!connect(c->socket, (const struct sockaddr *)&at, sizeof(at)), "connect");
    must(!setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)), "TCP_NODELAY");
    watch(p, c->socket, c);
    return c;
}

/* Wakes the loop when the next read is due, unless all connections are taken: then an answer will. */
static void set_timer(pacing *p)
{
    int64_t wait = due_ns(p, p->begun) - now_ns();
    struct itimerspec when = {0};

    if (wait < 1)
        wait = 1;
    when.it_value.tv_sec = wait / 1000000000;
    when.it_value.tv_nsec = wait % 1000000000;
    must(!timerfd_settime(p->timer, 0, &when, NULL), "timer");
}

static void begin_due_reads(pacing *p)
{
    while (p->free_count && p->begun < p->reads && due_ns(p, p->begun) <= now_ns()) {
        connection *c = p->free[--p->free_count];

        c->due_ns = due_ns(p, p->begun++);
        c->size = c->whole = 0;
        must(send(c->socket, p->request, p->request_size, MSG_NOSIGNAL) == (ssize_t)p->request_size,
             "send");
    }
    if (p->free_count && p->begun < p->reads)
        set_timer(p);
}

/* The size of an answer whose head is there; 0 if it is not. Answers without a length come in chunks and end
 * with an empty one. */
static size_t whole_size(const connection *c)
{
    const char *end = memmem(c->answer, c->size, "\r\n\r\n", 4);
    const char *length = strcasestr(c->answer, "content-length:");
    size_t head;

    if (!end)
        return 0;
    head = (size_t)(end + 4 - c->answer);
    if (length && length < end)
        return head + strtoul(length + strlen("content-length:"), NULL, 10);
    return c->size >= 5 && !memcmp(c->answer + c->size - 5, "0\r\n\r\n", 5) ? c->size : 0;
}

static void end_read(pacing *p, connection *c)
{
    if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0)
        p->failed++;
    p->latencies_ns[p->ended++] =
        c->due_ns < due_ns(p, p->warming) ? -1 : now_ns() - c->due_ns; /* -1: not counted */
    p->free[p->free_count++] = c;
}

static void receive(pacing *p, connection *c)
{
    ssize_t got = recv(c->socket, c->answer + c->size, ANSWER_SIZE - 1 - c->size, 0);

    must(got > 0, "the server closed a connection, or the answer is too long");
    c->size += (size_t)got;
    c->answer[c->size] = 0;
    c->whole = whole_size(c);
    if (c->whole && c->size >= c->whole)
        end_read(p, c);
}

static void run(pacing *p)
{
    struct epoll_event events[EVENTS_MAX];

    p->began_ns = now_ns();
    begin_due_reads(p);
    while (p->ended < p->reads) {
        int count = epoll_wait(p->poller, events, EVENTS_MAX, -1);

        for (int i = 0; i < count; i++) {
            uint64_t times;

            if (events[i].data.ptr)
                receive(p, events[i].data.ptr);
            else
                (void)!read(p->timer, &times, sizeof(times)); /* only to make it quiet */
        }
        begin_due_reads(p);
    }
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static void print(pacing *p, double rate)
{
    int64_t first = 0, counted;
    const int64_t *sorted = p->latencies_ns;

    qsort(p->latencies_ns, (size_t)p->reads, sizeof(int64_t), by_size);
    while (first < p->reads && sorted[first] < 0)
        first++;
    counted = p->reads - first;
    must(counted > 0, "no read was counted");
    (void)printf(
        "{\"bench\":\"paced_reads\",\"rate\":%.0f,\"reads\":%lld,\"failed\":%lld,\"p50_us\":%lld,"
        "\"p99_us\":%lld,\"p999_us\":%lld,\"max_us\":%lld}\n",
        rate, (long long)counted, (long long)p->failed,
        (long long)(sorted[first + counted / 2] / 1000),
        (long long)(sorted[first + counted * 99 / 100] / 1000),
        (long long)(sorted[first + counted * 999 / 1000] / 1000),
        (long long)(sorted[p->reads - 1] / 1000));
}

int main(int count, char **words)
{
    static pacing p;
    double rate, seconds;
    int port;

    if (count != 6) {
        (void)fprintf(stderr, "paced_reads PORT PATH RATE SECONDS CONNECTIONS\n");
        return 2;
    }
    port = atoi(words[1]);
    rate = atof(words[3]);
    seconds = atof(words[4]);
    p.request_size =
        (size_t)snprintf(p.request, sizeof(p.request),
                         "GET %.400s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", words[2], port);
    p.interval_ns = (int64_t)(1e9 / rate);
    p.reads = (int64_t)(rate * seconds);
    p.warming = p.reads / 5;
    p.latencies_ns = calloc((size_t)p.reads, sizeof(int64_t));
    p.poller = epoll_create1(0);
    p.timer = timerfd_create(CLOCK_MONOTONIC, 0);
    must(p.latencies_ns && p.poller >= 0 && p.timer >= 0, "start");
    watch(&p, p.timer, NULL);
    for (int i = 0; i < atoi(words[5]) && i < CONNECTIONS_MAX; i++)
        p.free[p.free_count++] = connect_to(&p, port);
    run(&p);
    print(&p, rate);
    return 0;
}
