/** The adapter between the engine and one Jetty HTTP/2 stream. Internal: only this library's own modules use it. */
@NullMarked
package io.h2conn.jetty;

import org.jspecify.annotations.NullMarked;
