/* c11_threads.c - lets ThreadSanitizer see librdkafka's threads and locks. It follows POSIX threads but
 * not those of <threads.h>, which librdkafka uses: our callbacks on such a thread would crash it. So under
 * the sanitizer these calls go to their POSIX twins, which glibc implements with the same objects. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "glibc's mutexes are one kind");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "glibc's conditions are one kind");

typedef struct start {
    thrd_start_t function;
    void *argument;
} start;

static void *run(void *data)
{
    start begin = *(start *)data;

    free(data);
    return (void *)(intptr_t)begin.function(begin.argument);
}

static int result_of(int code)
{
    switch (code) {
    case 0:
        return thrd_success;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    case ENOMEM:
        return thrd_nomem;
    default:
        return thrd_error;
    }
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    start *begin = malloc(sizeof(*begin));

    if (!begin)
        return thrd_nomem;
    *begin = (start){function, argument};
    return result_of(pthread_create(thread, NULL, run, begin));
}

int thrd_join(thrd_t thread, int *result)
{
    void *returned;
    int code = pthread_join(thread, &returned);

    if (!code && result)
        *result = (int)(intptr_t)returned;
    return result_of(code);
}

int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attributes;
    int code;

    pthread_mutexattr_init(&attributes);
    if (type & mtx_recursive)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    code = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return result_of(code);
}

void mtx_destroy(mtx_t *mutex)
{
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int mtx_lock(mtx_t *mutex)
{
    return result_of(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int mtx_trylock(mtx_t *mutex)
{
    return result_of(pthread_mutex_trylock((pthread_mutex_t *)mutex));
}

int mtx_unlock(mtx_t *mutex)
{
    return result_of(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

int cnd_init(cnd_t *condition)
{
    return result_of(pthread_cond_init((pthread_cond_t *)condition, NULL));
}

void cnd_destroy(cnd_t *condition)
{
    pthread_cond_destroy((pthread_cond_t *)condition);
}

int cnd_signal(cnd_t *condition)
{
    return result_of(pthread_cond_signal((pthread_cond_t *)condition));
}

int cnd_broadcast(cnd_t *condition)
{
    return result_of(pthread_cond_broadcast((pthread_cond_t *)condition));
}

int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    return result_of(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
                  const struct timespec *restrict until)
{
    return result_of(
        pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}

#endif
#endif
