#include "service/lifecycle.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* In a child: begins, tells that it is up, waits for its end, tells again, and then hangs (a stop that
 * takes for ever) or leaves with what it was told. */
static void live(int tell_fd, bool hangs, bool stops_itself)
{
    int ended_by;

    if (sf_lifecycle_begin(NULL))
        _exit(99);
    if (stops_itself)
        sf_lifecycle_stop();
    if (write(tell_fd, "u", 1) != 1)
        _exit(98);
    ended_by = sf_lifecycle_wait();
    if (write(tell_fd, "e", 1) != 1)
        _exit(97);
    while (hangs)
        pause();
    _exit(ended_by);
}

typedef struct child {
    pid_t pid;
    int told_fd;
} child;

static child start(bool hangs, bool stops_itself)
{
    child made;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    made.pid = fork();
    assert_true(made.pid >= 0);
    if (!made.pid)
        live(ends[1], hangs, stops_itself);
    close(ends[1]);
    made.told_fd = ends[0];
    return made;
}

static void await(child *of, char told)
{
    char letter = 0;

    assert_int_equal(read(of->told_fd, &letter, 1), 1);
    assert_int_equal(letter, told);
}

static int status_of(child *of)
{
    int status;

    assert_int_equal(waitpid(of->pid, &status, 0), of->pid);
    close(of->told_fd);
    return status;
}

static void a_signal_ends_the_wait(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM};

    (void)state;
    for (int i = 0; i < 2; i++) {
        child of = start(false, false);
        int status;

        await(&of, 'u');
        kill(of.pid, signals[i]);
        await(&of, 'e');
        status = status_of(&of);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), signals[i]);
    }
}

static void a_second_signal_ends_the_process_at_once(void **state)
{
    child of = start(true, false);
    int status;

    (void)state;
    await(&of, 'u');
    kill(of.pid, SIGTERM);
    await(&of, 'e');
    kill(of.pid, SIGTERM);
    status = status_of(&of);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void a_stop_from_inside_ends_the_wait(void **state)
{
    child of = start(false, true);
    int status;

    (void)state;
    await(&of, 'u');
    await(&of, 'e');
    status = status_of(&of);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(a_second_signal_ends_the_process_at_once),
        cmocka_unit_test(a_stop_from_inside_ends_the_wait),
    };

    return run_tests(tests);
}
