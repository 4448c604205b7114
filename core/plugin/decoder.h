/* SPDX-License-Identifier: Apache-2.0 */
/* A program of the operator's that makes a picture of a portrait in a closed form, run apart: no
 * network, no files but its own and the system's libraries, no other process, 256 MiB, a deadline.
 * What it makes is shown, never kept; when it fails there is no picture and nothing else. */
#ifndef PLUGIN_DECODER_H
#define PLUGIN_DECODER_H

#include "loop/loop.h"

struct decoder;

/* program: an absolute path; the folder it is in may be read by it. On the loop's thread, as all
 * below but the child. NULL: out of memory. */
struct decoder *decoder_new(struct loop *loop, const char *program, int64_t timeout_ms);
/* What is being decoded ends without a picture. NULL is fine. */
void decoder_free(struct decoder *decoder);

/* type: "image/bmp", "image/jpeg" or "image/png"; NULL: there is no picture. */
typedef void (*decoder_done_fn)(void *ctx, const char *type, struct smg_str picture);
/* The program gets the bytes on its standard input and nothing else, and writes a picture of at
 * most 256 KiB to its standard output. fn is called exactly once, within the timeout, perhaps
 * before this returns. */
void decoder_run(struct decoder *decoder, struct smg_str bytes, decoder_done_fn fn, void *ctx);

/* The other end: becomes the program. Returns the exit status when it cannot. */
int decoder_child(const char *program);
#define DECODER_CHILD_VERB "decoder-process"

#endif
