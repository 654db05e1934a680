#include "support/raw_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"

enum { PATIENCE_SECONDS = 20, PIECE_SIZE = 16 * 1024 };

void raw_client_open(raw_client *client, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int one = 1;

    memset(client, 0, sizeof(*client));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client->fd >= 0);
    (void)setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)))
        fail_msg("cannot connect to port %u: %s", port, strerror(errno));
}

void raw_client_close(raw_client *client)
{
    close(client->fd);
    sf_buffer_done(&client->received);
    sf_buffer_done(&client->head);
    sf_buffer_done(&client->body);
}

void raw_client_send_bytes(raw_client *client, sf_bytes bytes)
{
    while (bytes.size) {
        ssize_t sent = send(client->fd, bytes.data, bytes.size, MSG_NOSIGNAL);

        if (sent <= 0)
            return; /* the answer, or that there is none, tells */
        bytes = sf_bytes_of(bytes.data + sent, bytes.size - (size_t)sent);
    }
}

void raw_client_send(raw_client *client, const char *text)
{
    raw_client_send_bytes(client, sf_bytes_text(text));
}

/* False: the connection is at its end. */
static bool receive_more(raw_client *client)
{
    ssize_t size =
        recv(client->fd, sf_buffer_reserve(&client->received, PIECE_SIZE), PIECE_SIZE, 0);

    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        fail_msg("the server is silent");
    if (size <= 0)
        return false;
    client->received.size += (size_t)size;
    return true;
}

static void take(raw_client *client, size_t size, sf_buffer *to)
{
    sf_buffer_clear(to);
    sf_buffer_add(to, client->received.data, size);
    client->received.size -= size;
    memmove(client->received.data, client->received.data + size, client->received.size);
}

static bool receive_head(raw_client *client)
{
    const char *text, *end;

    while (true) {
        text = sf_buffer_text(&client->received);
        end = strstr(text, "\r\n\r\n");
        if (end)
            break;
        if (!receive_more(client))
            return false;
    }
    take(client, (size_t)(end - text) + 4, &client->head);
    return true;
}

static bool receive_body(raw_client *client)
{
    const char *length = raw_client_header(client, "Content-Length");
    size_t size = length ? strtoull(length, NULL, 10) : 0;

    while (client->received.size < size)
        if (!receive_more(client))
            return false;
    take(client, size, &client->body);
    return true;
}

int raw_client_receive(raw_client *client, bool is_head)
{
    client->status = 0;
    sf_buffer_clear(&client->body);
    if (!receive_head(client))
        return 0;
    if (!is_head && !receive_body(client))
        return 0;
    client->status = atoi(sf_buffer_text(&client->head) + strlen("HTTP/1.1 "));
    return client->status;
}

int raw_client_ask(raw_client *client, const char *text)
{
    raw_client_send(client, text);
    return raw_client_receive(client, !strncmp(text, "HEAD ", 5));
}

const char *raw_client_body(raw_client *client)
{
    return sf_buffer_text(&client->body);
}

const char *raw_client_header(raw_client *client, const char *name)
{
    static _Thread_local char value[1024];
    const char *line = sf_buffer_text(&client->head);
    size_t size = strlen(name);

    while ((line = strstr(line, "\r\n"))) {
        line += 2;
        if (strncasecmp(line, name, size) != 0 || line[size] != ':')
            continue;
        line += size + 1;
        line += strspn(line, " ");
        size = strcspn(line, "\r");
        assert_true(size < sizeof(value));
        memcpy(value, line, size);
        value[size] = 0;
        return value;
    }
    return NULL;
}

void raw_client_drain(raw_client *client)
{
    while (receive_more(client))
        continue;
    sf_buffer_clear(&client->received);
}

bool raw_client_is_closed(raw_client *client)
{
    return !client->received.size && !receive_more(client);
}
