/* SPDX-License-Identifier: Apache-2.0 */
/* The layout plugins were built against: every public struct's size and offsets, and every public
 * number. A plugin is a file of its own, so a change here breaks those that exist: structs that
 * carry a size may grow at their end (SMG_ABI_MINOR), anything else is a new SMG_ABI_MAJOR. */
#include <shiming/plugin.h>

#if defined(__x86_64__)

#define SIZE(name, bytes) _Static_assert(sizeof(struct name) == (bytes), "size of " #name)
#define AT(name, field, bytes)                                                                     \
    _Static_assert(offsetof(struct name, field) == (bytes), "place of " #name "." #field)

SIZE(smg_str, 16);
AT(smg_str, at, 0);
AT(smg_str, len, 8);

SIZE(smg_date, 4);
AT(smg_date, year, 0);
AT(smg_date, month, 2);
AT(smg_date, day, 3);

SIZE(smg_value, 24);
AT(smg_value, type, 0);
AT(smg_value, boolean, 8);
AT(smg_value, integer, 8);
AT(smg_value, date, 8);
AT(smg_value, str, 8);

SIZE(smg_err, 256);
AT(smg_err, code, 0);
AT(smg_err, text, 4);

SIZE(smg_option, 64);
AT(smg_option, name, 0);
AT(smg_option, type, 8);
AT(smg_option, flags, 12);
AT(smg_option, offset, 16);
AT(smg_option, min, 24);
AT(smg_option, max, 32);
AT(smg_option, preset, 40);
AT(smg_option, choices, 48);
AT(smg_option, help, 56);

SIZE(smg_host, 104);
AT(smg_host, size, 0);
AT(smg_host, abi_major, 4);
AT(smg_host, abi_minor, 6);
AT(smg_host, priv, 8);
AT(smg_host, log, 16);
AT(smg_host, state, 24);
AT(smg_host, answer, 32);
AT(smg_host, done, 40);
AT(smg_host, get, 48);
AT(smg_host, wait, 56);
AT(smg_host, watch, 64);
AT(smg_host, unwatch, 72);
AT(smg_host, after, 80);
AT(smg_host, forget, 88);
AT(smg_host, given, 96);

SIZE(smg_reader_ops, 16);
AT(smg_reader_ops, size, 0);
AT(smg_reader_ops, read, 8);

SIZE(smg_verifier_ops, 32);
AT(smg_verifier_ops, size, 0);
AT(smg_verifier_ops, verify, 8);
AT(smg_verifier_ops, cancel, 16);
AT(smg_verifier_ops, wants, 24);

SIZE(smg_reporter_ops, 24);
AT(smg_reporter_ops, size, 0);
AT(smg_reporter_ops, submit, 8);
AT(smg_reporter_ops, cancel, 16);

SIZE(smg_row, 64);
AT(smg_row, space, 0);
AT(smg_row, act, 4);
AT(smg_row, when, 8);
AT(smg_row, key, 16);
AT(smg_row, value, 32);
AT(smg_row, was, 48);

SIZE(smg_unit, 16);
AT(smg_unit, rows, 0);
AT(smg_unit, count, 8);

SIZE(smg_scan, 48);
AT(smg_scan, space, 0);
AT(smg_scan, from, 8);
AT(smg_scan, to, 24);
AT(smg_scan, backward, 40);
AT(smg_scan, limit, 44);

SIZE(smg_storage_ops, 72);
AT(smg_storage_ops, size, 0);
AT(smg_storage_ops, session_open, 8);
AT(smg_storage_ops, session_close, 16);
AT(smg_storage_ops, apply, 24);
AT(smg_storage_ops, get, 32);
AT(smg_storage_ops, scan, 40);
AT(smg_storage_ops, check, 48);
AT(smg_storage_ops, layout_version, 56);
AT(smg_storage_ops, layout_make, 64);

SIZE(smg_plugin, 96);
AT(smg_plugin, abi_major, 0);
AT(smg_plugin, abi_minor, 2);
AT(smg_plugin, size, 4);
AT(smg_plugin, option_size, 8);
AT(smg_plugin, kind, 12);
AT(smg_plugin, name, 16);
AT(smg_plugin, version, 24);
AT(smg_plugin, summary, 32);
AT(smg_plugin, config_size, 40);
AT(smg_plugin, options, 48);
AT(smg_plugin, open, 56);
AT(smg_plugin, start, 64);
AT(smg_plugin, stop, 72);
AT(smg_plugin, close, 80);
AT(smg_plugin, reader, 88);
AT(smg_plugin, storage, 88);
AT(smg_plugin, verifier, 88);
AT(smg_plugin, reporter, 88);

#endif

#define IS(name, number) _Static_assert((name) == (number), #name)

IS(SMG_ABI_MAJOR, 1);

IS(SMG_OK, 0);
IS(SMG_E_INVALID, -1);
IS(SMG_E_UNSUPPORTED, -2);
IS(SMG_E_NOT_FOUND, -3);
IS(SMG_E_EXISTS, -4);
IS(SMG_E_BUSY, -5);
IS(SMG_E_TIMEOUT, -6);
IS(SMG_E_CANCELLED, -7);
IS(SMG_E_IO, -8);
IS(SMG_E_PROTOCOL, -9);
IS(SMG_E_DENIED, -10);
IS(SMG_E_GONE, -11);
IS(SMG_E_MEMORY, -12);
IS(SMG_E_BUG, -13);
IS(SMG_E_FULL, -14);
IS(SMG_E_UNKNOWN, -15);
IS(SMG_E_NO_CARD, -16);
IS(SMG_E_CARD, -17);

IS(SMG_SPACE_META, 1);
IS(SMG_SPACE_REGISTRATION, 2);
IS(SMG_SPACE_INDEX, 3);
IS(SMG_SPACE_EVIDENCE, 4);
IS(SMG_SPACE_KEY, 5);
IS(SMG_SPACE_OUTBOX, 6);
IS(SMG_SPACE_AUDIT, 7);
IS(SMG_SPACE_DUE, 8);
IS(SMG_SPACE_POLICY, 9);
IS(SMG_SPACE_DEALER, 10);
IS(SMG_SPACE_STAFF, 11);
IS(SMG_SPACE_CASE, 12);
IS(SMG_SPACE_IDEMPOTENCY, 13);

IS(SMG_BOOL, 1);
IS(SMG_INT, 2);
IS(SMG_DATE, 3);
IS(SMG_TEXT, 4);
IS(SMG_BYTES, 5);

IS(SMG_OPT_BOOL, 1);
IS(SMG_OPT_INT, 2);
IS(SMG_OPT_MS, 3);
IS(SMG_OPT_BYTES, 4);
IS(SMG_OPT_TEXT, 5);
IS(SMG_OPT_SECRET, 6);
IS(SMG_OPT_PATH, 7);
IS(SMG_OPT_DEVICE, 8);
IS(SMG_OPT_SOCKET, 9);

IS(SMG_ERROR, 1);
IS(SMG_WARN, 2);
IS(SMG_INFO, 3);
IS(SMG_DEBUG, 4);

IS(SMG_READY, 1);
IS(SMG_OUT_OF_SERVICE, 2);

IS(SMG_READABLE, 1);
IS(SMG_WRITABLE, 2);

IS(SMG_PUT, 1);
IS(SMG_ERASE, 2);
IS(SMG_KEEP, 3);

IS(SMG_ALWAYS, 0);
IS(SMG_NEW, 1);
IS(SMG_IS, 2);

IS(SMG_READER, 1);
IS(SMG_STORAGE, 2);
IS(SMG_VERIFIER, 3);
IS(SMG_REPORTER, 4);

IS(SMG_REQUIRED, 1);

/* All of the test is that this file compiles. */
int main(void)
{
    return 0;
}
