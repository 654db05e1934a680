#include "runtime/call_watch.h"

#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "check.h"

enum { LIMIT_MS = 20, THREADS = 2 };

typedef struct failure {
    sem_t once;
    sf_error error;
} failure;

static void on_failed(void *user, const sf_error *error)
{
    failure *self = user;

    self->error = *error;
    sem_post(&self->once);
}

static sf_call_watch *watch_over(const sf_broker_call *calls, sf_clock *clock, failure *told)
{
    const sf_broker_call *const pointers[THREADS] = {&calls[0], &calls[1]};
    sf_call_watch *watch = sf_call_watch_new(&(sf_call_watch_options){
        .calls = pointers,
        .count = THREADS,
        .limit_ms = LIMIT_MS,
        .clock = clock,
        .failed = on_failed,
        .user = told,
    });

    sem_init(&told->once, 0, 0);
    assert_ok(sf_call_watch_start(watch, err));
    return watch;
}

static void a_call_that_does_not_come_back_is_told(void **state)
{
    sf_broker_call calls[THREADS] = {0};
    failure told;
    sf_call_watch *watch = watch_over(calls, sf_clock_system(), &told);

    (void)state;
    sf_broker_call_begin(&calls[1], sf_clock_system(), "leave the group");
    sem_wait(&told.once);

    assert_int_equal(told.error.status, SF_STOP);
    assert_non_null(strstr(told.error.text, "stream thread 1 still waits for the broker to leave"));
    sf_call_watch_free(watch);
    sem_destroy(&told.once);
}

/* Each is over before the next begins, however long all of them take together. */
static void calls_that_come_back_are_not_told(void **state)
{
    sf_broker_call calls[THREADS] = {0};
    failure told = {0};
    sf_clock *clock = sf_clock_manual_new(0);
    sf_call_watch *watch = watch_over(calls, clock, &told);

    (void)state;
    for (int i = 0; i < 3 * LIMIT_MS; i++) {
        sf_broker_call_begin(&calls[0], clock, "leave the group");
        sf_clock_manual_advance(clock, 1);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* shorter is fine */
        sf_broker_call_end(&calls[0]);
    }
    sf_call_watch_free(watch);
    assert_int_equal(told.error.status, SF_OK);
    sem_destroy(&told.once);
    sf_clock_manual_free(clock);
}

static void a_thread_in_no_call_waits_for_nothing(void **state)
{
    sf_broker_call call = {0};
    const char *name = NULL;

    (void)state;
    assert_int_equal(sf_broker_call_ms(&call, sf_clock_system(), &name), -1);
    sf_broker_call_begin(&call, sf_clock_system(), "leave the group");
    assert_true(sf_broker_call_ms(&call, sf_clock_system(), &name) >= 0);
    assert_string_equal(name, "leave the group");
    sf_broker_call_end(&call);
    assert_int_equal(sf_broker_call_ms(&call, sf_clock_system(), &name), -1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_does_not_come_back_is_told),
        cmocka_unit_test(calls_that_come_back_are_not_told),
        cmocka_unit_test(a_thread_in_no_call_waits_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
