#include "service/listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    LOOK_MS = 5,
    QUIET_MS = 50, /* longer than the handshakes that are under way take */
};

static sf_status look_up(const sf_listener_address *address, struct addrinfo **found, sf_error *err)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
    };
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", (unsigned)address->port); /* always fits */
    if (getaddrinfo(address->host, port, &hints, found))
        return sf_fail(err, SF_INVALID, "'%s' is no numeric address to listen on, like 127.0.0.1",
                       address->host);
    return SF_OK;
}

static sf_status fail_to_bind(const sf_listener_address *address, sf_error *err)
{
    const char *setting = address->port_setting;

    if (errno == EADDRINUSE && setting)
        return sf_fail(err, SF_BUSY, "port %u is in use: set %s to a free one", address->port,
                       setting);
    if (errno == EADDRINUSE)
        return sf_fail(err, SF_BUSY, "port %u is in use", address->port);
    if (errno == EACCES && setting)
        return sf_fail(err, SF_INVALID, "port %u is not allowed for this user: set %s above 1023",
                       address->port, setting);
    if (errno == EADDRNOTAVAIL)
        return sf_fail(err, SF_INVALID, "the address %s is none of this machine", address->host);
    return sf_fail(err, SF_IO, "cannot listen on %s port %u: %s", address->host, address->port,
                   strerror(errno));
}

static sf_status listen_at(const sf_listener_address *address, const struct addrinfo *found,
                           int *fd, sf_error *err)
{
    int one = 1, opened;

    opened = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (opened < 0)
        return sf_fail(err, SF_IO, "cannot make a socket: %s", strerror(errno));
    /* A port whose old connections are still dying may be taken again; a listening one may not. */
    (void)setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(opened, found->ai_addr, found->ai_addrlen) || listen(opened, SOMAXCONN)) {
        sf_status status = fail_to_bind(address, err);

        close(opened);
        return status;
    }
    *fd = opened;
    return SF_OK;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);

    if (getsockname(fd, (struct sockaddr *)&bound, &size))
        return 0;
    if (bound.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
    return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

sf_status sf_listener_open(const sf_listener_address *address, int *fd, uint16_t *port,
                           sf_error *err)
{
    struct addrinfo *found;
    sf_status status;

    status = look_up(address, &found, err);
    if (status)
        return status;
    status = listen_at(address, found, fd, err);
    freeaddrinfo(found);
    if (!status)
        *port = port_of(*fd);
    return status;
}

/* Drops segments that open a connection (SYN without ACK), as if they were lost on their way; handshakes
 * that are under way come to their end. A kernel that refuses leaves things as they were. */
static void drop_newcomers(int fd)
{
    enum { FLAGS_AT = 13, SYN = 0x02, SYN_AND_ACK = 0x12, WHOLE = 0x40000 };
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN_AND_ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, WHOLE),
    };
    struct sock_fprog filter = {.len = SF_ARRAY_LENGTH(steps), .filter = steps};

    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

/* Of a listening socket the kernel tells here how many connections wait to be accepted. */
static bool somebody_waits(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);

    return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) && info.tcpi_unacked > 0;
}

void sf_listener_turn_away(int fd, int64_t wait_ms)
{
    int64_t quiet_ms = 0;

    drop_newcomers(fd);
    for (int64_t ms = 0; ms < wait_ms && quiet_ms < QUIET_MS; ms += LOOK_MS) {
        (void)poll(NULL, 0, LOOK_MS); /* there is no event to wait for */
        quiet_ms = somebody_waits(fd) ? 0 : quiet_ms + LOOK_MS;
    }
}
