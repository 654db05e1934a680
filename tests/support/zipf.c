#include "support/zipf.h"

#include <math.h>

#define SCATTER UINT64_C(2654435761)

static double density(const zipf *law, double x)
{
    return pow(x, -law->exponent);
}

/* From 1 to x. */
static double integral(const zipf *law, double x)
{
    double power = 1 - law->exponent;

    return fabs(power) < 1e-9 ? log(x) : (pow(x, power) - 1) / power;
}

static double inverse_integral(const zipf *law, double area)
{
    double power = 1 - law->exponent;

    return fabs(power) < 1e-9 ? exp(area) : pow(1 + area * power, 1 / power);
}

void zipf_init(zipf *law, uint64_t count, double exponent)
{
    *law = (zipf){.count = count, .exponent = exponent};
    law->area_from = integral(law, 1.5) - 1;
    law->area_to = integral(law, (double)count + 0.5);
    law->accepted = 2 - inverse_integral(law, integral(law, 2.5) - density(law, 2));
}

static double even(sf_random *random)
{
    return (double)(sf_random_next(random) >> 11) * (1.0 / 9007199254740992.0);
}

uint64_t zipf_next(const zipf *law, sf_random *random)
{
    for (;;) {
        double area = law->area_from + even(random) * (law->area_to - law->area_from);
        double x = inverse_integral(law, area);
        double nearest = floor(x + 0.5);

        if (nearest < 1)
            nearest = 1;
        if (nearest > (double)law->count)
            nearest = (double)law->count;
        if (nearest - x <= law->accepted ||
            area >= integral(law, nearest + 0.5) - density(law, nearest))
            return (uint64_t)nearest - 1;
    }
}

uint64_t zipf_next_scattered(const zipf *law, sf_random *random)
{
    return zipf_next(law, random) * SCATTER % law->count;
}
