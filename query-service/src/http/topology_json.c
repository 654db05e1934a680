/* topology_json.c - reads the lines of the description, whose form is Kafka Streams' own:
 *
 *        Sub-topology: 0
 *         Source: NAME (topics: [a, b])
 *           --> NAME, NAME
 *         Processor: NAME (stores: [a])
 *           --> none
 *           <-- NAME
 *         Sink: NAME (topic: a)
 */
#include "http/topology_json.h"

#include <stdlib.h>
#include <string.h>

typedef struct text_line {
    const char *at;
    size_t size;
} text_line;

static bool next_line(const char **rest, text_line *line)
{
    const char *end;

    if (!**rest)
        return false;
    end = strchrnul(*rest, '\n');
    line->at = *rest + strspn(*rest, " ");
    line->size = end < line->at ? 0 : (size_t)(end - line->at);
    *rest = *end ? end + 1 : end;
    return true;
}

/* Whether the line begins so; then passes over it. */
static bool takes(text_line *line, const char *begin)
{
    size_t size = strlen(begin);

    if (line->size < size || memcmp(line->at, begin, size) != 0)
        return false;
    line->at += size;
    line->size -= size;
    return true;
}

/* The part of the line up to a mark, which is passed over; all of it if the mark is not there. */
static sf_bytes cut(text_line *line, const char *mark)
{
    const char *found = memmem(line->at, line->size, mark, strlen(mark));
    sf_bytes part = sf_bytes_of(line->at, found ? (size_t)(found - line->at) : line->size);
    size_t passed = found ? part.size + strlen(mark) : line->size;

    line->at += passed;
    line->size -= passed;
    return part;
}

/* "a, b" as a list; "none" and nothing as an empty one. */
static void write_names(sf_json_writer *json, const char *member, sf_bytes names)
{
    text_line rest = {(const char *)names.data, names.size};

    sf_json_write_array(json, member);
    while (rest.size) {
        sf_bytes name = cut(&rest, ", ");

        if (!sf_bytes_equal(name, sf_bytes_text("none")))
            sf_json_write_bytes(json, NULL, name);
    }
    sf_json_write_end_array(json);
}

typedef struct node {
    const char *kind; /* NULL: none is open */
    sf_bytes name, topics, stores, from, to;
} node;

static void end_node(node *open, sf_json_writer *json)
{
    if (!open->kind)
        return;
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "kind", open->kind);
    sf_json_write_bytes(json, "name", open->name);
    write_names(json, "topics", open->topics);
    write_names(json, "stores", open->stores);
    write_names(json, "from", open->from);
    write_names(json, "to", open->to);
    sf_json_write_end_object(json);
    *open = (node){0};
}

static bool begins_node(text_line *line, node *open)
{
    if (takes(line, "Source: "))
        open->kind = "source";
    else if (takes(line, "Processor: "))
        open->kind = "processor";
    else if (takes(line, "Sink: "))
        open->kind = "sink";
    else
        return false;
    open->name = cut(line, " (");
    if (takes(line, "topics: ["))
        open->topics = cut(line, "]");
    else if (takes(line, "topic: "))
        open->topics = cut(line, ")");
    else if (takes(line, "stores: ["))
        open->stores = cut(line, "]");
    return true;
}

static bool is_node(const text_line *line)
{
    text_line copy = *line;

    return takes(&copy, "Source: ") || takes(&copy, "Processor: ") || takes(&copy, "Sink: ");
}

static void end_subtopology(bool *is_open, node *open, sf_json_writer *json)
{
    end_node(open, json);
    if (*is_open) {
        sf_json_write_end_array(json);
        sf_json_write_end_object(json);
    }
    *is_open = false;
}

static void begin_subtopology(text_line *line, bool *is_open, sf_json_writer *json)
{
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", strtoll(line->at, NULL, 10));
    sf_json_write_array(json, "nodes");
    *is_open = true;
}

void topology_json_write(const char *description, sf_json_writer *json)
{
    bool is_open = false;
    node open = {0};
    text_line line;

    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "subtopologies");
    while (next_line(&description, &line)) {
        if (takes(&line, "Sub-topology: ")) {
            end_subtopology(&is_open, &open, json);
            begin_subtopology(&line, &is_open, json);
        } else if (is_node(&line)) {
            end_node(&open, json);
            (void)begins_node(&line, &open); /* it does */
        } else if (takes(&line, "--> ")) {
            open.to = cut(&line, "\n");
        } else if (takes(&line, "<-- ")) {
            open.from = cut(&line, "\n");
        }
    }
    end_subtopology(&is_open, &open, json);
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
}
