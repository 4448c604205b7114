/* SPDX-License-Identifier: Apache-2.0 */
/* A USB reader with one pair of bulk endpoints, as most have (0400:C35A and its like): the bytes of
 * the serial line in transfers. libusb finds the endpoints and talks to the kernel; it is handed
 * the opened device, because a reader's process sees no sysfs and no udev. */
#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRANSFER_BYTES = 4096, DESCRIPTOR_BYTES = 18, FAREWELL_MS = 500, PATH_BYTES = 4096 };

/* One transfer at a time in each direction. */
struct way {
    struct libusb_transfer *transfer;
    uint8_t bytes[TRANSFER_BYTES];
    bool under_way, completed;
};

struct usb {
    libusb_context *context;
    libusb_device_handle *device;
    int interface; /* claimed; -1: none */
    uint8_t in_endpoint, out_endpoint;
    struct way in, out;
    size_t taken; /* of what came in */
};

static int fail_usb(struct smg_err *err, const char *what, int code)
{
    if (code == LIBUSB_ERROR_NO_DEVICE)
        return port_fail_gone(err);
    if (code == LIBUSB_ERROR_BUSY)
        return smg_fail(err, SMG_E_BUSY, "%s: in use by another program", what);
    return smg_fail(err, SMG_E_IO, "%s: %s", what, libusb_strerror(code));
}

/* "0400:c35a, 10c4:8a1b": is this device one of them? */
static bool is_listed(const char *ids, unsigned vendor, unsigned product)
{
    unsigned listed_vendor, listed_product;
    int used = 0;

    while (sscanf(ids, " %4x:%4x%n", &listed_vendor, &listed_product, &used) == 2) {
        if (listed_vendor == vendor && listed_product == product)
            return true;
        ids += used;
        ids += strspn(ids, " ,");
    }
    return false;
}

/* A device's file begins with its device descriptor (USB 2.0, 9.6.1). */
static bool is_reader(int fd, const char *ids)
{
    uint8_t descriptor[DESCRIPTOR_BYTES];

    return pread(fd, descriptor, sizeof descriptor, 0) == (ssize_t)sizeof descriptor &&
           is_listed(ids, (unsigned)(descriptor[8] | descriptor[9] << 8),
                     (unsigned)(descriptor[10] | descriptor[11] << 8));
}

/* The first listed device in a folder of one bus; -1: none. */
static int search_bus(const char *folder, const char *ids, bool *denied)
{
    DIR *bus = opendir(folder);
    const struct dirent *entry;
    char path[PATH_BYTES];
    int fd = -1;

    while (bus != NULL && fd < 0 && (entry = readdir(bus)) != NULL) {
        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        *denied |= fd < 0 && (errno == EACCES || errno == EPERM);
        if (fd >= 0 && !is_reader(fd, ids)) {
            close(fd);
            fd = -1;
        }
    }
    if (bus != NULL)
        closedir(bus);
    return fd;
}

static int search_buses(const char *folder, const char *ids, bool *denied)
{
    DIR *buses = opendir(folder);
    const struct dirent *entry;
    char path[PATH_BYTES];
    int fd = -1;

    while (buses != NULL && fd < 0 && (entry = readdir(buses)) != NULL)
        if (entry->d_name[0] != '.' &&
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path)
            fd = search_bus(path, ids, denied);
    if (buses != NULL)
        closedir(buses);
    return fd;
}

static int open_device(struct port *port, const char *where, struct smg_err *err)
{
    struct stat info;
    bool denied = false;

    if (stat(where, &info) == 0 && S_ISDIR(info.st_mode)) {
        port->fd = search_buses(where, port->usb_ids, &denied);
    } else {
        port->fd = open(where, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        denied = port->fd < 0 && (errno == EACCES || errno == EPERM);
    }
    if (port->fd >= 0)
        return SMG_OK;
    if (denied)
        return smg_fail(err, SMG_E_IO, "%s: no permission; a udev rule must give it to the gateway",
                        where);
    return smg_fail(err, SMG_E_GONE, "%s: no reader is plugged in", where);
}

static bool take_endpoints(const struct libusb_interface_descriptor *setting, struct usb *usb)
{
    usb->in_endpoint = usb->out_endpoint = 0;
    for (int i = 0; i < setting->bNumEndpoints; i++) {
        const struct libusb_endpoint_descriptor *endpoint = &setting->endpoint[i];

        if ((endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_BULK)
            continue;
        if (endpoint->bEndpointAddress & LIBUSB_ENDPOINT_IN)
            usb->in_endpoint = endpoint->bEndpointAddress;
        else
            usb->out_endpoint = endpoint->bEndpointAddress;
    }
    return usb->in_endpoint != 0 && usb->out_endpoint != 0;
}

/* The first interface with a bulk endpoint either way. */
static int claim(struct usb *usb, const char *where, struct smg_err *err)
{
    struct libusb_config_descriptor *config = NULL;
    int code = libusb_get_config_descriptor(libusb_get_device(usb->device), 0, &config);
    int found = -1;

    if (code != 0)
        return fail_usb(err, where, code);
    for (int i = 0; found < 0 && i < config->bNumInterfaces; i++)
        if (config->interface[i].num_altsetting > 0 &&
            take_endpoints(&config->interface[i].altsetting[0], usb))
            found = config->interface[i].altsetting[0].bInterfaceNumber;
    libusb_free_config_descriptor(config);
    if (found < 0)
        return smg_fail(err, SMG_E_UNSUPPORTED, "%s: it has no pair of bulk endpoints", where);
    (void)libusb_set_auto_detach_kernel_driver(usb->device, 1);
    code = libusb_claim_interface(usb->device, found);
    if (code != 0)
        return fail_usb(err, where, code);
    usb->interface = found;
    return SMG_OK;
}

static int usb_open(struct port *port, struct smg_op *op, const char *where, struct smg_err *err)
{
    struct usb *usb = calloc(1, sizeof *usb);
    int code;

    (void)op;
    port->usb = usb;
    if (usb == NULL)
        return smg_fail(err, SMG_E_MEMORY, "card reader");
    usb->interface = -1;
    (void)libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
    code = libusb_init(&usb->context);
    if (code != 0)
        return fail_usb(err, "libusb", code);
    if (open_device(port, where, err) != SMG_OK)
        return err->code;
    code = libusb_wrap_sys_device(usb->context, port->fd, &usb->device);
    if (code != 0)
        return fail_usb(err, where, code);
    usb->in.transfer = libusb_alloc_transfer(0);
    usb->out.transfer = libusb_alloc_transfer(0);
    if (usb->in.transfer == NULL || usb->out.transfer == NULL)
        return smg_fail(err, SMG_E_MEMORY, "card reader");
    return claim(usb, where, err);
}

static void turn(struct usb *usb, int ms)
{
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

    (void)libusb_handle_events_timeout_completed(usb->context, &time, NULL);
}

/* A transfer that the kernel still has must not lose its memory. */
static bool end_transfer(struct usb *usb, struct way *way)
{
    if (way->under_way && libusb_cancel_transfer(way->transfer) == 0)
        for (int i = 0; way->under_way && i < FAREWELL_MS / 10; i++)
            turn(usb, 10);
    if (way->under_way)
        return false;
    libusb_free_transfer(way->transfer);
    explicit_bzero(way->bytes, sizeof way->bytes);
    return true;
}

static void usb_close(struct port *port)
{
    struct usb *usb = port->usb;
    bool ended;

    if (usb == NULL)
        return;
    ended = end_transfer(usb, &usb->in);
    ended &= end_transfer(usb, &usb->out);
    if (usb->interface >= 0)
        (void)libusb_release_interface(usb->device, usb->interface);
    if (usb->device != NULL)
        libusb_close(usb->device);
    if (usb->context != NULL)
        libusb_exit(usb->context);
    if (port->fd >= 0)
        close(port->fd);
    if (ended)
        free(usb);
    port->fd = -1;
    port->usb = NULL;
}

static void LIBUSB_CALL on_transfer(struct libusb_transfer *transfer)
{
    struct way *way = transfer->user_data;

    way->under_way = false;
    way->completed = true;
}

static bool submit(struct usb *usb, struct way *way, uint8_t endpoint, size_t len)
{
    libusb_fill_bulk_transfer(way->transfer, usb->device, endpoint, way->bytes, (int)len,
                              on_transfer, way, 0);
    way->completed = false;
    way->under_way = libusb_submit_transfer(way->transfer) == 0;
    if (!way->under_way)
        errno = ENODEV;
    return way->under_way;
}

/* What became of a completed transfer, as read and write say it. */
static ssize_t result_of(struct usb *usb, struct way *way, uint8_t endpoint)
{
    switch (way->transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return way->transfer->actual_length;
    case LIBUSB_TRANSFER_STALL:
        (void)libusb_clear_halt(usb->device, endpoint);
        errno = EPROTO;
        return -1;
    case LIBUSB_TRANSFER_NO_DEVICE:
        errno = ENODEV;
        return -1;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_TIMED_OUT:
    case LIBUSB_TRANSFER_CANCELLED:
    case LIBUSB_TRANSFER_OVERFLOW:
        break;
    }
    errno = EPROTO;
    return -1;
}

static ssize_t not_yet(void)
{
    errno = EAGAIN;
    return -1;
}

/* A transfer of no bytes ends a series of full packets: it is not the end of anything else. */
static ssize_t usb_get(struct port *port, uint8_t *at, size_t room)
{
    struct usb *usb = port->usb;
    ssize_t got;

    if (!usb->in.under_way && !usb->in.completed &&
        !submit(usb, &usb->in, usb->in_endpoint, sizeof usb->in.bytes))
        return -1;
    turn(usb, 0);
    if (!usb->in.completed)
        return not_yet();
    got = result_of(usb, &usb->in, usb->in_endpoint);
    if (got > 0) {
        got -= (ssize_t)usb->taken;
        if ((size_t)got > room)
            got = (ssize_t)room;
        memcpy(at, usb->in.bytes + usb->taken, (size_t)got);
        usb->taken += (size_t)got;
        if (usb->taken < (size_t)usb->in.transfer->actual_length)
            return got;
    }
    usb->taken = 0;
    usb->in.completed = false;
    explicit_bzero(usb->in.bytes, sizeof usb->in.bytes);
    return got != 0 ? got : not_yet();
}

static ssize_t usb_put(struct port *port, const uint8_t *at, size_t len)
{
    struct usb *usb = port->usb;

    if (!usb->out.under_way && !usb->out.completed) {
        if (len > sizeof usb->out.bytes)
            len = sizeof usb->out.bytes;
        memcpy(usb->out.bytes, at, len);
        if (!submit(usb, &usb->out, usb->out_endpoint, len))
            return -1;
    }
    turn(usb, 0);
    if (!usb->out.completed)
        return not_yet();
    usb->out.completed = false;
    return result_of(usb, &usb->out, usb->out_endpoint);
}

/* The kernel says by "writable" that a transfer, of either direction, has ended. */
const struct transport transport_usb = {
    .open = usb_open, .close = usb_close, .get = usb_get, .put = usb_put, .readable = SMG_WRITABLE
};
