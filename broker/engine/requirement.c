#include "engine/requirement.h"

#include "base/little.h"

enum { LEVEL_BYTES = 5 }; /* skill and level */

static char *write_level(char *at, struct skill_level level)
{
    return little_put(little_put(at, level.skill, 4), level.level, 1);
}

static struct skill_level read_level(const char *at)
{
    return (struct skill_level){(name_id)little_get(at, 4), (uint8_t)at[4]};
}

void skills_sort(struct skill_level *skills, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct skill_level moving = skills[i];
        uint32_t to = i;
        for (; to && skills[to - 1].skill > moving.skill; to--)
            skills[to] = skills[to - 1];
        skills[to] = moving;
    }
}

struct span requirement_encode(const struct requirement *requirement, char out[REQUIREMENT_BYTES_MAX])
{
    struct requirement sorted = *requirement;
    if (!sorted.all_count && !sorted.any_count)
        return (struct span){out, 0};
    skills_sort(sorted.all, sorted.all_count);
    skills_sort(sorted.any, sorted.any_count);
    char *at = little_put(little_put(out, sorted.all_count, 1), sorted.any_count, 1);
    for (uint32_t i = 0; i < sorted.all_count; i++)
        at = write_level(at, sorted.all[i]);
    for (uint32_t i = 0; i < sorted.any_count; i++)
        at = write_level(at, sorted.any[i]);
    return (struct span){out, (uint32_t)(at - out)};
}

bool requirement_decode(struct span bytes, struct requirement *out)
{
    *out = (struct requirement){0};
    if (bytes.size == 0)
        return true;
    if (bytes.size < 2)
        return false;
    uint32_t all = (unsigned char)bytes.data[0], any = (unsigned char)bytes.data[1];
    if (all > REQUIREMENT_MAX || any > REQUIREMENT_MAX || bytes.size != 2 + LEVEL_BYTES * (all + any))
        return false;
    const char *at = bytes.data + 2;
    for (out->all_count = 0; out->all_count < all; at += LEVEL_BYTES)
        out->all[out->all_count++] = read_level(at);
    for (out->any_count = 0; out->any_count < any; at += LEVEL_BYTES)
        out->any[out->any_count++] = read_level(at);
    return true;
}

static bool has_level(struct skill_level wanted, const struct skill_level *skills, uint32_t count)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (skills[middle].skill < wanted.skill)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && skills[low].skill == wanted.skill && skills[low].level >= wanted.level;
}

bool requirement_met(const struct requirement *requirement, const struct skill_level *skills, uint32_t skills_count)
{
    for (uint32_t i = 0; i < requirement->all_count; i++)
        if (!has_level(requirement->all[i], skills, skills_count))
            return false;
    for (uint32_t i = 0; i < requirement->any_count; i++)
        if (has_level(requirement->any[i], skills, skills_count))
            return true;
    return requirement->any_count == 0;
}
