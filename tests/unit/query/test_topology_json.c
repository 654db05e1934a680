#include "http/topology_json.h"

#include "check.h"

static void check_json(const char *description, const char *expected)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;

    sf_json_writer_init(&json, &text);
    topology_json_write(description, &json);
    assert_string_equal(sf_buffer_text(&text), expected);
    sf_buffer_done(&text);
}

static void nodes_stand_in_their_subtopologies(void **state)
{
    (void)state;
    check_json("Topologies:\n"
               "   Sub-topology: 0\n"
               "    Source: a (topics: [x, y])\n"
               "      --> b\n"
               "    Processor: b (stores: [s])\n"
               "      --> c, d\n"
               "      <-- a\n"
               "    Sink: c (topic: z)\n"
               "      <-- b\n"
               "\n"
               "  Sub-topology: 1\n"
               "    Processor: d (stores: [])\n"
               "      --> none\n"
               "      <-- b\n",
               "{\"subtopologies\":[{\"id\":0,\"nodes\":["
               "{\"kind\":\"source\",\"name\":\"a\",\"topics\":[\"x\",\"y\"],\"stores\":[],"
               "\"from\":[],\"to\":[\"b\"]},"
               "{\"kind\":\"processor\",\"name\":\"b\",\"topics\":[],\"stores\":[\"s\"],"
               "\"from\":[\"a\"],\"to\":[\"c\",\"d\"]},"
               "{\"kind\":\"sink\",\"name\":\"c\",\"topics\":[\"z\"],\"stores\":[],"
               "\"from\":[\"b\"],\"to\":[]}]},"
               "{\"id\":1,\"nodes\":[{\"kind\":\"processor\",\"name\":\"d\",\"topics\":[],"
               "\"stores\":[],\"from\":[\"b\"],\"to\":[]}]}]}");
}

static void nothing_is_an_empty_list(void **state)
{
    (void)state;
    check_json("", "{\"subtopologies\":[]}");
    check_json("Topologies:\n", "{\"subtopologies\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_stand_in_their_subtopologies),
        cmocka_unit_test(nothing_is_an_empty_list),
    };

    return run_tests(tests);
}
