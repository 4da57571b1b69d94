#include "config/config_source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    READ_BYTES = 64 << 10,
    NAME_SHOWN_MAX = 160, /* of a longer file name the end is shown, so that the error itself still fits */
};

static enum status read_all(struct config_source *source, FILE *file)
{
    size_t got;
    do {
        got = fread(buffer_reserve(&source->bytes, READ_BYTES), 1, READ_BYTES, file);
        source->bytes.size += got;
        if (source->bytes.size > CONFIG_BYTES_MAX) {
            config_refuse_line(source, 0, "the file is larger than %d MiB", CONFIG_BYTES_MAX >> 20);
            return STATUS_bad_config;
        }
    } while (got > 0);
    if (ferror(file)) {
        config_refuse_line(source, 0, "cannot read it: %s", strerror(errno));
        return STATUS_not_found;
    }
    return STATUS_ok;
}

enum status config_source_read(struct config_source *source)
{
    FILE *file = fopen(source->path, "rb");
    if (!file) {
        config_refuse_line(source, 0, "cannot open it: %s", strerror(errno));
        return STATUS_not_found;
    }
    enum status status = read_all(source, file);
    fclose(file);
    return status;
}

static void put_name(char out[256], const char *name)
{
    size_t size = strlen(out);
    if (name)
        snprintf(out + size, 256 - size, ".%s", name);
}

static void put_number(char out[256], uint32_t number)
{
    size_t size = strlen(out);
    if (number != CONFIG_NONE)
        snprintf(out + size, 256 - size, "[%u]", number);
}

void config_place_text(struct config_place place, char out[256])
{
    snprintf(out, 256, "%s", place.section);
    put_number(out, place.item);
    put_name(out, place.list);
    put_number(out, place.list_item);
    put_name(out, place.field);
    put_number(out, place.entry);
}

/* Values of the file are quoted in errors and errors go to logs and terminals: no control character may pass. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

__attribute__((format(printf, 4, 0))) static void keep_error(struct config_source *source, unsigned long line, const char *path,
                                                             const char *format, va_list arguments)
{
    char *out = source->error->text, number[32] = "";
    size_t room = sizeof source->error->text, length = strlen(source->path);
    const char *name = length > NAME_SHOWN_MAX ? source->path + length - NAME_SHOWN_MAX : source->path;
    if (line)
        snprintf(number, sizeof number, ":%lu", line);
    int size = snprintf(out, room, "%s%s: %.160s%s", name, number, path, *path ? ": " : "");
    vsnprintf(out + size, room - (size_t)size, format, arguments);
    make_printable(out);
    source->refused = true;
}

void config_refuse(struct config_source *source, struct config_place place, const char *format, ...)
{
    char path[256];
    va_list arguments;
    if (source->refused)
        return;
    config_place_text(place, path);
    va_start(arguments, format);
    keep_error(source, config_source_line(source, path), path, format, arguments);
    va_end(arguments);
}

void config_refuse_path(struct config_source *source, const char *path, const char *format, ...)
{
    va_list arguments;
    if (source->refused)
        return;
    va_start(arguments, format);
    keep_error(source, config_source_line(source, path), path, format, arguments);
    va_end(arguments);
}

void config_refuse_line(struct config_source *source, unsigned long line, const char *format, ...)
{
    va_list arguments;
    if (source->refused)
        return;
    va_start(arguments, format);
    keep_error(source, line, "", format, arguments);
    va_end(arguments);
}

void config_source_fini(struct config_source *source)
{
    buffer_fini(&source->bytes);
}
