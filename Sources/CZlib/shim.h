#pragma once
#include <zlib.h>

// Macros with arguments cannot be called from Swift.

/// Prepares a stream to be read as gzip (RFC 1952), and as nothing else.
static inline int sheaf_zlib_begin_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
