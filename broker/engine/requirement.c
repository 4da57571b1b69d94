#include "engine/requirement.h"

#include "base/little.h"

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

char *requirement_encode(const struct requirement *requirement, char *out)
{
    struct requirement sorted = *requirement;
    skills_sort(sorted.all, sorted.all_count);
    skills_sort(sorted.any, sorted.any_count);
    char *at = little_put(little_put(out, sorted.all_count, 1), sorted.any_count, 1);
    for (uint32_t i = 0; i < sorted.all_count; i++)
        at = write_level(at, sorted.all[i]);
    for (uint32_t i = 0; i < sorted.any_count; i++)
        at = write_level(at, sorted.any[i]);
    return at;
}

bool requirement_decode(struct span *bytes, struct requirement *out)
{
    *out = (struct requirement){0};
    if (bytes->size < 2)
        return false;
    uint32_t all = (unsigned char)bytes->data[0], any = (unsigned char)bytes->data[1], size = 2 + SKILL_LEVEL_BYTES * (all + any);
    if (all > REQUIREMENT_MAX || any > REQUIREMENT_MAX || bytes->size < size)
        return false;
    const char *at = bytes->data + 2;
    for (out->all_count = 0; out->all_count < all; at += SKILL_LEVEL_BYTES)
        out->all[out->all_count++] = read_level(at);
    for (out->any_count = 0; out->any_count < any; at += SKILL_LEVEL_BYTES)
        out->any[out->any_count++] = read_level(at);
    *bytes = (struct span){bytes->data + size, bytes->size - size};
    return true;
}

uint8_t skill_held(name_id skill, const struct skill_level *skills, uint32_t count)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (skills[middle].skill < skill)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && skills[low].skill == skill ? skills[low].level : 0;
}

static bool unmet(struct skill_level wanted, struct skill_level *lacking)
{
    if (lacking)
        *lacking = wanted;
    return false;
}

bool requirement_met(const struct requirement *requirement, const struct skill_level *skills, uint32_t skills_count,
                     struct skill_level *lacking)
{
    for (uint32_t i = 0; i < requirement->all_count; i++)
        if (skill_held(requirement->all[i].skill, skills, skills_count) < requirement->all[i].level)
            return unmet(requirement->all[i], lacking);
    for (uint32_t i = 0; i < requirement->any_count; i++)
        if (skill_held(requirement->any[i].skill, skills, skills_count) >= requirement->any[i].level)
            return true;
    return requirement->any_count == 0 || unmet(requirement->any[0], lacking);
}

uint32_t requirement_score(const struct requirement *requirement, const struct skill_level *skills, uint32_t skills_count)
{
    uint32_t score = 0;
    for (uint32_t i = 0; i < requirement->all_count; i++)
        score += skill_held(requirement->all[i].skill, skills, skills_count);
    for (uint32_t i = 0; i < requirement->any_count; i++) {
        uint8_t level = skill_held(requirement->any[i].skill, skills, skills_count);
        score += level >= requirement->any[i].level ? level : 0;
    }
    return score;
}
