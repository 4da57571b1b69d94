#include "proto/status.h"

const char *status_name(enum status status)
{
    switch (status) {
#define STATUS(number, name, text)                                                                                                         \
    case STATUS_##name:                                                                                                                    \
        return #name;
#include "proto/status.def"
#undef STATUS
    }
    return "unknown";
}

const char *status_text(enum status status)
{
    switch (status) {
#define STATUS(number, name, text)                                                                                                         \
    case STATUS_##name:                                                                                                                    \
        return text;
#include "proto/status.def"
#undef STATUS
    }
    return "a status that this version does not know";
}
