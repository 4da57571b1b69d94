#include "engine/requirement.h"

static struct span write_level(char *at, struct skill_level level)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(level.skill >> (8 * i));
    at[4] = (char)level.level;
    return (struct span){at, 5};
}

static struct skill_level read_level(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    struct skill_level level = {0};
    for (int i = 0; i < 4; i++)
        level.skill |= (name_id)bytes[i] << (8 * i);
    level.level = bytes[4];
    return level;
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
    uint32_t size = 0;
    out[size++] = (char)sorted.all_count;
    out[size++] = (char)sorted.any_count;
    for (uint32_t i = 0; i < sorted.all_count; i++)
        size += write_level(out + size, sorted.all[i]).size;
    for (uint32_t i = 0; i < sorted.any_count; i++)
        size += write_level(out + size, sorted.any[i]).size;
    return (struct span){out, size};
}

bool requirement_decode(struct span bytes, struct requirement *out)
{
    *out = (struct requirement){0};
    if (bytes.size == 0)
        return true;
    if (bytes.size < 2)
        return false;
    uint8_t all = (uint8_t)bytes.data[0], any = (uint8_t)bytes.data[1];
    if (all > REQUIREMENT_MAX || any > REQUIREMENT_MAX || bytes.size != 2u + 5u * (all + any))
        return false;
    const char *at = bytes.data + 2;
    for (out->all_count = 0; out->all_count < all; at += 5)
        out->all[out->all_count++] = read_level(at);
    for (out->any_count = 0; out->any_count < any; at += 5)
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
