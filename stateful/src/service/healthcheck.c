#include "service/healthcheck.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 3, ANSWER_SIZE = 2048 };

static sf_status fail(sf_error *err, const char *sentence)
{
    (void)sf_fail(err, SF_TIMED_OUT, "%s", sentence);
    return SF_RETRY;
}

static const char *reachable(const char *address)
{
    if (!strcmp(address, "0.0.0.0"))
        return "127.0.0.1";
    return strcmp(address, "::") ? address : "::1";
}

static int open_socket(const struct addrinfo *at)
{
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (!connect(fd, at->ai_addr, at->ai_addrlen))
        return fd;
    close(fd);
    return -1;
}

static sf_status connect_to(const char *address, uint16_t port, int *fd, sf_error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found;
    char service[8];

    (void)snprintf(service, sizeof(service), "%u", (unsigned)port); /* always fits */
    if (getaddrinfo(reachable(address), service, &hints, &found))
        return sf_fail(err, SF_INVALID, "'%s' is no numeric address", address);
    *fd = open_socket(found);
    freeaddrinfo(found);
    if (*fd >= 0)
        return SF_OK;
    (void)sf_fail(err, SF_IO, "nothing answers at %s port %u: %s", reachable(address),
                  (unsigned)port, strerror(errno));
    return SF_RETRY;
}

/* Reads until the other end closes, or what there is room for; always ends with a NUL. */
static void read_answer(int fd, char answer[ANSWER_SIZE])
{
    size_t size = 0;
    ssize_t more;

    while (size + 1 < ANSWER_SIZE && (more = read(fd, answer + size, ANSWER_SIZE - 1 - size)) > 0)
        size += (size_t)more;
    answer[size] = 0;
}

static sf_status judge(const char *answer, sf_error *err)
{
    const char *body = strstr(answer, "\r\n\r\n");

    if (!strncmp(answer, "HTTP/1.1 200", 12))
        return SF_OK;
    if (!*answer)
        return fail(err, "there was no answer in time");
    return fail(err, body ? body + 4 : answer);
}

sf_status sf_healthcheck(const char *address, uint16_t port, sf_error *err)
{
    static const char question[] =
        "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char answer[ANSWER_SIZE] = "";
    int fd = -1;
    sf_status status = connect_to(address, port, &fd, err);

    if (status)
        return status;
    if (write(fd, question, sizeof(question) - 1) == (ssize_t)sizeof(question) - 1)
        read_answer(fd, answer);
    close(fd);
    return judge(answer, err);
}
