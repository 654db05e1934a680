#include "circuit_breaker.h"

void circuit_breaker_init(circuit_breaker *breaker, unsigned failures_max)
{
    *breaker = (circuit_breaker){.state = CIRCUIT_OPEN, .failures_max = failures_max};
}

bool circuit_breaker_allows(const circuit_breaker *breaker)
{
    return breaker->state == CIRCUIT_CLOSED;
}

static bool become(circuit_breaker *breaker, circuit_state state)
{
    bool has_changed = breaker->state != state;

    breaker->state = state;
    breaker->failures = 0;
    return has_changed;
}

bool circuit_breaker_note_answer(circuit_breaker *breaker)
{
    return become(breaker, CIRCUIT_CLOSED);
}

bool circuit_breaker_note_failure(circuit_breaker *breaker)
{
    if (breaker->state == CIRCUIT_CLOSED && ++breaker->failures < breaker->failures_max)
        return false;
    return become(breaker, CIRCUIT_OPEN);
}

bool circuit_breaker_note_silence(circuit_breaker *breaker)
{
    return become(breaker, CIRCUIT_OPEN);
}

bool circuit_breaker_note_trial(circuit_breaker *breaker)
{
    return breaker->state == CIRCUIT_OPEN && become(breaker, CIRCUIT_HALF_OPEN);
}
