/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between the gateway and a reader's process: a kind, then items of tag, length, bytes. */
#include "plugin/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/date.h"

enum tag {
    TAG_ID = 1,
    TAG_DEADLINE,
    TAG_CODE,
    TAG_STATE,
    TAG_TEXT,
    TAG_FIELD,
    TAG_VALUE,
    TAG_FILE,
    TAG_NAME,
    TAG_OPTION, /* each is followed by its value */
    TAG_OPTION_VALUE,
    TAG_GIVEN
};

/* The items a message of each kind has, all of them, each once; options besides. */
static const unsigned items_of[] = {
    [WIRE_START] = 1u << TAG_FILE | 1u << TAG_NAME,
    [WIRE_READ] = 1u << TAG_ID | 1u << TAG_DEADLINE | 1u << TAG_GIVEN,
    [WIRE_CANCEL] = 1u << TAG_ID,
    [WIRE_READY] = 0,
    [WIRE_FAILED] = 1u << TAG_CODE | 1u << TAG_TEXT,
    [WIRE_ANSWER] = 1u << TAG_ID | 1u << TAG_FIELD | 1u << TAG_VALUE,
    [WIRE_DONE] = 1u << TAG_ID | 1u << TAG_CODE | 1u << TAG_TEXT,
    [WIRE_STATE] = 1u << TAG_STATE | 1u << TAG_TEXT,
};

static void put_item(struct buf *out, enum tag tag, struct smg_str bytes)
{
    buf_byte(out, (unsigned char)tag);
    buf_u32(out, (uint32_t)bytes.len);
    buf_str(out, bytes);
}

static void put_number(struct buf *out, enum tag tag, uint64_t number)
{
    buf_byte(out, (unsigned char)tag);
    buf_u32(out, sizeof number);
    buf_u64(out, number);
}

static void put_value(struct buf *out, const struct smg_value *value)
{
    bool text = value->type == SMG_TEXT || value->type == SMG_BYTES;
    size_t len = text ? value->str.len : sizeof(uint64_t);

    buf_byte(out, TAG_VALUE);
    buf_u32(out, (uint32_t)len + 1);
    buf_byte(out, (unsigned char)value->type);
    if (text)
        buf_str(out, value->str);
    else if (value->type == SMG_BOOL)
        buf_u64(out, value->boolean);
    else if (value->type == SMG_DATE)
        buf_u64(out, date_pack(value->date));
    else
        buf_u64(out, (uint64_t)value->integer);
}

void wire_write(const struct wire_message *message, struct buf *out)
{
    unsigned items = items_of[message->kind];

    buf_byte(out, (unsigned char)message->kind);
    if (items & 1u << TAG_ID)
        put_number(out, TAG_ID, message->id);
    if (items & 1u << TAG_DEADLINE)
        put_number(out, TAG_DEADLINE, (uint64_t)message->deadline_ms);
    if (items & 1u << TAG_CODE)
        put_number(out, TAG_CODE, (uint64_t)(int64_t)message->code);
    if (items & 1u << TAG_STATE)
        put_number(out, TAG_STATE, (uint64_t)message->state);
    if (items & 1u << TAG_TEXT)
        put_item(out, TAG_TEXT, message->text);
    if (items & 1u << TAG_FIELD)
        put_item(out, TAG_FIELD, message->field);
    if (items & 1u << TAG_VALUE)
        put_value(out, &message->value);
    if (items & 1u << TAG_FILE)
        put_item(out, TAG_FILE, message->file);
    if (items & 1u << TAG_NAME)
        put_item(out, TAG_NAME, message->name);
    if (items & 1u << TAG_GIVEN)
        put_item(out, TAG_GIVEN, message->given);
    for (size_t i = 0; message->kind == WIRE_START && i < message->option_count; i++) {
        put_item(out, TAG_OPTION, message->options[i].name);
        put_item(out, TAG_OPTION_VALUE, message->options[i].value);
    }
}

static bool parse_number(struct smg_str item, uint64_t *out)
{
    return take_u64(&item, out) && item.len == 0;
}

static bool parse_value(struct smg_str item, struct smg_value *out)
{
    uint64_t number = 0;
    uint8_t type;

    if (!take_u8(&item, &type))
        return false;
    *out = (struct smg_value){ .type = (enum smg_type)type };
    if (type != SMG_TEXT && type != SMG_BYTES && !parse_number(item, &number))
        return false;
    switch (type) {
    case SMG_BOOL:
        out->boolean = number == 1;
        return number <= 1;
    case SMG_INT:
        out->integer = (int64_t)number;
        return true;
    case SMG_DATE:
        return number <= UINT32_MAX && date_unpack((uint32_t)number, &out->date);
    case SMG_TEXT:
    case SMG_BYTES:
        out->str = item;
        return true;
    }
    return false;
}

/* An option's value must follow its name: `open` is true in between. */
static bool parse_option(struct wire_message *out, enum tag tag, struct smg_str item, bool *open)
{
    if ((tag == TAG_OPTION_VALUE) != *open || out->kind != WIRE_START)
        return false;
    *open = !*open;
    if (!*open) {
        out->options[out->option_count++].value = item;
        return true;
    }
    if (out->option_count == WIRE_OPTIONS_MAX)
        return false;
    out->options[out->option_count].name = item;
    return true;
}

static bool parse_item(struct wire_message *out, enum tag tag, struct smg_str item)
{
    uint64_t number = 0;

    switch (tag) {
    case TAG_ID:
        return parse_number(item, &out->id);
    case TAG_DEADLINE:
        out->deadline_ms = parse_number(item, &number) ? (int64_t)number : -1;
        return out->deadline_ms >= 0;
    case TAG_CODE:
        if (!parse_number(item, &number) || (int64_t)number < INT32_MIN || (int64_t)number > 0)
            return false;
        out->code = (int32_t)(int64_t)number;
        return true;
    case TAG_STATE:
        out->state = parse_number(item, &number) && number <= SMG_OUT_OF_SERVICE
                         ? (enum smg_state)number
                         : (enum smg_state)0;
        return out->state != 0;
    case TAG_TEXT:
        out->text = item;
        return true;
    case TAG_FIELD:
        out->field = item;
        return true;
    case TAG_VALUE:
        return parse_value(item, &out->value);
    case TAG_FILE:
        out->file = item;
        return true;
    case TAG_NAME:
        out->name = item;
        return true;
    case TAG_GIVEN:
        out->given = item;
        return true;
    case TAG_OPTION:
    case TAG_OPTION_VALUE:
        break;
    }
    return false;
}

bool wire_parse(struct smg_str packet, struct wire_message *out)
{
    unsigned missing;
    bool open = false;
    uint8_t kind;

    memset(out, 0, sizeof *out);
    if (!take_u8(&packet, &kind) || kind < WIRE_START || kind > WIRE_STATE)
        return false;
    out->kind = (enum wire_kind)kind;
    missing = items_of[kind];
    while (packet.len > 0) {
        struct smg_str item;
        uint32_t len;
        uint8_t tag;

        if (!take_u8(&packet, &tag) || !take_u32(&packet, &len) || !take_bytes(&packet, len, &item))
            return false;
        if (tag == TAG_OPTION || tag == TAG_OPTION_VALUE) {
            if (!parse_option(out, (enum tag)tag, item, &open))
                return false;
            continue;
        }
        if (tag > TAG_GIVEN || !(missing & 1u << tag) || !parse_item(out, (enum tag)tag, item))
            return false;
        missing &= ~(1u << tag);
    }
    return missing == 0 && !open;
}

int wire_pair(int ends[2], struct smg_err *err)
{
    const int room = WIRE_BYTES + 4096;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return smg_fail(err, SMG_E_IO, "socketpair: %s", strerror(errno));
    for (int i = 0; i < 2; i++) {
        if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0)
            continue;
        smg_fail(err, SMG_E_IO, "setsockopt: %s", strerror(errno));
        close(ends[0]);
        close(ends[1]);
        return err->code;
    }
    return SMG_OK;
}

int wire_send(int socket, struct smg_str packet, int flags, struct smg_err *err)
{
    ssize_t sent;

    if (packet.len > WIRE_BYTES)
        return smg_fail(err, SMG_E_INVALID, "a message of %zu bytes is too long", packet.len);
    do
        sent = send(socket, packet.at, packet.len, MSG_NOSIGNAL | flags);
    while (sent < 0 && errno == EINTR);
    if (sent == (ssize_t)packet.len)
        return SMG_OK;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return smg_fail(err, SMG_E_BUSY, "the other end does not listen");
    return smg_fail(err, SMG_E_GONE, "send: %s", strerror(errno));
}

int wire_send_message(int socket, const struct wire_message *message, int flags,
                      struct smg_err *err)
{
    struct buf packet = { 0 };
    int code;

    wire_write(message, &packet);
    code = packet.failed ? smg_fail(err, SMG_E_MEMORY, "out of memory")
                         : wire_send(socket, buf_view(&packet), flags, err);
    buf_fini(&packet);
    return code;
}

int wire_receive(int socket, int flags, char *room, size_t size, size_t *used,
                 struct wire_message *out, struct smg_err *err)
{
    struct iovec part = { .iov_base = room, .iov_len = size };
    /* No room for ancillary data: descriptors a stranger sends along are closed by the kernel. */
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t len;

    do
        len = recvmsg(socket, &header, flags);
    while (len < 0 && errno == EINTR);
    *used = len < 0 ? 0 : (size_t)len;
    if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (len <= 0)
        return smg_fail(err, SMG_E_GONE, "the other end closed");
    if (header.msg_flags & MSG_TRUNC)
        return smg_fail(err, SMG_E_PROTOCOL, "a message is longer than %zu bytes", size);
    if (!wire_parse(str_bytes(room, *used), out))
        return smg_fail(err, SMG_E_PROTOCOL, "a message is malformed");
    return 1;
}
