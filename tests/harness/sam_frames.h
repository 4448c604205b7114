/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the reader protocol (GA 467 module), published by dathlin/HslCommunication
 * (Profinet/IDCard/SAMSerial.cs), hevz/hev-idcard-reader and waitingsong/node-idcard-reader, and on
 * public protocol pages. Checksums of those marked computed follow from the published rule. */
#ifndef HARNESS_SAM_FRAMES_H
#define HARNESS_SAM_FRAMES_H

enum sam_frame_kind { REQUEST = 1, RESPONSE, INVALID, RESPONSE_HEAD };

struct sam_frame {
    enum sam_frame_kind kind;
    const char *meaning;
    const char *hex;
    unsigned sw; /* of a response: SW1 SW2 SW3 */
};

static const struct sam_frame sam_frames[] = {
    { REQUEST, "reset SAM", "AAAAAA9669000310FFEC", 0x0 },
    { REQUEST, "SAM status", "AAAAAA9669000311FFED", 0x0 },
    { REQUEST, "SAM id", "AAAAAA9669000312FFEE", 0x0 },
    { REQUEST, "find card", "AAAAAA96690003200122", 0x0 },
    { REQUEST, "select card", "AAAAAA96690003200221", 0x0 },
    { REQUEST, "read text+photo", "AAAAAA96690003300132", 0x0 },
    { REQUEST, "read text+photo+fingerprint", "AAAAAA96690003301023", 0x0 },
    { REQUEST, "read newest address", "AAAAAA96690003300330", 0x0 },
    { REQUEST, "max RF bytes 0x50", "AAAAAA9669000461FF50CA", 0x0 },
    { REQUEST, "baud 115200", "AAAAAA96690003600063", 0x0 }, /* computed */
    { REQUEST, "baud 57600", "AAAAAA96690003600162", 0x0 },  /* computed */
    { REQUEST, "baud 38400", "AAAAAA96690003600261", 0x0 },  /* computed */
    { REQUEST, "baud 19200", "AAAAAA96690003600360", 0x0 },  /* computed */
    { REQUEST, "baud 9600", "AAAAAA96690003600467", 0x0 },   /* computed */
    { RESPONSE, "status ok / command ok", "AAAAAA9669000400009094", 0x000090 },
    { RESPONSE, "self-test failed", "AAAAAA9669000400006064", 0x000060 },
    { RESPONSE, "card found", "AAAAAA9669000800009F0000000097", 0x00009F },
    { RESPONSE, "no card", "AAAAAA9669000400008084", 0x000080 },
    { RESPONSE, "selected", "AAAAAA9669000C00009000000000000000009C", 0x000090 },
    { RESPONSE, "select failed", "AAAAAA9669000400008185", 0x000081 },
    { RESPONSE, "read failed", "AAAAAA9669000400004145", 0x000041 },
    { RESPONSE, "card refused the reader (no authentication)", "AAAAAA9669000400003236", 0x000032 },
    { RESPONSE, "checksum error", "AAAAAA9669000400001014", 0x000010 },   /* computed */
    { RESPONSE, "length error", "AAAAAA9669000400001115", 0x000011 },     /* computed */
    { RESPONSE, "unknown command", "AAAAAA9669000400002125", 0x000021 },  /* computed */
    { RESPONSE, "item not on card", "AAAAAA9669000400009195", 0x000091 }, /* computed */
    { INVALID, "wrong checksum", "AAAAAA96690003200123", 0x0 },
    { INVALID, "wrong preamble byte", "AAAAAA96680003200123", 0x0 },
    { INVALID, "length longer than the data", "AAAAAA96690005200124", 0x0 },
    { INVALID, "zero length", "AAAAAA9669000000", 0x0 },
    { RESPONSE_HEAD, "read text+photo ok", "AAAAAA9669050800009001000400", 0x000090 },
    { RESPONSE_HEAD, "read text+photo+fingerprint ok (1024)", "AAAAAA9669090A000090010004000400",
      0x000090 },
    { RESPONSE_HEAD, "read text+photo+fingerprint ok (512)", "AAAAAA9669070A000090010004000200",
      0x000090 },
    { RESPONSE_HEAD, "read text+photo+fingerprint ok (none)", "AAAAAA9669050A000090010004000000",
      0x000090 },
};

enum { SAM_FRAME_COUNT = sizeof sam_frames / sizeof *sam_frames };

#endif
