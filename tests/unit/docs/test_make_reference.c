/* The reference is made of headers whose every name has a comment; what has none is a warning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static char folder[] = "/tmp/stateful-reference-XXXXXX";

/* Tests run from the root of the repository. */
static int make_reference(const char *header, char *output, size_t size)
{
    char command[512];
    FILE *file;
    FILE *pipe;

    (void)snprintf(command, sizeof(command), "%s/thing.h", folder);
    file = fopen(command, "w");
    assert_non_null(file);
    fputs(header, file);
    fclose(file);
    (void)snprintf(command, sizeof(command), "docs/make-reference %s/out %s/thing.h 2>&1", folder,
                   folder);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, size - 1, pipe)] = 0;
    return pclose(pipe);
}

static void assert_warning(const char *header, const char *warning)
{
    char output[1024];

    assert_int_not_equal(make_reference(header, output, sizeof(output)), 0);
    if (!strstr(output, warning))
        fail_msg("it says \"%s\", not \"%s\"", output, warning);
}

static void a_page_is_made_of_comments_and_declarations(void **state)
{
    char output[1024];
    char path[128];
    sf_buffer page = SF_BUFFER_EMPTY;

    (void)state;
    assert_int_equal(make_reference("/* thing.h - things. Any thread. */\n"
                                    "typedef struct sf_thing sf_thing;\n\n"
                                    "/* Makes one. */\n"
                                    "sf_thing *sf_thing_new(void);\n",
                                    output, sizeof(output)),
                     0);
    (void)snprintf(path, sizeof(path), "%s/out/thing.h.md", folder);
    assert_ok(sf_file_read(path, &page, err));
    assert_non_null(strstr(sf_buffer_text(&page), "Makes one."));
    assert_non_null(strstr(sf_buffer_text(&page), "sf_thing *sf_thing_new(void);"));
    sf_buffer_done(&page);
}

static void a_name_without_comment_is_a_warning(void **state)
{
    (void)state;
    assert_warning("/* thing.h - things. Any thread. */\n\nint sf_thing_count(void);\n",
                   "sf_thing_count has no comment");
    assert_warning("/* thing.h - things. Any thread. */\n\ntypedef struct sf_thing {\n"
                   "    int count; /* of it */\n} sf_thing;\n",
                   "sf_thing has no comment");
    assert_warning("/* thing.h - things. Any thread. */\n\n"
                   "static inline int sf_thing_one(void)\n{\n    return 1;\n}\n",
                   "sf_thing_one has no comment");
}

static void a_function_says_on_which_thread_it_runs(void **state)
{
    (void)state;
    assert_warning("/* thing.h - things. */\n\n/* How many. */\nint sf_thing_count(void);\n",
                   "on which thread sf_thing_count runs");
}

static void a_header_begins_with_a_comment(void **state)
{
    (void)state;
    assert_warning("#ifndef THING\n", "does not begin with a comment");
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return sf_directory_remove(folder, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_made_of_comments_and_declarations),
        cmocka_unit_test(a_name_without_comment_is_a_warning),
        cmocka_unit_test(a_function_says_on_which_thread_it_runs),
        cmocka_unit_test(a_header_begins_with_a_comment),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
