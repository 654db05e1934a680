#include "support/http_clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/memory.h"

enum { READ_SIZE = 16 * 1024, EVENTS = 256 };

typedef struct http_client {
    int fd;
    bool is_idle;
    sf_buffer received; /* of an answer that is not whole yet */
} http_client;

struct http_clients {
    int epoll;
    http_client *items;
    unsigned count;
    http_answered_fn answered;
    void *user;
};

static void fail(const char *what)
{
    fprintf(stderr, "http_clients: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)))
        fail("cannot connect");
    return fd;
}

http_clients *http_clients_new(uint16_t port, unsigned count, http_answered_fn answered, void *user)
{
    http_clients *clients = sf_zalloc(sizeof(*clients));

    clients->epoll = epoll_create1(EPOLL_CLOEXEC);
    clients->items = sf_zalloc(count * sizeof(*clients->items));
    clients->count = count;
    clients->answered = answered;
    clients->user = user;
    for (unsigned i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};

        clients->items[i] = (http_client){.fd = connect_to(port), .is_idle = true};
        if (epoll_ctl(clients->epoll, EPOLL_CTL_ADD, clients->items[i].fd, &event))
            fail("cannot watch a connection");
    }
    return clients;
}

void http_clients_free(http_clients *clients)
{
    for (unsigned i = 0; i < clients->count; i++) {
        close(clients->items[i].fd);
        sf_buffer_done(&clients->items[i].received);
    }
    close(clients->epoll);
    free(clients->items);
    free(clients);
}

void http_clients_send(http_clients *clients, unsigned client, sf_bytes request)
{
    http_client *to = &clients->items[client];

    if (write(to->fd, request.data, request.size) != (ssize_t)request.size)
        fail("cannot send a request");
    to->is_idle = false;
}

bool http_clients_is_idle(const http_clients *clients, unsigned client)
{
    return clients->items[client].is_idle;
}

/* The number behind a header's name; 0 if it is not there. */
static size_t number_of(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);

    return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* Whether the bytes hold a whole answer; they end with a NUL that does not count. */
static bool read_answer(sf_bytes bytes, http_answer *answer)
{
    const char *text = (const char *)bytes.data;
    const char *end = strstr(text, "\r\n\r\n");
    size_t body_size;

    if (!end)
        return false;
    answer->head = sf_bytes_of(text, (size_t)(end + 4 - text));
    body_size = number_of(text, "\r\nContent-Length:");
    if (bytes.size < answer->head.size + body_size)
        return false;
    answer->status = atoi(text + strlen("HTTP/1.1 "));
    answer->body = sf_bytes_of(text + answer->head.size, body_size);
    return true;
}

static void receive(http_clients *clients, unsigned number)
{
    http_client *client = &clients->items[number];
    http_answer answer = {.client = number};
    char bytes[READ_SIZE];
    ssize_t size = read(client->fd, bytes, sizeof(bytes));

    if (size <= 0)
        fail("a connection was closed");
    sf_buffer_add(&client->received, bytes, (size_t)size);
    (void)sf_buffer_text(&client->received); /* ends it with a NUL */
    if (!read_answer(sf_buffer_bytes(&client->received), &answer))
        return;
    client->is_idle = true;
    clients->answered(clients->user, &answer);
    sf_buffer_clear(&client->received);
}

void http_clients_serve(http_clients *clients, int64_t wait_us)
{
    struct epoll_event events[EVENTS];
    struct pollfd one = {.fd = clients->epoll, .events = POLLIN};
    struct timespec wait = {
        .tv_sec = (time_t)(wait_us / 1000000),
        .tv_nsec = (long)(wait_us % 1000000) * 1000,
    };
    int count;

    if (wait_us > 0 && ppoll(&one, 1, &wait, NULL) <= 0)
        return;
    count = epoll_wait(clients->epoll, events, EVENTS, 0);
    for (int i = 0; i < count; i++)
        receive(clients, events[i].data.u32);
}
