#include "service/timestamp.h"

enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600, MINUTE_SECONDS = 60 };

/* What is left to read of a timestamp. */
typedef struct cursor {
    const uint8_t *at;
    const uint8_t *end;
} cursor;

typedef struct date {
    int year; /* 0 to 9999 */
    int month;
    int day;
} date;

static bool take_number(cursor *text, int digit_count, int *number)
{
    int value = 0;

    if (text->end - text->at < digit_count)
        return false;
    for (int i = 0; i < digit_count; i++, text->at++) {
        if (*text->at < '0' || *text->at > '9')
            return false;
        value = value * 10 + (*text->at - '0');
    }
    *number = value;
    return true;
}

static bool take_one_of(cursor *text, const char *allowed, char *taken)
{
    if (text->at == text->end)
        return false;
    for (; *allowed; allowed++) {
        if (*text->at == (uint8_t)*allowed) {
            *taken = *allowed;
            text->at++;
            return true;
        }
    }
    return false;
}

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that
 * the leap day is a year's last; 400 years have 146,097 days. */
static int64_t days_of_date(date of)
{
    int64_t year = of.month > 2 ? of.year : of.year - 1;
    int64_t month = of.month > 2 ? of.month - 3 : of.month + 9;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * month + 2) / 5 + of.day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static date date_of_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    date found;

    found.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    found.month = (int)(month < 10 ? month + 3 : month - 9);
    found.year = (int)(year_of_era + era * 400 + (found.month <= 2));
    return found;
}

static bool take_date(cursor *text, int64_t *days)
{
    date taken;
    char dash;

    if (!take_number(text, 4, &taken.year) || !take_one_of(text, "-", &dash) ||
        !take_number(text, 2, &taken.month) || !take_one_of(text, "-", &dash) ||
        !take_number(text, 2, &taken.day))
        return false;
    if (taken.month < 1 || taken.month > 12 || taken.day < 1 ||
        taken.day > days_of_month(taken.year, taken.month))
        return false;
    *days = days_of_date(taken);
    return true;
}

static bool take_time_of_day(cursor *text, int64_t *seconds, bool *is_leap)
{
    int hour, minute, second;
    char colon;

    if (!take_number(text, 2, &hour) || !take_one_of(text, ":", &colon) ||
        !take_number(text, 2, &minute) || !take_one_of(text, ":", &colon) ||
        !take_number(text, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *seconds = hour * HOUR_SECONDS + minute * MINUTE_SECONDS + second;
    *is_leap = second == 60;
    return true;
}

static bool take_fraction(cursor *text, int64_t *fraction_ms)
{
    static const int weights[] = {100, 10, 1};
    int digit, count = 0;
    char point;

    *fraction_ms = 0;
    if (!take_one_of(text, ".", &point))
        return true;
    for (; take_number(text, 1, &digit); count++)
        if (count < 3)
            *fraction_ms += digit * weights[count];
    return count > 0;
}

static bool take_zone(cursor *text, int64_t *offset_seconds)
{
    int hour, minute;
    char sign, colon;

    if (!take_one_of(text, "Zz+- ", &sign))
        return false;
    *offset_seconds = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!take_number(text, 2, &hour) || !take_one_of(text, ":", &colon) ||
        !take_number(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *offset_seconds = hour * HOUR_SECONDS + minute * MINUTE_SECONDS;
    if (sign == '-')
        *offset_seconds = -*offset_seconds;
    return true;
}

static bool take_timestamp(cursor *text, int64_t *time_ms)
{
    int64_t days, seconds, fraction_ms, offset_seconds;
    char separator;
    bool is_leap;

    if (!take_date(text, &days) || !take_one_of(text, "Tt", &separator) ||
        !take_time_of_day(text, &seconds, &is_leap) || !take_fraction(text, &fraction_ms) ||
        !take_zone(text, &offset_seconds) || text->at != text->end)
        return false;
    seconds += days * DAY_SECONDS - offset_seconds;
    if (is_leap && seconds % DAY_SECONDS != 0) /* they come at the end of a UTC day only */
        return false;
    *time_ms = seconds * 1000 + fraction_ms;
    return *time_ms >= SF_TIMESTAMP_LEAST_MS && *time_ms <= SF_TIMESTAMP_MOST_MS;
}

sf_status sf_timestamp_parse(sf_bytes text, int64_t *time_ms, sf_error *err)
{
    cursor rest = {text.data, text.data + text.size};
    int64_t parsed;

    if (!text.size || !take_timestamp(&rest, &parsed))
        return sf_reject(err, "must be a date and time with a zone, like 2026-02-27T09:00:00Z or "
                              "2026-02-27T10:00:00+01:00");
    *time_ms = parsed;
    return SF_OK;
}

static char *put_number(char *to, int value, int digit_count)
{
    for (int i = digit_count - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + digit_count;
}

static char *put_time_of_day(char *to, int64_t seconds)
{
    to = put_number(to, (int)(seconds / HOUR_SECONDS), 2);
    *to++ = ':';
    to = put_number(to, (int)(seconds / MINUTE_SECONDS % 60), 2);
    *to++ = ':';
    return put_number(to, (int)(seconds % MINUTE_SECONDS), 2);
}

size_t sf_timestamp_format(int64_t time_ms, char text[SF_TIMESTAMP_TEXT_SIZE])
{
    int64_t day_ms = (int64_t)DAY_SECONDS * 1000, days, rest_ms;
    char *at = text;
    date day;

    if (time_ms < SF_TIMESTAMP_LEAST_MS)
        time_ms = SF_TIMESTAMP_LEAST_MS;
    if (time_ms > SF_TIMESTAMP_MOST_MS)
        time_ms = SF_TIMESTAMP_MOST_MS;
    days = time_ms / day_ms - (time_ms % day_ms < 0);
    rest_ms = time_ms - days * day_ms;
    day = date_of_days(days);
    at = put_number(at, day.year, 4);
    *at++ = '-';
    at = put_number(at, day.month, 2);
    *at++ = '-';
    at = put_number(at, day.day, 2);
    *at++ = 'T';
    at = put_time_of_day(at, rest_ms / 1000);
    if (rest_ms % 1000) {
        *at++ = '.';
        at = put_number(at, (int)(rest_ms % 1000), 3);
    }
    *at++ = 'Z';
    *at = 0;
    return (size_t)(at - text);
}
